"""``python -m evals.luban``: print the confusion table of Luban's five tasks."""

import asyncio
import sys
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import clean, err, out, print_json, run_async, run_command
from agent.cli.run import ModelOption
from agent.cli.workshop import open_workshop
from agent.domain.errors import UsageError
from agent.runtime.options import RunOptions
from agent.verification.artefacts.voxel.world import VoxelWorld
from evals.checks import HEADINGS
from evals.luban.designing import Designed, designed
from evals.luban.measuring import confusion
from evals.luban.tasks import TASKS

app = typer.Typer(add_completion=False)


@app.command()
def luban(
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="how often all is done; for the time alone")] = 1,
    design: Annotated[bool, typer.Option("--design", help="have a model design the five tasks instead")] = False,
    hint: Annotated[bool, typer.Option("--hint", help="tell the model each task's key parameter")] = False,
    model: ModelOption = None,
    task: Annotated[list[str] | None, typer.Option(help="of the five, may be repeated")] = None,
    candidates: Annotated[int, typer.Option(min=1, max=8, help="written side by side in each round")] = 2,
    design_rounds: Annotated[int, typer.Option(min=1, max=10, help="of each design, at most")] = 3,
    tokens: Annotated[int | None, typer.Option(min=1, help="budget of each design")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Try good and sabotaged builds of Luban's five tasks and tell what was found, or have a model design them."""
    names = [one.name for one in TASKS]
    if unknown := [name for name in task or () if name not in names]:
        raise UsageError(f"there is no task {unknown[0]!r}; there are {', '.join(names)}")
    if not design:
        if hint or model is not None or task:
            raise UsageError("--hint, --model and --task are for --design; name that too")
        _measured(rounds, json=json)
        return 0

    async def main() -> int:
        async with open_workshop() as shop:
            options = RunOptions(model=model)
            await shop.services.check(options)
            with err().status("") as status:
                found = await designed(
                    shop.runner,
                    hint=hint,
                    options=options,
                    names=task or (),
                    candidates=candidates,
                    rounds=design_rounds,
                    tokens=tokens,
                    tell=lambda name: status.update(f"designing: {name}"),
                )
        if json:
            print_json(found)
        else:
            _show(found)
        return 0

    return run_async(main())


def _show(found: Designed) -> None:
    table = Table(
        "task", "accepted", "criteria passed", "in round 1", "rounds", "ended", "calls", "run", box=box.SIMPLE
    )
    for row in found.rows:
        passed = f"{row.passed} of {row.criteria}"
        counts = str(row.first), str(row.rounds), clean(row.stop), str(row.calls), row.run
        table.add_row(row.task, "yes" if row.accepted else "no", passed, *counts)
    out().print(table)
    told = "with" if found.hint else "without"
    out().print(f"accepted {found.accepted} of {len(found.rows)}, {told} the hint at the key parameter")


def _measured(rounds: int, *, json: bool) -> None:
    """Try good and sabotaged builds and tell what was found."""
    with err().status("five tasks, four good and eight sabotaged builds each"):
        every = [asyncio.run(confusion(VoxelWorld())) for _ in range(rounds)]
        found = every[0].model_copy(
            update={"checks": sum(one.checks for one in every), "seconds": sum(one.seconds for one in every)}
        )
    if json:
        print_json(found)
        return
    table = Table("task", "check", *HEADINGS, box=box.SIMPLE)
    for row in found.rows:
        table.add_row(row.task, row.check, *row.columns)
    out().print(table)
    out().print(
        f"defects found {found.found} of {found.sabotaged}; false alarms {len(found.alarms)} of {found.good_checks} "
        f"checks; good builds accepted {found.accepted_builds} of {found.good_builds}; "
        f"{found.checks} checks with their controls in {found.seconds:.1f} s"
    )
    for line in (*found.missed, *found.alarms):
        out().print(line, markup=False)


if __name__ == "__main__":
    sys.exit(run_command(app, "python -m evals.luban", sys.argv[1:]))
