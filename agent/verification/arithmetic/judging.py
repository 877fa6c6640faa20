"""The deterministic judge of arithmetic, units and dates (tier T1).

It judges only what a text itself computes. Numbers are parsed by a grammar of our own into exact fractions; no code is
ever evaluated, so no statement can do more than fail to be understood.
"""

import re
from datetime import date

from agent.verification.arithmetic.computation import Computation
from agent.verification.arithmetic.dates import judge_dates
from agent.verification.arithmetic.equations import judge_equations

LONGEST_TEXT = 2_000_000
"""Characters of a text that is judged."""
_PROGRAM = re.compile(r"^(```|~~~)[^\n]*\n.*?(?:^\1|\Z)", re.MULTILINE | re.DOTALL)


def judge_arithmetic(text: str, *, reference: date | None = None) -> tuple[Computation, ...]:
    """Judge every computed statement of a text: equations, sums in words, conversions of units, facts about dates.

    What only rounds or cuts off to whole numbers is ``qualified``, and so is a chain that goes on from its last result.
    What has no value, is too large, is not asserted or depends on words around it is ``unverifiable``. Programs between
    fences are not read: a sign of equality has another meaning there.

    Args:
        text: any text, trusted or not.
        reference: the day that "today" means in it.

    Returns:
        computations in the order of the text, none for what is no computation. If judging itself fails there is a
        single ``error`` over the whole text: a failure never becomes ``contradicted``.
    """
    if not text:
        return ()
    if len(text) > LONGEST_TEXT:
        return (_failed(text, f"longer than {LONGEST_TEXT:,} characters"),)
    prose = _PROGRAM.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    try:
        dated = list(judge_dates(prose, reference))
        taken = sorted((judgement.start, judgement.end) for judgement in dated)
        computed = list(judge_equations(prose))
    except Exception as failure:  # noqa: BLE001 - whatever went wrong in here says nothing about the text
        return (_failed(text, f"{type(failure).__name__}: {failure}"[:300]),)
    if taken:
        computed = [one for one in computed if not any(one.start < end and start < one.end for start, end in taken)]
    return tuple(sorted((*dated, *computed), key=lambda one: (one.start, one.end)))


def _failed(text: str, reason: str) -> Computation:
    return Computation(
        kind="arithmetic", verdict="error", start=0, end=len(text), text=text[:200], computed=f"not judged: {reason}"
    )
