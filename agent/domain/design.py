"""What came of designing an artefact: parts, candidates, what was seen, what was tried, round by round (Luban)."""

from typing import Literal

from pydantic import Field

from agent.domain.artefacts import Criteria, CriterionResult, Inspection, Repair, View
from agent.domain.base import Fact

Aspect = Literal["present", "position", "proportion", "orientation", "other"]

Stop = Literal["accepted", "untried", "rounds", "budget", "stalled", "nothing_built", "untestable"]
"""Why a design came to its end. ``untried``: nothing speaks against it, but it was not to be tried out.
``untestable``: there are no criteria that it could be tried out by, and no program was written."""


class PartPlan(Fact):
    """One part of what is to be made, before there is a program.

    Attributes:
        name: what programs are to call it.
        purpose: what it is there for.
        shape: its form, size with units, and place among the others.
    """

    name: str = Field(min_length=1, max_length=64)
    purpose: str
    shape: str


class Finding(Fact):
    """Something that is wrong with what was seen, or missing in it.

    Attributes:
        part: the part it is about; None for the whole.
    """

    part: str | None = None
    aspect: Aspect
    problem: str = Field(min_length=1)
    suggestion: str = ""


class Critique(Fact):
    """What was seen in the views of a candidate: visual verification.

    Attributes:
        by: who looked: a model at pictures, a model at descriptions, or rules that need no model.
        score: 0 (nothing as wished) to 1; None where nobody who can judge it looked.
        failure: why a model's look came to nothing; it is then no verdict at all.
    """

    by: Literal["vision", "descriptions", "rules"]
    score: float | None = Field(default=None, ge=0, le=1)
    findings: tuple[Finding, ...] = ()
    failure: str = ""


class Attempt(Fact):
    """A program of a candidate that made nothing, or nothing that could be used, and why."""

    program: str
    error: str


class Candidate(Fact):
    """One program with what it made and what came of that.

    Attributes:
        id: unique in the design, such as ``r1.c2``.
        program: the last one, as written; ``sha256`` of its text names it elsewhere.
        attempts: programs before it that failed.
        failure: why nothing was made; empty where something was.
    """

    id: str
    program: str
    attempts: tuple[Attempt, ...] = ()
    failure: str = ""
    inspection: Inspection | None = None
    views: tuple[View, ...] = ()
    critiques: tuple[Critique, ...] = ()
    results: tuple[CriterionResult, ...] = ()


class Round(Fact):
    """One round of a design.

    Attributes:
        number: from 1.
        best: id of the best candidate so far, of this round or an earlier one.
        reflection: what the next round is told to change; empty in the last.
        change: unified diff of the round's best program to the one it was made from; empty in the first.
    """

    number: int = Field(ge=1)
    candidates: tuple[Candidate, ...]
    best: str | None = None
    reflection: str = ""
    change: str = ""


class Design(Fact):
    """The whole course of a design; the best round is what is returned, not the last.

    Attributes:
        criteria: those in force at the end.
        criteria_sha256: of the criteria before the first program.
        repairs: how criteria were tried before; what they ask for never changes.
        visual, pragmatic: whether candidates were looked at, and tried out.
        best: id of the candidate that is handed over; None where nothing was built.
        accepted: it was tried out, every ``must`` passed with its control failing, and, unless nobody was to look,
            nobody who did thought it far from what was wished.
        notes: what the reader should know besides, one sentence each.
    """

    criteria: Criteria
    criteria_sha256: str
    repairs: tuple[Repair, ...] = ()
    parts: tuple[PartPlan, ...] = ()
    rounds: tuple[Round, ...] = ()
    visual: bool = True
    pragmatic: bool = True
    best: str | None = None
    accepted: bool = False
    stop: Stop
    notes: tuple[str, ...] = ()

    @property
    def handed_over(self) -> Candidate | None:
        """The best candidate; None where nothing was built."""
        return next((one for turn in self.rounds for one in turn.candidates if one.id == self.best), None)
