"""How plans, steps and reports look in a terminal."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from rich import box
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from agent.cli.artefact_view import frozen_lines, tried_line
from agent.cli.console import clean, one_line
from agent.cli.verdicts import coverage, notes_of, rethinking_line, score_line
from agent.domain.claims import CheckedClaim, Claim
from agent.domain.evidence import Evidence
from agent.domain.plan import Plan
from agent.domain.report import Report
from agent.domain.view import DesignNews, RunView, Step

_STATUS = {
    "pending": ("○", "dim"),
    "running": ("▶", "cyan"),
    "done": ("✓", "green"),
    "failed": ("✗", "red"),
    "dropped": ("-", "dim"),
}
_VERDICT = {
    "supported": ("✓", "green"),
    "contradicted": ("✗", "red"),
    "qualified": ("~", "yellow"),
    "not_found": ("?", "yellow"),
    "unverifiable": ("?", "yellow"),
    "error": ("!", "red"),
}
_OUTCOME = {
    "verified": ("verified: every claim is supported and every check passed", "green"),
    "unverified": ("unverified: see the marks below", "yellow"),
    "failed": ("failed", "red"),
    "budget_exhausted": ("stopped: the budget is used up", "yellow"),
    "cancelled": ("cancelled", "yellow"),
}
_CHECK = {"pass": ("✓", "green"), "fail": ("✗", "red"), "inconclusive": ("?", "yellow"), "not_applicable": ("-", "dim")}


def plan_tree(plan: Plan) -> Tree:
    """Return the plan as a tree with a mark for each subtask's status."""
    tree = Tree(Text(f"plan, version {plan.version}", style="dim"), guide_style="dim")

    def grow(branch: Tree, parent: str | None) -> None:
        for subtask in plan.children(parent):
            mark, style = _STATUS[subtask.status]
            label = Text(f"{mark} ", style=style)
            label.append(f"{subtask.id}  ", style="bold")
            label.append(one_line(subtask.goal, 100))
            grow(branch.add(label), subtask.id)

    grow(tree, None)
    return tree


def step_line(step: Step, printing: str = "") -> RenderableType:
    """Return one line for an effect: running with a spinner and what it is ``printing``, else with how it ended."""
    branch = step.key.split("/", 1)[0]
    text = Text(f"{branch:>12.12}  ", style="dim")
    text.append(one_line(step.title, 90), style="bold" if step.kind == "tool" else "")
    if step.done_seq is None:
        text.append(f"  {one_line(printing, 70)}" if printing else "", style="dim")
        return Spinner("dots", text=text, style="cyan")
    text.append(f"  → {one_line(step.detail, 70)}" if step.detail else "", style="dim")
    return Text.assemble(("✓ ", "green") if step.ok else ("✗ ", "red"), text)


def status_line(view: RunView, seconds: float) -> Text:
    """Return the line with model, tokens, cost, time and sandbox."""
    usage = view.usage
    parts = [f"{usage.calls} calls", f"{usage.tokens:,} tokens"]
    if usage.cost:
        parts.append(f"{usage.cost:.4f} cost")
    parts.append(f"{seconds:.0f} s")
    models = view.setting.get("models", {})
    if models:
        parts.insert(0, ", ".join(sorted(set(models.values()))))
    if view.setting.get("sandbox"):
        parts.append(one_line(view.setting["sandbox"], 60))
    return Text(" · ".join(parts), style="dim")


def live_view(
    view: RunView, seconds: float, writing: str, *, height: int, printing: Mapping[str, str] | None = None
) -> RenderableType:
    """Return the picture of a run under way, at most ``height`` lines high.

    Args:
        view: the run.
        seconds: how long it has been followed.
        writing: what a model is writing.
        height: in lines.
        printing: by the keys of running calls, how they get on.
    """
    rows: list[RenderableType] = [Text(f"run {view.run_id}", style="bold cyan")]
    if view.plan.subtasks:
        rows.append(plan_tree(view.plan))
    designed = design_rows(view.design)
    shown = max(3, height - len(view.plan.subtasks) - len(designed) - 6)
    if designed:
        shown = min(shown, 4)
    told = printing or {}
    rows.extend(step_line(step, told.get(step.key, "")) for step in list(view.steps.values())[-shown:])
    rows.extend(designed)
    if view.checking:
        rows.append(Text(view.checking, style="bold"))
    if writing:
        rows.append(Text(f"  … {one_line(writing[-200:], 110)}", style="italic dim"))
    rows.extend(Text(one_line(line, 150), style="dim") for line in view.egress[-1:])
    rows.extend(Text(f"! {one_line(notice, 300)}", style="yellow") for notice in view.notices[-2:])
    rows.append(status_line(view, seconds))
    return Group(*rows)


def design_rows(news: Sequence[DesignNews]) -> list[Text]:
    """Return how far a design has come: what was said last before its rounds, and of each candidate of the last one."""
    if not news:
        return []
    rows = [Text(f"  {one_line(one.text, 150)}", style="dim") for one in news if one.round == 0][-2:]
    last = max(one.round for one in news)
    if last:
        rows.append(Text(f"round {last}", style="bold"))
        latest = {one.candidate: one for one in news if one.round == last}
        rows += [design_line(one) for name, one in latest.items() if name]
        rows += [Text(f"  {one_line(one.text, 150)}", style="italic") for name, one in latest.items() if not name]
    return rows


def design_line(one: DesignNews) -> Text:
    """Return one line for something that stands of a design."""
    name = f"{one_line(one.candidate, 20):>8}  " if one.candidate else "          "
    return Text.assemble((name, "cyan"), one_line(one.text.removeprefix(f"{one.candidate} "), 150))


def report_view(report: Report, origins: Mapping[str, int] = MappingProxyType({})) -> RenderableType:
    """Return a report: answer, claims with evidence, checks, artefacts, cost.

    Args:
        report: what is shown.
        origins: numbers of the events that brought up the evidence, by evidence id, where these are known.
    """
    outcome, style = _OUTCOME[report.outcome]
    rows: list[RenderableType] = [
        Panel(Markdown(clean(report.answer)), title="answer", title_align="left", border_style=style, box=box.ROUNDED)
    ]
    evidence = {item.id: item for item in report.evidence}
    if report.claims:
        rows.append(Text("claims", style="bold"))
        rows.extend(_claim(claim, evidence, origins) for claim in report.claims)
        told = (coverage(report), score_line(report), rethinking_line(report))
        rows.extend(Text(f"  {line}", style="dim") for line in told if line)
    if report.checks:
        rows.append(Text("checks", style="bold"))
        for check in report.checks:
            mark, colour = _CHECK[check.outcome]
            where = f"{check.subtask}: " if check.subtask else ""
            rows.append(Text(f"  {mark} {where}{one_line(check.detail, 150)}", style=colour))
            if check.tried is not None:
                rows.append(Text(f"      {tried_line(check.tried)}", style="dim"))
        rows.extend(Text(f"  {line}", style="dim") for line in frozen_lines(report.plan.wishes))
    if report.artefacts:
        rows.append(_artefacts(report))
    if report.pictures:
        rows.append(_pictures(report))
    if report.removed:
        rows.append(Text(f"deleted: {one_line(', '.join(report.removed), 300)}"))
    rows.extend(Text(f"note: {clean(note)}", style="yellow") for note in notes_of(report))
    usage = report.usage
    cost = f", cost {usage.cost:.4f}" if usage.cost else ""
    rows.append(Text(f"{', '.join(report.models)}: {usage.calls} calls, {usage.tokens:,} tokens{cost}", style="dim"))
    rows.append(Text(outcome, style=f"bold {style}"))
    return Group(*rows)


def _claim(checked: CheckedClaim, evidence: Mapping[str, Evidence], origins: Mapping[str, int]) -> RenderableType:
    mark, style = _VERDICT[checked.verdict]
    rows: list[RenderableType] = [
        Text.assemble((f"  {mark} {checked.verdict}: ", style), _statement(checked.claim)),
    ]
    judged_by = (name for judgement in checked.judgements for name in judgement.evidence)
    for name in dict.fromkeys((*checked.claim.evidence, *judged_by)):
        item = evidence.get(name)
        if item is not None:
            said = _evidence(item)
            rows.append(
                Padding(said.append(f", event {origins[name]}", "dim") if name in origins else said, (0, 0, 0, 6))
            )
    for judgement in checked.judgements:
        said_so = f"{judgement.judge} {judgement.tier}, {judgement.verdict}: {one_line(judgement.detail, 150)}"
        rows.append(Text(f"      {said_so}", style="dim"))
    if not checked.judgements and checked.verdict != "supported":
        rows.extend(
            Text(f"      {finding.method}: {one_line(finding.detail, 150)}", style="dim")
            for finding in checked.findings
            if finding.passed is not True
        )
    return Group(*rows)


def _statement(claim: Claim) -> Text:
    text = Text(f"{clean(claim.question)} → " if claim.question else "", style="dim")
    return text.append(clean(claim.text), style="not dim")


def _evidence(item: Evidence) -> Text:
    if item.kind == "quote":
        said = (f"“{one_line(item.text, 300)}”", "italic")
        title, read = one_line(item.source.title, 100), item.source.retrieved_at
        if not read:
            return Text.assemble(said, ("  — ", "dim"), (_place(item.source.location), "blue"))
        # of a page, which may say something else tomorrow
        told = (f"{title}, " if title else "", "dim"), (one_line(item.source.location, 300), "blue")
        return Text.assemble(said, ("  — ", "dim"), *told, (f", read {read[:16].replace('T', ' ')} UTC", "dim"))
    if item.kind == "tool_result":
        drew = f" and drew {len(item.images)} pictures" if len(item.images) > 1 else " and drew a picture"
        drawn = drew if item.images else ""
        return Text(f"{item.tool} [{item.id}] printed{drawn}: {one_line(item.output, 200)}", style="italic")
    return Text(f"{item.subject} — {item.relation} — {item.object}", style="italic")


def _place(location: str) -> str:
    """Return where a source is; a file below the current folder by its path from there."""
    path = Path(clean(location))
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else clean(location)


def _artefacts(report: Report) -> Table:
    table = Table("file", "bytes", "sha256", box=box.SIMPLE, title="artefacts", title_justify="left")
    for artefact in report.artefacts:
        table.add_row(clean(artefact.path), f"{artefact.size:,}", artefact.sha256[:12])
    return table


def _pictures(report: Report) -> Table:
    table = Table("drawn by", "size", "type", "sha256", box=box.SIMPLE, title="pictures", title_justify="left")
    for picture in report.pictures:
        table.add_row(
            clean(picture.evidence), f"{picture.width}x{picture.height}", picture.media_type, picture.sha256[:12]
        )
    return table


def lines(items: Iterable[str]) -> Text:
    """Return plain lines."""
    return Text("\n".join(clean(item) for item in items))
