"""Functions of the inner loop itself, which the model calls like any tool."""

from pydantic import Field

from agent.domain.base import Form
from agent.domain.plan import Add, NewSubtask


class CitedClaim(Form):
    """One checkable statement of the answer."""

    text: str = Field(min_length=1, max_length=2000, description="the statement as one full sentence")
    evidence: list[str] = Field(
        default_factory=list,
        max_length=10,
        description="evidence ids of tool results, or document:sentence numbers such as 0a1b2c3d4e:14-15",
    )


class Submit(Form):
    """Hand in the result and end the work.

    Every fact and number of the answer must stand in a claim that cites its evidence. Milestones with a check are
    tested by running them; a submission whose checks fail comes back to you.
    """

    answer: str = Field(min_length=1, description="the result, complete, for the person who asked")
    claims: list[CitedClaim] = Field(default_factory=list, max_length=100)
    artefacts: list[str] = Field(default_factory=list, description="paths of files that are part of the result")
    success: bool = Field(default=True, description="false when the goal was not reached; say why in the answer")
    surprise: str = Field(
        default="", max_length=2000, description="what should change the rest of the plan; empty if nothing"
    )


class MakePlan(Form):
    """Split the task into subtasks, only when it needs several separate pieces of work. Never plan what you can do now.

    Subtasks that do not depend on each other are worked on at the same time, in one shared workspace.
    """

    subtasks: list[NewSubtask] = Field(min_length=1)

    def edits(self) -> list[Add]:
        """Return the edits that make this plan out of an empty one."""
        return [Add(op="add", subtask=subtask) for subtask in self.subtasks]


class AskPerson(Form):
    """Ask the person who gave the task. Only for what nothing else can tell you; the work waits for the answer."""

    question: str = Field(min_length=1, max_length=2000)
    options: list[str] = Field(default_factory=list, max_length=8)


class Research(Form):
    """Find something out on the web. Pages are searched, opened and read for you.

    What bears on the question is kept word for word. Ask one full question; several calls in one reply are researched
    at the same time. You get an answer and quotes; a claim cites the ids of those that say it, such as root.2.0.E1.
    """

    question: str = Field(
        min_length=1, max_length=2000, description="one question that can be understood without anything else"
    )


class FindTools(Form):
    """Find more tools than those you were given, by what they shall do. Those found can be called from then on."""

    query: str = Field(min_length=1, max_length=500, description="what a tool shall do, in a few words")


class Recall(Form):
    """Show the output of an earlier tool call again, in full."""

    evidence_id: str
