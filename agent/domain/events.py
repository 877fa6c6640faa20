"""Events of a run's ledger, and the commands a person can send to a run."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from agent.domain.base import Fact
from agent.domain.budget import Budget
from agent.domain.plan import Edit

EventKind = Literal[
    "run",  # created, status, lease
    "command",  # a person asks for something
    "inbox",  # the run took commands and notices at a safe point
    "model",  # effect: a model call
    "tool",  # effect: a tool call
    "person",  # effect: a person's answer
    "setting",  # effect: date, sandbox and tools the run works with
    "plan",  # a version of the plan
    "subtask",  # a subtask starts or ends
    "action",  # a browsing session began or did an action, or a pipeline came to its result
    "check",  # how far the check of a text has come
    "design",  # something of a design stands: criteria, parts, a candidate, what trying it out gave, a round
    "egress",  # the sandbox asked something of the outside
    "retry",  # a model call will be repeated
    "sandbox",  # a snapshot was taken, or the sandbox was lost and opened again
    "report",  # the final answer
]
Phase = Literal["fact", "started", "done"]
RunStatus = Literal["queued", "running", "waiting", "paused", "finished", "failed", "cancelled"]
TERMINAL: frozenset[RunStatus] = frozenset({"finished", "failed", "cancelled"})


class Event(Fact):
    """One entry of a run's ledger.

    ``seq`` counts from 1 without gaps. ``key`` names an effect or a fact so that a re-run finds it again; it is None
    for what only happened once, such as a change of status.
    """

    run_id: str
    seq: int
    at: datetime
    kind: EventKind
    key: str | None
    phase: Phase
    payload: dict[str, Any]


class Pause(Fact):
    """Stop at the next safe point."""

    op: Literal["pause"] = "pause"


class Cancel(Fact):
    """End the run for good."""

    op: Literal["cancel"] = "cancel"


class Answer(Fact):
    """Answer the question that a run waits for."""

    op: Literal["answer"] = "answer"
    question: str = Field(description="key of the question")
    text: str


class Guide(Fact):
    """Say something that the planner and all executors should know from now on."""

    op: Literal["guide"] = "guide"
    text: str = Field(min_length=1, max_length=20_000)


class EditPlan(Fact):
    """Change the plan; refused when the plan has moved on from ``version``."""

    op: Literal["edit_plan"] = "edit_plan"
    version: int
    edits: tuple[Edit, ...] = Field(min_length=1)


class SetBudget(Fact):
    """Replace the run's budget; a run that stopped for its budget continues in place when resumed."""

    op: Literal["set_budget"] = "set_budget"
    budget: Budget


Command = Annotated[Pause | Cancel | Answer | Guide | EditPlan | SetBudget, Field(discriminator="op")]
