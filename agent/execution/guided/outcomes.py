"""What a guided strategy hands back for one part of a goal: an answer with its evidence, or the reason for none."""

from typing import Literal

from agent.domain.base import Fact
from agent.domain.claims import CheckedClaim, Claim, Finding
from agent.domain.plan import Result


class Outcome(Fact):
    """The end of one part.

    Attributes:
        question: the part as it was asked.
        answer: the answer; for a part that was withheld, the answer that could not be verified, or nothing.
        status: ``accepted`` when every check passed, else ``withheld``.
        reason: why it was withheld, in one sentence.
        evidence: ids of what the answer rests on.
        findings: what each check said, in the order in which they ran.
    """

    question: str
    answer: str = ""
    status: Literal["accepted", "withheld"]
    reason: str = ""
    evidence: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the answer may be shown as verified."""
        return self.status == "accepted"

    def as_result(self, name: str) -> Result:
        """Return what is handed in for this part; withholding is no failure, it is what was asked for.

        Args:
            name: begins the id of the claim.
        """
        if not self.accepted:
            found = f" What was found and not verified: {self.answer}." if self.answer else ""
            text = f"Withheld: {self.reason}.{found}"
            return Result(
                answer=text, success=True, assembled=True, withheld=(text,), doubted=self._doubted(f"{name}.c1")
            )
        claim = Claim(id=f"{name}.c1", text=self.answer, evidence=self.evidence, question=self.question)
        return Result(
            answer=self.answer, success=True, claims=(claim,), assembled=True, judgements={claim.id: self.findings}
        )

    def _doubted(self, name: str) -> tuple[CheckedClaim, ...]:
        if not self.answer:
            return ()
        claim = Claim(id=name, text=self.answer, evidence=self.evidence, question=self.question)
        reason = Finding(method="guided", passed=False, detail=self.reason)
        return (CheckedClaim(claim=claim, verdict="unverifiable", findings=(*self.findings, reason)),)


class CitedOutcome(Outcome):
    """An answer copied from a document, with the place it stands at; ``first`` and ``last`` are sentence numbers."""

    document: str = ""
    title: str = ""
    location: str = ""
    first: int = 0
    last: int = 0
    quote: str = ""


class ComputedOutcome(Outcome):
    """A value computed from a workspace file by two routes that agree.

    Attributes:
        programs: step names of their tool calls.
        source: the program that a model wrote, whole, so that it can be run again; empty where there is none.
    """

    path: str = ""
    programs: tuple[str, ...] = ()
    source: str = ""


class Withheld(Exception):
    """A check did not pass: the strategy ends without an answer.

    Attributes:
        reason: one sentence for the user.
        answer: what could not be verified, where there was something.
    """

    def __init__(self, reason: str, answer: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.answer = answer
