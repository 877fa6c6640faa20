"""The final answer of a run, with everything that shows whether it is true."""

from typing import Literal

from pydantic import Field

from agent.domain.artefacts import Artefact
from agent.domain.asking import Answered
from agent.domain.base import Fact
from agent.domain.budget import Usage
from agent.domain.checks import CheckResult
from agent.domain.claims import CheckedClaim, Checking
from agent.domain.design import Design
from agent.domain.evidence import Evidence
from agent.domain.messages import Picture
from agent.domain.plan import Plan

ReportOutcome = Literal["verified", "unverified", "failed", "budget_exhausted", "cancelled"]


class DrawnPicture(Picture):
    """A picture that a tool call of the run gave back, with the evidence id of that call."""

    evidence: str


class Report(Fact):
    """What the user gets.

    ``verified`` means that every claim is supported, every check passed, every subtask was done, and every file named
    as a result is there; an answer that shows less is ``unverified``. Nothing in a report depends on when or where it
    was made, so that a replay gives the same report.

    Attributes:
        limited: the answer was made by a model that can do guided tasks only.
        untrusted: text of unknown origin was read on the way, so that a follow-up must not act on it unasked.
        pictures: what tool calls drew, by their evidence ids; files of the workspace are artefacts.
        removed: paths of input files that the run deleted.
        checking: how the claims were checked, round by round; None in reports of earlier versions.
        notes: what the reader should know, one sentence each.
        answered: the question, and what was given for the answer, where the task was a question put in one way.
        design: the course of a design, where the task was something to be made.
    """

    schema_version: Literal[1] = 1
    goal: str
    answer: str
    outcome: ReportOutcome
    claims: tuple[CheckedClaim, ...] = ()
    checking: Checking | None = None
    evidence: tuple[Evidence, ...] = ()
    artefacts: tuple[Artefact, ...] = ()
    pictures: tuple[DrawnPicture, ...] = ()
    removed: tuple[str, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    plan: Plan = Field(default_factory=Plan)
    usage: Usage = Field(default_factory=Usage)
    models: tuple[str, ...] = ()
    limited: bool = False
    untrusted: bool = False
    notes: tuple[str, ...] = ()
    answered: Answered | None = None
    design: Design | None = None

    @property
    def exit_code(self) -> int:
        """Exit code of a command that ends with this report.

        An answer to a question for which no verification was asked, or which was accepted, is what was wanted, also
        where claims of it stay open.
        """
        if self.outcome == "unverified" and self.answered is not None:
            return 3 if self.answered.mode == "cok+f2" and not self.answered.accepted else 0
        return {"verified": 0, "unverified": 3, "failed": 1, "budget_exhausted": 4, "cancelled": 1}[self.outcome]
