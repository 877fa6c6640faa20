"""Reflection: what a round's designers are told, from what failed when it was tried out and what was seen.

Of the criteria only those that failed are told, with what was measured: never how they are tried, so that no program
can be written for the check instead of the wish.
"""

import difflib
from collections.abc import Iterator, Sequence

from agent.domain.design import Candidate

_LONGEST_CHANGE = 20_000
_FAILURES_TOLD = 4


def reflection_on(best: Candidate | None, candidates: Sequence[Candidate], guidance: str) -> str:
    """Return what is to be changed.

    Args:
        best: the candidate whose program is changed; None where nothing was made yet.
        candidates: of the round; where nothing was made, their failures are told.
        guidance: what a person said.
    """
    lines = [f"A person says: {guidance}"] if guidance else []
    if best is None:
        failures = list(dict.fromkeys(one.failure for one in candidates if one.failure))
        lines += [f"No program made anything: {failure}" for failure in failures[:_FAILURES_TOLD]]
        return "\n".join(lines) or "No program made anything."
    return "\n".join([*lines, *_wrong(best)]) or "Nothing was found to be wrong, and still it is not accepted."


def difference(before: Candidate, after: Candidate) -> str:
    """Return the unified diff from one program to another, cut where it is very long."""
    lines = difflib.unified_diff(
        before.program.splitlines(), after.program.splitlines(), before.id, after.id, lineterm="", n=2
    )
    text = "\n".join(lines)
    return text if len(text) <= _LONGEST_CHANGE else f"{text[:_LONGEST_CHANGE]}\n(cut)"


def _wrong(best: Candidate) -> Iterator[str]:
    for problem in best.inspection.problems if best.inspection is not None else ():
        yield f"It cannot be used: {problem}"
    for result in best.results:
        wish = result.criterion.wish
        if result.outcome == "fail":
            must = "" if result.criterion.must else " (this is not a must)"
            yield f"Tried out, it fails {wish!r}{must}: {result.detail}"
        elif result.outcome == "inconclusive":
            yield f"Whether it does {wish!r} could not be told: {result.detail}"
        elif result.outcome == "not_applicable" and result.criterion.must:
            yield f"It has nothing to which {wish!r} applies: {result.detail}"
    for critique in best.critiques:
        for finding in critique.findings if not critique.failure else ():
            hint = f" Suggestion: {finding.suggestion}" if finding.suggestion else ""
            yield f"Looked at, {finding.part or 'the whole'} ({finding.aspect}): {finding.problem}{hint}"
    kept = [result.criterion.wish for result in best.results if result.outcome == "pass"]
    if kept:
        yield f"Keep what is right: {'; '.join(kept)}"
