"""What the environment says of a failed attempt: nothing of it comes from the answers that a suite holds to be right.

What scorers tell people names the right answer beside the given one, so of a scorer only its kind is taken here.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from agent.domain.report import Report
from evals.batch.results import Result
from evals.training.texts import has, joined

_LONGEST: Final = 600
_MOST: Final = 40

_TOLD: Final = {
    "verified": "The result was not accepted as it was reported.",
    "claims": "Not all claims of the answer are supported by evidence.",
    "citations": "Quotes are missing, or do not stand where the answer says, or are not those that matter.",
    "checks": "Not all checks of the task passed.",
    "artefacts": "What was made was not accepted.",
    "plan": "The plan had too many parts, or too few.",
    "program": "A program that tries the result out found it wrong.",
    "judge": "A judge who read the result found it lacking.",
    "json_schema": "The answer has not the form that was asked for.",
}
_WRONG: Final = "The answer is not right."

_ENDED: Final = {
    "failed": "The work ended without a result.",
    "budget_exhausted": "The budget was used up before the work was done.",
    "unverified": "Not everything in the report could be verified.",
}


def feedback_of(result: Result, report: Report | None) -> tuple[str, ...]:
    """Return what a failed attempt is told about itself, one line each: scorers by kind, checks, verdicts, notes."""
    lines = [_TOLD.get(one.scorer, _WRONG) for one in result.scores if one.required and one.passed is False]
    if report is None:
        return (*dict.fromkeys(lines), "A person was asked, and nobody answers here; go on without.")
    if report.outcome in _ENDED:
        lines.append(_ENDED[report.outcome])
    bad = [one for one in report.checks if one.outcome != "pass"]
    lines += [f"Check {one.milestone or one.check.kind}: {one.outcome}: {one.detail}" for one in bad]
    lines += [f"Claim {one.claim.text!r}: {one.verdict}" for one in report.claims if one.verdict != "supported"]
    if report.design is not None and report.design.handed_over is not None:
        tried = report.design.handed_over.results
        lines += [
            f"Criterion {one.criterion.wish}: {one.outcome}: {one.detail}" for one in tried if one.outcome != "pass"
        ]
    lines += report.notes
    return tuple(_short(line) for line in dict.fromkeys(lines))[:_MOST]


def without_answers(lines: Sequence[str], answers: Iterable[str], seen: str) -> tuple[str, ...]:
    """Return feedback without the lines that hold a right answer which the attempt itself has not seen.

    What checks print may be anything, such as what was expected.

    Args:
        lines: the feedback.
        answers: those that are right.
        seen: all that the attempt saw and said.
    """
    known = joined((seen,))
    hidden = [answer for answer in answers if not has(known, answer)]
    return tuple(line for line in lines if not any(has(joined((line,)), answer) for answer in hidden))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 1]}…"
