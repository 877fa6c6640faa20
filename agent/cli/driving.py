"""Working on a run in this process and showing how it goes and what came of it."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from rich.console import RenderableType

from agent.cli.answered_view import answered_view
from agent.cli.artefacts import save_artefacts
from agent.cli.claims_view import claims_view
from agent.cli.console import clean, err, out, print_json
from agent.cli.design_view import design_view
from agent.cli.following import shown_live
from agent.cli.render import report_view
from agent.cli.verdicts import coverage
from agent.cli.workshop import Workshop, on_interrupt
from agent.domain.errors import BudgetExhausted, PlumblineError, RunCancelled, RunStopped, WaitingForPerson
from agent.domain.report import Report
from agent.domain.task import Task
from agent.runtime.history import read_view


async def drive(
    shop: Workshop, run_id: str, *, quiet: bool = False, json: bool = False, save: Path | None = None
) -> int:
    """Wait for a run of this process, show it, and return the exit code."""
    console = err()
    if not (quiet or json):
        console.print(f"run {run_id}", style="bold cyan")

    def pause() -> None:
        console.print("pausing; once more to stop at once (nothing recorded is lost)", style="yellow")
        shop.runner.halt(run_id)

    try:
        with on_interrupt(pause):
            if quiet or json:
                report = await shop.runner.wait(run_id)
            else:
                async with shown_live(console, shop.ledger, run_id, shop.runner.live):
                    report = await shop.runner.wait(run_id)
    except PlumblineError as stop:
        return await show_stop(shop, run_id, stop, json=json)
    # the report first: whatever comes of the files, it must not get lost
    task, _ = await shop.ledger.created(run_id)
    show_report(run_id, report, quiet=quiet, json=json, task=task)
    problems = await save_artefacts(shop.ledger, report, save) if save is not None else []
    for problem in problems:
        console.print(f"plumbline: {clean(str(problem))}", style="yellow")
    return problems[0].exit_code if problems else report.exit_code


def show_report(run_id: str, report: Report, *, quiet: bool, json: bool, task: Task | None = None) -> None:
    """Print a report in the way that fits its task."""
    if json:
        print_json({"run_id": run_id, "status": "finished", "report": report})
    elif quiet:
        checked = task is not None and task.check is not None
        out().print(clean(coverage(report) if checked else report.answer))
    else:
        out().print(view_of(report, task), soft_wrap=False)
        out().print(f"more: plumbline show {run_id}", style="dim")


def view_of(report: Report, task: Task | None, origins: Mapping[str, int] = MappingProxyType({})) -> RenderableType:
    """Return how a report looks: of a check its claims, of a design its rounds, of a question its answer."""
    if task is not None and task.check is not None:
        return claims_view(report)
    if report.design is not None:
        return design_view(report, report.design)
    return report_view(report, origins) if report.answered is None else answered_view(report)


def advice(run_id: str, stop: PlumblineError, *, asks: bool = True) -> str:
    """Return how to go on with a run that stopped; ``asks`` tells whether it waits for the answer to a question."""
    kinds: dict[type[PlumblineError], str] = {
        BudgetExhausted: f"go on with: plumbline resume {run_id} --tokens N (or --money, --seconds, --steps)",
        RunCancelled: f"what there is: plumbline show {run_id}",
    }
    if asks:
        kinds[WaitingForPerson] = f'answer with: plumbline answer {run_id} "..."'
    return kinds.get(type(stop), f"go on with: plumbline resume {run_id}")


async def show_stop(shop: Workshop, run_id: str, stop: PlumblineError, *, json: bool) -> int:
    """Tell in one line why a run stopped and how to go on, and return the exit code."""
    view = await read_view(shop.ledger, run_id)
    if json:
        report = view.report if isinstance(stop, BudgetExhausted) else None
        print_json(
            {
                "run_id": run_id,
                "status": view.status,
                "reason": str(stop),
                "question": view.question,
                "report": report,
                "error": None if isinstance(stop, RunStopped) else {"kind": type(stop).__name__, "message": str(stop)},
            }
        )
    else:
        if isinstance(stop, BudgetExhausted) and view.report is not None:
            out().print(view_of(view.report, view.task), soft_wrap=False)
        how = advice(run_id, stop, asks=view.question is not None)
        err().print(f"plumbline: {clean(str(stop))}; {how}", style="yellow")
    return stop.exit_code
