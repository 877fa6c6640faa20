"""``python -m evals.luban``: print the confusion table of Luban's five tasks."""

import asyncio
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from agent.verification.artefacts.voxel.world import VoxelWorld
from evals.luban.measuring import confusion


def luban(
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="how often all is done; for the time alone")] = 1,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Try good and sabotaged builds of Luban's five tasks and tell what was found."""
    with err().status("five tasks, four good and eight sabotaged builds each"):
        every = [asyncio.run(confusion(VoxelWorld())) for _ in range(rounds)]
        found = every[0].model_copy(
            update={"checks": sum(one.checks for one in every), "seconds": sum(one.seconds for one in every)}
        )
    if json:
        print_json(found)
        return
    table = Table(
        "task", "check", "good passed", "good blamed", "bad failed", "bad passed", "inconclusive", box=box.SIMPLE
    )
    for row in found.rows:
        counts = row.good_passed, row.good_blamed, row.bad_failed, row.bad_passed, row.inconclusive
        table.add_row(row.task, row.check, *map(str, counts))
    out().print(table)
    out().print(
        f"defects found {found.found} of {found.sabotaged}; false alarms {len(found.alarms)} of {found.good_checks} "
        f"checks; good builds accepted {found.accepted_builds} of {found.good_builds}; "
        f"{found.checks} checks with their controls in {found.seconds:.1f} s"
    )
    for line in (*found.missed, *found.alarms):
        out().print(line, markup=False)


if __name__ == "__main__":
    typer.run(luban)
