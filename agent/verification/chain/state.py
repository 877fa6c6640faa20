"""What passes between the nodes of a chain of checks, and what they work with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, TypedDict

from agent.domain.budget import Usage
from agent.domain.claims import CheckedClaim, Claim, Round, StopReason
from agent.domain.evidence import Evidence
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.judging import Quotes
from agent.verification.chain.looked import Looked
from agent.verification.chain.parts import Parts
from agent.verification.sentences import Span


@dataclass(frozen=True)
class Chain:
    """What the graph's nodes work with."""

    parts: Parts
    config: CheckingConfig
    step: str
    quotes: Quotes


@dataclass(frozen=True)
class Done:
    """A round with the claims of its answer, and the sentences of it from which no claim was taken."""

    round: Round
    claims: tuple[CheckedClaim, ...]
    uncovered: tuple[str, ...] = ()


class State(TypedDict, total=False):
    """What passes from node to node.

    Attributes:
        places, bases: where the sentences are that are new in this round's answer, and ids of evidence for each.
        fresh, kept: claims that this round judges, and those of sentences that stayed as they were.
        uncovered: sentences from which no claim was taken.
        beyond: ids of claims that are not judged because there are too many.
        order: ids of claims that models are asked about first; None where that was not looked for yet.
        asked, wave: claims that models were asked about in this round, wave by wave, and those of the next wave.
        told: what rethinking had to say, by the round that it made.
        unchecked: why claims were not checked, by their ids.
        usage: what the round has cost beside its judges.
    """

    number: int
    answer: str
    changed: tuple[str, ...]
    places: tuple[Span, ...]
    bases: tuple[tuple[str, ...], ...]
    fresh: tuple[Claim, ...]
    kept: tuple[CheckedClaim, ...]
    uncovered: tuple[str, ...]
    beyond: tuple[str, ...]
    looked: Annotated[dict[str, Looked], lambda before, now: {**before, **now}]
    order: Sequence[str] | None
    asked: tuple[tuple[str, ...], ...]
    wave: tuple[str, ...]
    unchecked: Mapping[str, str]
    notes: tuple[str, ...]
    told: tuple[tuple[int, str], ...]
    usage: Usage
    evidence: Mapping[str, Evidence]
    done: tuple[Done, ...]
    stopped: StopReason | None


def to_judge(state: State) -> list[Claim]:
    """Return the claims that a round judges: no opinions, and not more than are to be checked."""
    return [claim for claim in state["fresh"] if claim.kind != "opinion" and claim.id not in state["beyond"]]


def judged(state: State) -> list[Looked]:
    """Return the claims of a round that were looked at, in order."""
    return [state["looked"][claim.id] for claim in to_judge(state)]
