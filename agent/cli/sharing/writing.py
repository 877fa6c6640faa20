"""A report as Markdown, for people and programs that read on elsewhere."""

import re
from collections.abc import Iterator
from typing import Final

from agent.cli.artefact_view import tried_line
from agent.cli.html_files import visible
from agent.cli.sharing.gathering import Gathered
from agent.cli.sharing.telling import (
    OUTCOMES,
    ToldClaim,
    bytes_of,
    model_of,
    money_of,
    place_of,
    told_claims,
    told_plan,
)
from agent.cli.verdicts import coverage, notes_of, rethinking_line, score_line
from agent.domain.report import Report
from agent.runtime.shown_evidence import ShownEvidence

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_LONGEST_OUTPUT: Final = 1_500


def report_as_markdown(run: Gathered) -> str:
    """Return the report of a run as Markdown; where there is none yet, how the run stands."""
    return "\n".join(_lines(run)).rstrip() + "\n"


def _lines(run: Gathered) -> Iterator[str]:
    report, task = run.report, run.view.task
    yield f"# {_plain(task.goal if task is not None else run.run.goal)}"
    yield ""
    if report is None:
        yield f"Run {run.run.id} has no report yet; it is {run.run.status}. {_plain(run.run.reason)}".rstrip()
        return
    _, word, told = OUTCOMES[report.outcome]
    yield f"**{word}**: {told}."
    yield ""
    yield visible(report.answer).strip()
    yield ""
    yield from _claims(run, report)
    yield from _checks(report)
    yield from _made(run, report)
    notes = notes_of(report)
    if notes:
        yield from ("## Notes", "", *(f"- {_plain(note)}" for note in notes), "")
    usage = report.usage
    cost = f", cost {money_of(usage.cost)}" if usage.cost else ""
    models = ", ".join(dict.fromkeys(_plain(model_of(name)) for name in report.models)) or "no model"
    spent = f"{usage.calls} calls, {usage.tokens:,} tokens{cost}"
    yield f"Run {run.run.id} of {run.run.created_at:%Y-%m-%d}. {models}: {spent}."


def _claims(run: Gathered, report: Report) -> Iterator[str]:
    claims = told_claims(run)
    if not claims:
        return
    yield "## Claims"
    yield ""
    for claim in claims:
        yield from _claim(claim)
    if len(report.claims) > len(claims):
        yield f"{len(report.claims) - len(claims):,} more claims are not listed."
    yield " ".join(f"{line}." for line in (coverage(report), score_line(report), rethinking_line(report)) if line)
    yield ""


def _claim(claim: ToldClaim) -> Iterator[str]:
    asked = f"{_plain(claim.shown.question)} → " if claim.shown.question else ""
    yield f"- **{claim.shown.verdict.replace('_', ' ')}**: {asked}{_plain(claim.shown.text)}"
    for reason in claim.reasons:
        if reason.detail:
            yield f"  - {_plain(reason.judge)}: {_plain(reason.detail)}"
    for one in claim.evidence:
        yield f"  - {_evidence(one)}"


def _evidence(one: ShownEvidence) -> str:
    item = one.evidence
    match item.kind:
        case "quote":
            place = item.source.location
            link = (
                f"<{place}>"
                if place.startswith(("https://", "http://")) and ">" not in place
                else _plain(place_of(place))
            )
            holds = "stands there as it was read" if one.verified else f"not confirmed: {one.why}"
            return f"“{_plain(item.text)}”, {_plain(item.source.title)}, {link} ({holds})"
        case "tool_result":
            return f"{_plain(item.tool)} printed: {_plain(item.output[:_LONGEST_OUTPUT])}"
        case _:
            return f"{_plain(item.subject)} — {_plain(item.relation)} — {_plain(item.object)}"


def _checks(report: Report) -> Iterator[str]:
    best = report.design.handed_over if report.design is not None else None
    results = best.results if best is not None else ()
    if not report.checks and not results:
        return
    yield "## Checks"
    yield ""
    for check in report.checks:
        yield f"- **{check.outcome.replace('_', ' ')}**: {_plain(check.detail)}"
        if check.tried is not None:
            yield f"  - {_plain(tried_line(check.tried))}"
    for result in results:
        yield f"- **{result.outcome.replace('_', ' ')}**: {_plain(tried_line(result))}"
    yield ""


def _made(run: Gathered, report: Report) -> Iterator[str]:
    if report.artefacts:
        yield from ("## Files", "", "| file | size | SHA-256 |", "| --- | ---: | --- |")
        for file in report.artefacts:
            yield f"| {_plain(file.path)} | {bytes_of(file.size)} | `{file.sha256}` |"
        yield ""
    plan = list(told_plan(run.view.plan))
    if plan:
        yield from ("## Plan", "")
        for depth, subtask in plan:
            yield f"{'  ' * depth}- {_plain(subtask.goal)} ({subtask.status})"
        yield ""


def _plain(text: str) -> str:
    """Return a text in one line in which nothing is Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(visible(text).split()))
