"""Working on a run in this process and showing how it goes and what came of it."""

from pathlib import Path

from agent.cli.artefacts import save_artefacts
from agent.cli.console import clean, err, out, print_json
from agent.cli.following import shown_live
from agent.cli.render import report_view
from agent.cli.workshop import Workshop, on_interrupt
from agent.domain.errors import BudgetExhausted, PlumblineError, RunCancelled, RunPaused, RunStopped, WaitingForPerson
from agent.domain.report import Report
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
        return await _stopped(shop, run_id, stop, json=json)
    if save is not None:
        await save_artefacts(shop.ledger, report, save)
    show_report(run_id, report, quiet=quiet, json=json)
    return report.exit_code


def show_report(run_id: str, report: Report, *, quiet: bool, json: bool) -> None:
    """Print a report."""
    if json:
        print_json({"run_id": run_id, "status": "finished", "report": report})
    elif quiet:
        out().print(clean(report.answer))
    else:
        out().print(report_view(report), soft_wrap=False)
        out().print(f"more: plumbline show {run_id}", style="dim")


async def _stopped(shop: Workshop, run_id: str, stop: PlumblineError, *, json: bool) -> int:
    """Tell in one line why a run stopped and how to go on."""
    kinds: dict[type[PlumblineError], str] = {
        WaitingForPerson: f'answer with: plumbline answer {run_id} "..."',
        BudgetExhausted: f"go on with: plumbline resume {run_id} --tokens N (or --money, --seconds, --steps)",
        RunPaused: f"go on with: plumbline resume {run_id}",
        RunCancelled: f"what there is: plumbline show {run_id}",
    }
    advice = kinds.get(type(stop), f"go on with: plumbline resume {run_id}")
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
            out().print(report_view(view.report), soft_wrap=False)
        err().print(f"plumbline: {clean(str(stop))}; {advice}", style="yellow")
    return stop.exit_code
