"""``plumbline answer``: answer the question a run waits for."""

from typing import Annotated

import typer

from agent.cli.console import err, print_json, run_async
from agent.cli.driving import drive
from agent.cli.run import JsonOption, QuietOption
from agent.cli.terminal import asker_for
from agent.cli.workshop import open_workshop
from agent.domain.errors import UsageError

app = typer.Typer(add_completion=False)


@app.command()
def answer(
    run: Annotated[str, typer.Argument(help="id of a run, its beginning, or last")],
    text: Annotated[str, typer.Argument(help="the answer")],
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="go on with the run here")] = True,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> int:
    """Answer the question a run waits for, and go on with it here unless another process works on it."""
    if not text.strip():
        raise UsageError("the answer is empty")

    async def main() -> int:
        async with open_workshop(asker_for(json=json, quiet=quiet)) as shop:
            summary = await shop.runner.answer(run, text)
            if summary.alive or not wait:
                if json:
                    print_json({"run": summary})
                else:
                    err().print(f"run {summary.id} has the answer")
                return 0
            run_id = await shop.runner.resume(summary.id)
            return await drive(shop, run_id, quiet=quiet, json=json)

    return run_async(main())
