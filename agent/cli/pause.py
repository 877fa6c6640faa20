"""``plumbline pause``: ask a run to stop at its next safe point."""

from typing import Annotated

import typer

from agent.cli.console import err, print_json, run_async
from agent.cli.workshop import open_workshop

app = typer.Typer(add_completion=False)


@app.command()
def pause(
    run: Annotated[str, typer.Argument(help="id of a run, its beginning, or last")] = "last",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Ask a run that another process works on to stop at its next safe point."""

    async def main() -> int:
        async with open_workshop() as shop:
            summary = await shop.runner.pause(run)
        if json:
            print_json({"run": summary})
        else:
            err().print(f"run {summary.id} will pause; go on with: plumbline resume {summary.id}")
        return 0

    return run_async(main())
