"""How the course of a design looks in a terminal: criteria, rounds with candidates, critiques and verdicts."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from agent.cli.artefact_view import results_view
from agent.cli.console import clean, counted, one_line
from agent.domain.budget import Usage
from agent.domain.design import Candidate, Critique, Design, Round
from agent.domain.report import Report

_STOPS = {
    "accepted": "it was accepted",
    "untried": "it was not to be tried out",
    "rounds": "the rounds were used up",
    "budget": "the budget was used up",
    "stalled": "nothing got better any more",
    "nothing_built": "no program made anything",
    "untestable": "nothing of the wish can be tested here",
}
_BY = {"vision": "seen by a model", "descriptions": "read by a model", "rules": "rules"}


def design_view(report: Report, design: Design) -> RenderableType:
    """Return a design: its rounds, the verdicts on what is handed over, files, cost, and whether it was accepted."""
    rows: list[RenderableType] = []
    if design.parts:
        named = ", ".join(part.name for part in design.parts)
        rows.append(Text(one_line(f"parts: {named}", 600), style="dim"))
    rows.extend(_round(one, design) for one in design.rounds)
    best = design.handed_over
    if best is not None and best.results:
        rows.append(results_view(best.results))
    rows.extend(Text(f"cannot be tested here: {one_line(wish)}", style="yellow") for wish in design.criteria.untestable)
    rows.extend(Text(f"not done: {name}", style="yellow") for name in _left_out(design))
    if report.artefacts:
        rows.append(Text("files: " + one_line(", ".join(one.path for one in report.artefacts), 600)))
    rows.append(Text(f"criteria {design.criteria_sha256[:12]}, frozen before the first program", style="dim"))
    rows.extend(Text(f"note: {one_line(note, 600)}", style="yellow") for note in report.notes)
    rows.append(Text(_cost(report), style="dim"))
    if best is None:
        rows.append(Text(f"failed: {_STOPS[design.stop]}", style="bold red"))
    elif design.accepted:
        looked = any(one.score is not None and not one.failure for one in best.critiques)
        rows.append(
            Text(f"accepted: {best.id} was {'looked at and ' if looked else ''}tried out, and passed", "bold green")
        )
    else:
        said = f"not accepted: {best.id} is the best there is; it ended since {_STOPS[design.stop]}"
        rows.append(Text(said, style="bold yellow"))
    return Group(*rows)


def summary(candidate: Candidate) -> str:
    """Return in one line what came of a candidate."""
    if candidate.failure:
        return (
            f"made nothing after {counted(len(candidate.attempts) + 1, 'program')}: {one_line(candidate.failure, 160)}"
        )
    told = []
    if candidate.attempts:
        told.append(f"repaired {counted(len(candidate.attempts), 'time')}")
    if candidate.inspection is not None:
        parts = counted(len(candidate.inspection.parts), "part")
        told.append(
            parts if candidate.inspection.sound else f"unsound ({one_line(candidate.inspection.problems[0], 90)})"
        )
    told += [_look(one) for one in candidate.critiques]
    if candidate.results:
        outcomes = [result.outcome for result in candidate.results]
        named = [f"{outcomes.count(one)} {one.replace('_', ' ')}" for one in dict.fromkeys(sorted(outcomes))]
        told.append(f"tried out: {', '.join(named)}")
    return "; ".join(told) or "built"


def _round(one: Round, design: Design) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for candidate in one.candidates:
        style = "red" if candidate.failure else "bold" if candidate.id == design.best else ""
        table.add_row(Text(clean(candidate.id), style=style), Text(summary(candidate)))
        for critique in candidate.critiques:
            for finding in critique.findings[:6]:
                text = f"{finding.part or 'the whole'}, {finding.aspect}: {finding.problem}"
                table.add_row("", Text(one_line(text, 220), style="dim"))
    rows: list[RenderableType] = [Text(f"round {one.number}", style="bold cyan"), Padding(table, (0, 0, 0, 2))]
    if one.reflection:
        rows.append(Text(f"  to change: {one_line(one.reflection, 400)}", style="italic"))
    return Group(*rows)


def _look(critique: Critique) -> str:
    if critique.failure:
        return f"{_BY[critique.by]}: came to nothing ({one_line(critique.failure, 90)})"
    score = "" if critique.score is None else f" {critique.score:.2f}"
    found = counted(len(critique.findings), "finding") if critique.findings else "nothing found"
    return f"{_BY[critique.by]}{score}: {found}"


def _left_out(design: Design) -> list[str]:
    told = [] if design.visual else ["it was not looked at"]
    return told if design.pragmatic else [*told, "it was not tried out, so it cannot be accepted"]


def _cost(report: Report) -> str:
    usage: Usage = report.usage
    cost = f", cost {usage.cost:.4f}" if usage.cost else ""
    return clean(f"{', '.join(report.models) or 'no model'}: {usage.calls} calls, {usage.tokens:,} tokens{cost}")
