"""Checkable statements of an answer and what became of them."""

from typing import Literal

from pydantic import Field

from agent.domain.base import Fact

Verdict = Literal["supported", "contradicted", "qualified", "not_found", "unverifiable", "error"]


class Claim(Fact):
    """One checkable statement.

    Attributes:
        text: the statement; where ``question`` is given, the answer to it.
        evidence: ids of the evidence it rests on.
        question: what the statement answers, where it is no full sentence; empty for the goal of the run.
    """

    id: str
    text: str = Field(min_length=1)
    evidence: tuple[str, ...] = ()
    question: str = ""


class Finding(Fact):
    """What one method said about a claim: the cheapest methods come first."""

    method: str
    passed: bool | None = Field(description="None: the method could not decide")
    detail: str


class CheckedClaim(Fact):
    """A claim with its verdict and the findings that led to it."""

    claim: Claim
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
