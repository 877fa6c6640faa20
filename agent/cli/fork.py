"""``plumbline fork``: go on from an earlier point of a run, as a new run."""

from typing import Annotated

import typer

from agent.cli.console import err, print_json, run_async
from agent.cli.driving import drive
from agent.cli.run import JsonOption, ModelOption, QuietOption, SandboxOption
from agent.cli.terminal import asker_for
from agent.cli.workshop import open_workshop
from agent.runtime.options import RunOptions

app = typer.Typer(add_completion=False)


@app.command()
def fork(
    run: Annotated[str, typer.Argument(help="id of a run, its beginning, or last")],
    at: Annotated[int, typer.Option(min=1, help="number of the last event to keep; show --steps lists them")],
    model: ModelOption = None,
    sandbox: SandboxOption = None,
    guide: Annotated[str | None, typer.Option(help="what to do differently from there")] = None,
    start: Annotated[bool, typer.Option("--start/--no-start", help="go on with the new run here")] = True,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> int:
    """Copy a run up to an event to a new run, and go on from there. The first run stays as it is."""

    async def main() -> int:
        async with open_workshop(asker_for(json=json, quiet=quiet)) as shop:
            run_id = await shop.runner.fork(run, at, RunOptions(model=model, sandbox=sandbox))
            if guide:
                await shop.runner.guide(run_id, guide)
            if not start:
                if json:
                    print_json({"run_id": run_id})
                else:
                    err().print(f"run {run_id}; go on with: plumbline resume {run_id}")
                return 0
            await shop.runner.resume(run_id)
            return await drive(shop, run_id, quiet=quiet, json=json)

    return run_async(main())
