"""``plumbline resume``: go on with a run."""

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.console import run_async
from agent.cli.driving import drive
from agent.cli.run import JsonOption, ModelOption, QuietOption, SandboxOption, budget_of
from agent.cli.seat import Chair, sit
from agent.cli.terminal import asker_for
from agent.cli.workshop import open_workshop
from agent.runtime.history import read_view
from agent.runtime.options import RunOptions

app = typer.Typer(add_completion=False)


@app.command()
def resume(
    run: Annotated[str, typer.Argument(help="id of a run, its beginning, or last")] = "last",
    model: ModelOption = None,
    sandbox: SandboxOption = None,
    tokens: Annotated[int | None, typer.Option(help="new budget in tokens")] = None,
    money: Annotated[str | None, typer.Option(help="new budget in the currency of the price table")] = None,
    seconds: Annotated[float | None, typer.Option(help="new budget in seconds")] = None,
    steps: Annotated[int | None, typer.Option(help="new budget in executor steps")] = None,
    save: Annotated[Path | None, typer.Option(help="folder to save the artefacts to")] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> int:
    """Go on with a run that was paused, interrupted, failed, waits for a person, or used up its budget."""
    limits = {"tokens": tokens, "money": money, "seconds": seconds, "steps": steps}

    async def main() -> int:
        chair = Chair(asker_for(json=json, quiet=quiet))
        async with open_workshop(chair) as shop:
            summary = await shop.ledger.find(run)
            if any(value is not None for value in limits.values()):
                budget = (await read_view(shop.ledger, summary.id)).budget or shop.settings.budget
                await shop.runner.set_budget(summary.id, budget_of(budget, limits))
            run_id = await shop.runner.resume(summary.id, RunOptions(model=model, sandbox=sandbox))
            task, _ = await shop.ledger.created(run_id)
            if task.browse is not None and task.browse.seat == "person":
                return await sit(shop, chair, run_id, quiet=quiet, json=json)
            return await drive(shop, run_id, quiet=quiet, json=json, save=save)

    return run_async(main())
