"""``plumbline runs``: list the runs."""

from typing import Annotated, get_args

import typer
from rich import box
from rich.table import Table

from agent.cli.console import clean, out, print_json, run_async
from agent.cli.opening import open_ledger
from agent.domain.errors import UsageError
from agent.domain.events import RunStatus
from agent.ledger.store import RunSummary

app = typer.Typer(add_completion=False)


@app.command()
def runs(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000)] = 20,
    status: Annotated[str | None, typer.Option(help=", ".join(get_args(RunStatus)))] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """List the newest runs."""
    if status is not None and status not in get_args(RunStatus):
        raise UsageError(f"--status is one of {', '.join(get_args(RunStatus))}, not {status!r}")

    async def main() -> int:
        async with open_ledger() as (ledger, _, _):
            found = await ledger.newest(limit=limit, status=status)  # type: ignore[arg-type]
        if json:
            print_json([{**run.model_dump(mode="json"), "shown_status": shown_status(run)} for run in found])
        elif not found:
            out().print('no runs yet; begin with: plumbline run "..."')
        else:
            out().print(_table(found))
        return 0

    return run_async(main())


def shown_status(run: RunSummary) -> str:
    """Return a run's status as a person should read it: one whose process has died is interrupted."""
    return "interrupted" if run.status == "running" and not run.alive else run.status


def _table(found: tuple[RunSummary, ...]) -> Table:
    table = Table("run", "status", "made", "events", "task", box=box.SIMPLE)
    for run in found:
        made = run.created_at.astimezone().strftime("%d %b %H:%M")
        reason = f" ({clean(run.reason)[:40]})" if run.reason and run.status in ("paused", "failed") else ""
        table.add_row(run.id, shown_status(run) + reason, made, str(run.last_seq), clean(run.goal)[:80])
    return table
