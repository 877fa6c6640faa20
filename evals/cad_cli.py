"""``plumbline bench cad``: what building, inspecting, looking and trying out cost on the ten reference solids."""

import asyncio
from collections.abc import Callable
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from agent.domain.errors import ServiceError
from evals.benchmarks.machine import machine_line
from evals.cad.opening import local_world
from evals.cad.timing import CadCosts, measure
from evals.cad.wishes import WISHES
from toolserver.client import ToolServerError


def cad(json: Annotated[bool, typer.Option("--json")] = False) -> int:
    """Seconds of each step of the world cad, memory, and whether the same seed gives the same numbers.

    Exit code 1 when the same seed gave other numbers, which no load of the machine excuses.
    """
    try:
        with err().status("the ten reference solids") as status:
            found = asyncio.run(_measured(lambda wish: status.update(f"the reference solids: {wish}")))
    except ToolServerError as error:
        raise ServiceError(str(error)) from error
    if json:
        print_json({"machine": machine_line(), **found.model_dump(mode="json")})
        return 1 if found.differing else 0
    table = Table("step", "median s", "p95 s", "samples", "wanted below", "", box=box.SIMPLE)
    for row in found.steps:
        wanted = "" if row.most is None else f"{row.most:g}"
        table.add_row(
            row.step,
            f"{row.median:.2f}",
            f"{row.p95:.2f}",
            str(row.samples),
            wanted,
            "" if row.within else "above",
        )
    console = out()
    console.print("ten reference solids, one after the other", style="bold")
    console.print(table)
    if found.memory_mb is not None:
        console.print(f"memory of the sandbox afterwards: {found.memory_mb:.0f} MiB")
    same = found.compared - len(found.differing)
    console.print(f"the same seed gave the same numbers in {same} of {found.compared} trials that were made twice")
    for line in found.differing:
        console.print(f"other numbers: {line}", markup=False)
    console.print(machine_line(), style="dim")
    return 1 if found.differing else 0


async def _measured(told: Callable[[str], None]) -> CadCosts:
    async with local_world() as here:
        return await measure(here.world, here.showing, WISHES, here.memory_mb, told)
