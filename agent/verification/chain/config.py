"""How claims are checked and rethought."""

from typing import Literal

from pydantic import Field

from agent.domain.base import Form


class CheckingConfig(Form):
    """Settings of checking, as ``[checking]`` of the settings file.

    Attributes:
        share: part of each limit of a run's budget that checking and rethinking may use; when it is used up, models are
            no longer asked and what is left stays unchecked.
        calls: calls of models that checking and rethinking one answer may take, whatever the budget.
        rounds: how often failed sentences are written anew at most; 0 only checks.
        gamma: weight of factuality in the score; the rest is that of faithfulness.
        threshold: score from which on an answer in which nothing is contradicted is accepted.
        tolerance: share of the claims that may stay neither supported nor contradicted in a verified report.
        parallel: claims that are judged at the same time.
        claims: claims of one text that are checked at most, the first ones; the rest is said to be unchecked.
        extraction: who takes the claims out of texts that are checked: ``rules``, which cost nothing, or the ``model``
            in the verifier's role, which also finds triples in less plain sentences and tells what pronouns stand for.
        knowledge: names of the knowledge bases that claims are looked up in.
    """

    share: float = Field(default=0.3, gt=0, le=1)
    calls: int = Field(default=1000, ge=1)
    rounds: int = Field(default=3, ge=0, le=10)
    gamma: float = Field(default=0.5, ge=0, le=1)
    threshold: float = Field(default=0.7, ge=0, le=1)
    tolerance: float = Field(default=0.0, ge=0, le=1)
    parallel: int = Field(default=4, ge=1, le=64)
    claims: int = Field(default=200, ge=1)
    extraction: Literal["rules", "model"] = "rules"
    knowledge: tuple[str, ...] = ()
