"""``plumbline show``: show a run at its newest or an earlier event."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.annotated import annotated
from agent.cli.artefact_page import design_page
from agent.cli.console import clean, err, out, print_json, run_async
from agent.cli.driving import view_of
from agent.cli.following import follow_to_end
from agent.cli.html_files import check_place, write_page
from agent.cli.opening import open_ledger
from agent.cli.render import design_line, plan_tree, status_line, step_line
from agent.cli.runs import shown_status
from agent.domain.errors import UsageError
from agent.domain.view import RunView
from agent.ledger.store import RunSummary
from agent.runtime.history import read_view
from agent.runtime.origins import origins_of

app = typer.Typer(add_completion=False)


@app.command()
def show(
    run: Annotated[str, typer.Argument(help="id of a run, its beginning, or last")] = "last",
    at: Annotated[int | None, typer.Option(min=1, help="as it was after this event")] = None,
    steps: Annotated[bool, typer.Option("--steps", help="list every step")] = False,
    events: Annotated[bool, typer.Option("--events", help="print the events as JSON lines")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="follow a run that is under way")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="OUT", help="write the report here as a page, with claims marked or pictures")
    ] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Show a run: its plan, its steps, the question it waits with, or its report."""
    check_place(html)

    async def main() -> int:
        async with open_ledger() as (ledger, _, _):
            summary = await ledger.find(run)
            if events:
                async for event in ledger.events(summary.id, until=at):
                    out().out(event.model_dump_json(), highlight=False)
                return 0
            if follow and summary.alive:
                await follow_to_end(err(), ledger, summary.id)
                summary = await ledger.find(summary.id)
            view = await read_view(ledger, summary.id, until=at)
            known = view.report.evidence if view.report is not None else ()
            origins = await origins_of(ledger, summary.id, known)
            if html is not None:
                if view.report is None:
                    raise UsageError(f"run {summary.id} has no report that could be written; it is {summary.status}")
                designed = view.report.design is not None
                page = await design_page(view.report, ledger.blobs) if designed else annotated(view.report)
                write_page(page, html)
        if json:
            print_json({"run": summary, "view": view, "origins": origins})
        else:
            _print(summary, view, origins, steps=steps)
        return 0

    return run_async(main())


def _print(summary: RunSummary, view: RunView, origins: Mapping[str, int], *, steps: bool) -> None:
    console = out()
    console.print(f"run {summary.id}: {shown_status(summary)}", style="bold cyan")
    if summary.parent:
        console.print(f"forked from {summary.parent} after event {summary.forked_at}", style="dim")
    if view.task is not None:
        console.print(clean(view.task.goal))
    if view.plan.subtasks:
        console.print(plan_tree(view.plan))
    listed = list(view.steps.values())
    shown = listed if steps or view.report is None else []
    for step in shown if steps else shown[-10:]:
        console.print(f"{step.started_seq:>5}", style="dim", end=" ")
        console.print(step_line(step))
    for line in view.egress if steps else ():
        console.print(clean(line), style="dim", markup=False, highlight=False)
    for news in view.design if view.report is None else ():
        console.print(design_line(news))
    if view.question is not None:
        console.print(f"it asks: {clean(view.question.question)}", style="bold yellow")
        console.print(f'answer with: plumbline answer {summary.id} "..."', style="dim")
    if view.report is not None:
        console.print(view_of(view.report, view.task, origins), soft_wrap=False)
    elif summary.reason:
        console.print(f"reason: {clean(summary.reason)}", style="yellow")
    console.print(status_line(view, summary.active_seconds))
