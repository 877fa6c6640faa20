"""``plumbline import``: read a run from a cassette file."""

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.console import err, print_json, run_async
from agent.cli.opening import open_ledger
from agent.ledger.cassette import import_run

app = typer.Typer(add_completion=False)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="cassette file made by plumbline export")],
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Read a run from a cassette file into the ledger."""

    async def main() -> int:
        async with open_ledger() as (ledger, _, _):
            imported = await import_run(ledger, file)
        if json:
            print_json(imported)
        else:
            err().print(
                f"run {imported.run_id} with {imported.events} events; show it with: plumbline show {imported.run_id}",
                markup=False,
            )
        return 0

    return run_async(main())
