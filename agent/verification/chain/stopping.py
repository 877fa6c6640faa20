"""When rethinking ends, and which of its rounds is kept.

Rethinking can make an answer worse, and can go in circles: a sentence is replaced by another wrong one, which is
replaced by the first. So a round must be better than all before it to earn another, claims that fail together once more
end it, and what is kept is the best round, not the last.
"""

from collections.abc import Sequence

from agent.domain.claims import Round, StopReason
from agent.verification.chain.config import CheckingConfig


def why_stop(
    rounds: Sequence[Round], config: CheckingConfig, *, left: bool, rethinks: bool = True, evidence: bool = True
) -> StopReason | None:
    """Return why no further round is done, or None where another one is to be done.

    Of several reasons the one counts that says most about the answer: first that it is accepted, last that there was
    nothing to rethink it with.

    Args:
        rounds: what was done so far, in order, beginning with the draft.
        config: how many rounds there may be.
        left: whether something is left of what checking may use of the budget.
        rethinks: whether there is anybody to write sentences anew, who did not fail.
        evidence: whether there is anything to write them from.

    Raises:
        ValueError: there is no round yet.
    """
    last, before = _last(rounds), rounds[:-1]
    if is_accepted(last, config.tolerance):
        return "accepted"
    if not rethinks or config.rounds == 0:
        return "not rethought"
    if any(one.answer == last.answer or _failed(one) == _failed(last) != frozenset() for one in before):
        return "repeated"
    if before and _rank(last) >= min(map(_rank, before)):
        return "no gain"
    if len(before) >= config.rounds:
        return "rounds"
    if not left:
        return "budget"
    return None if evidence else "no evidence"


def best_round(rounds: Sequence[Round]) -> Round:
    """Return the round whose answer is kept.

    It is the one with the fewest refuted claims; of these the one with the highest score; then the one that leaves the
    fewest claims open; then the earliest, which changed least.

    Raises:
        ValueError: there is no round yet.
    """
    _last(rounds)
    return min(rounds, key=lambda one: (*_rank(one), one.number))


def is_accepted(one: Round, tolerance: float = 0.0) -> bool:
    """Whether an answer needs no rethinking: nothing in it is refuted, little is open, and the score is high enough.

    Args:
        one: the round with the answer.
        tolerance: share of the claims that may stay open.
    """
    few_open = len(one.open) <= tolerance * one.score.claims
    return not one.contradicted and few_open and one.score.score >= one.score.threshold


def _last(rounds: Sequence[Round]) -> Round:
    if not rounds:
        raise ValueError("there is no round yet")
    return rounds[-1]


def _rank(one: Round) -> tuple[int, float, int]:
    """Return what rounds are ordered by, the better ones first."""
    return len(set(one.contradicted)), -one.score.score, len(set(one.open))


def _failed(one: Round) -> frozenset[str]:
    """Return the claims that keep a round from being accepted: those refuted, else those left open."""
    return frozenset(one.contradicted or one.open)
