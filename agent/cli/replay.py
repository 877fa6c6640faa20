"""``plumbline replay``: run a run again over its record alone, and compare."""

from typing import Annotated

import typer

from agent.cli.console import out, print_json, run_async
from agent.cli.driving import view_of
from agent.cli.workshop import open_workshop

app = typer.Typer(add_completion=False)


@app.command()
def replay(
    run: Annotated[str, typer.Argument(help="id of a run, its beginning, or last")] = "last",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Run a run's orchestration again over its recorded effects: no model is asked and no tool runs.

    The exit code is 0 when the same report comes out, 1 when code or prompts have changed since.
    """

    async def main() -> int:
        async with open_workshop() as shop:
            summary = await shop.ledger.find(run)
            report, recorded = await shop.runner.replay(summary.id)
            task, _ = await shop.ledger.created(summary.id)
        same = report == recorded
        if json:
            print_json({"run_id": summary.id, "same": same, "report": report})
        else:
            out().print(view_of(report, task), soft_wrap=False)
            verdict = "the same report as recorded" if same else "NOT the recorded report"
            out().print(f"replayed: {verdict}", style="green" if same else "red")
            if recorded is not None and recorded.checking is None and report.checking is not None:
                out().print("an earlier version recorded it, which checked claims otherwise", style="dim")
        return 0 if same else 1

    return run_async(main())
