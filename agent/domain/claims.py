"""Checkable statements of an answer and what became of them."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from agent.domain.base import Fact
from agent.domain.budget import Usage

Verdict = Literal["supported", "contradicted", "qualified", "not_found", "unverifiable", "error"]
"""``contradicted``: there is evidence of the contrary. ``qualified``: it holds with a limit the claim leaves out, or
sources disagree. ``not_found``: the evidence does not say it, which proves nothing. ``unverifiable``: there is nothing
that could decide it, or no judge did. ``error``: checking failed."""

ClaimKind = Literal["fact", "number", "code", "citation", "opinion"]
"""``opinion`` is nothing that could be true or false, and is not judged."""

Tier = Literal["T0", "T1", "T2", "T3"]
"""Of judges, cheapest first: quotes; deterministic; ranking, which gives no verdict; models."""

StopReason = Literal["accepted", "rounds", "no gain", "repeated", "budget", "no evidence", "not rethought"]
"""Why an answer was not rethought once more: nothing in it is refuted and its score is high enough; the limit of rounds
was reached; the last round was no better than one before; the same claims failed as in a round before; the budget's
share for checking is used up; there was nothing to rethink with; it was not wanted, or failed."""


class Statement(Fact):
    """A triple that somebody asserts, by the names they use.

    Attributes:
        positive: False where the triple is denied.
        qualifiers: what limits it, such as ``{"time": "1990"}`` or ``{"unit": "km"}``; the keys are free.
    """

    subject: str = Field(min_length=1)
    relation: str = Field(min_length=1)
    object: str = Field(min_length=1)
    positive: bool = True
    qualifiers: Mapping[str, str] = {}


class Claim(Fact):
    """One checkable statement.

    Attributes:
        text: the statement, which stands for itself; where ``question`` is given, the answer to it.
        evidence: ids of the evidence it rests on.
        question: what the statement answers, where it is no full sentence; empty for the goal of the run.
        kind: what sort of statement it is.
        sentence: the sentence of the text that it was taken from; empty where it is that sentence, or has no place.
        start: code-point offset of that sentence in the text, and ``end`` of its end; None where it has no place.
        triples: what it says, as triples; empty where it was not taken apart.
    """

    id: str
    text: str = Field(min_length=1)
    evidence: tuple[str, ...] = ()
    question: str = ""
    kind: ClaimKind = "fact"
    sentence: str = ""
    start: int | None = Field(default=None, ge=0)
    end: int | None = Field(default=None, ge=0)
    triples: tuple[Statement, ...] = ()


class Finding(Fact):
    """What one method said about a claim: the cheapest methods come first."""

    method: str
    passed: bool | None = Field(description="None: the method could not decide")
    detail: str


class Judgement(Fact):
    """The verdict of one judge on one claim.

    Attributes:
        judge: name of the judge, such as ``arithmetic``.
        detail: one line a person can follow: what was compared, computed or run.
        evidence: ids of the evidence it rests on.
        quote: verbatim text of that evidence, checked to stand there; empty for judges that cite nothing.
        triple: which of the claim's triples it is about, counted from 0; None for the whole claim.
        model: who judged, where it was a model.
        usage: what judging cost.
    """

    judge: str
    tier: Tier
    verdict: Verdict
    detail: str
    evidence: tuple[str, ...] = ()
    quote: str = ""
    triple: int | None = Field(default=None, ge=0)
    model: str = ""
    usage: Usage = Field(default_factory=Usage)


class CheckedClaim(Fact):
    """A claim with its verdict, and the findings and judgements that led to it."""

    claim: Claim
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    judgements: tuple[Judgement, ...] = ()


class ChainScore(Fact):
    """F² of an answer (Chain-of-Knowledge, arXiv 2306.06427), with what it was made of. Shares are from 0 to 1.

    Attributes:
        factuality: supported among the claims that something could decide; 1 where there are none of these.
        faithfulness: how far the answer follows from its accepted claims alone; None where that was not examined.
        coverage: sentences that state something and have a claim, among those that state something.
        gamma: weight of factuality; the rest is that of faithfulness.
        threshold: from where on an answer is accepted, if nothing in it is contradicted.
        score: ``gamma * factuality + (1 - gamma) * faithfulness``; factuality alone where faithfulness is None.
        checked: how many claims something decided, of ``claims`` that are no opinions.
        uncovered: sentences that state something and have no claim; the first 100 of them.
        unfounded: sentences that do not follow from the accepted claims; the first 100 of them.
        unused: ids of accepted claims without which every sentence follows that follows with them: the answer does not
            rest on these.
    """

    factuality: float = Field(ge=0, le=1)
    faithfulness: float | None = Field(default=None, ge=0, le=1)
    coverage: float = Field(default=1.0, ge=0, le=1)
    gamma: float = Field(ge=0, le=1)
    threshold: float = Field(ge=0, le=1)
    score: float = Field(ge=0, le=1)
    checked: int = Field(ge=0)
    claims: int = Field(ge=0)
    uncovered: tuple[str, ...] = ()
    unfounded: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


class Round(Fact):
    """One round of rethinking: the answer as it then was and its score; round 0 is the draft.

    Attributes:
        changed: the sentences that were written anew, as they were before.
        contradicted: ids of the claims that something refutes.
        open: ids of those that are neither refuted nor supported.
        usage: what the round cost, its checks included.
    """

    number: int = Field(ge=0)
    answer: str
    score: ChainScore
    changed: tuple[str, ...] = ()
    contradicted: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    usage: Usage = Field(default_factory=Usage)


class Checking(Fact):
    """How the claims of an answer were checked, all rounds together.

    Attributes:
        rounds: the rounds in order; ``best`` is the number of the one that was kept.
        stopped: why there was no further round.
        unchecked: one sentence for each thing that was not checked, with the reason.
    """

    rounds: tuple[Round, ...] = Field(min_length=1)
    best: int = Field(ge=0)
    stopped: StopReason
    unchecked: tuple[str, ...] = ()
