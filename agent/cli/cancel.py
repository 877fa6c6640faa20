"""``plumbline cancel``: end a run for good."""

from typing import Annotated

import typer

from agent.cli.console import err, print_json, run_async
from agent.cli.workshop import open_workshop

app = typer.Typer(add_completion=False)


@app.command()
def cancel(
    run: Annotated[str, typer.Argument(help="id of a run or its beginning")],
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """End a run for good, whether a process works on it or not. Its record stays."""

    async def main() -> int:
        async with open_workshop() as shop:
            summary = await shop.runner.cancel(run)
        if json:
            print_json({"run": summary})
        else:
            err().print(f"run {summary.id} is cancelled")
        return 0

    return run_async(main())
