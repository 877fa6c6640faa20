"""What reports have in common: whether claims hold, the evidence they name, and who worked."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence

from agent.domain.claims import CheckedClaim
from agent.domain.errors import ModelOutputError
from agent.domain.evidence import Evidence
from agent.execution.context import RunContext


def hold(claims: Iterable[CheckedClaim], tolerance: float, *, uncovered: Sequence[str] = ()) -> bool:
    """Whether claims are good enough for a verified report: none is refuted, and few enough are open.

    Opinions do not count.

    Args:
        claims: with their verdicts.
        tolerance: share of them that may be neither supported nor contradicted.
        uncovered: sentences that nobody could take a claim from; they count as claims that are open.
    """
    counted = [one for one in claims if one.claim.kind != "opinion"]
    left = [one for one in counted if one.verdict != "supported"]
    few_open = len(left) + len(uncovered) <= tolerance * (len(counted) + len(uncovered))
    return few_open and not any(one.verdict == "contradicted" for one in left)


async def named_evidence(
    run: RunContext, known: Mapping[str, Evidence], claims: Sequence[CheckedClaim]
) -> tuple[Evidence, ...]:
    """Return the evidence that claims and judgements name, by its ids in order: what was found, and programs run."""
    named = {name for one in claims for name in one.claim.evidence}
    named |= {name for one in claims for judgement in one.judgements for name in judgement.evidence}
    found: list[Evidence] = []
    for name in sorted(named):
        if name in known:
            found.append(known[name])
            continue
        # what a text names may be anything
        with contextlib.suppress(ModelOutputError):
            found.append(await run.evidence.find(name))
    return tuple(found)


def limits_of(run: RunContext) -> tuple[str, ...]:
    """Return what the reader of any report should know of who worked: that it was a small model, if it was."""
    return ("Limited mode: a small local model, which can do guided tasks only.",) if run.meter.limited else ()
