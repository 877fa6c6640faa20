"""``plumbline bench training``: what becomes of 100 failed trajectories when training data is made of them."""

import asyncio
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from evals.benchmarks.machine import machine_line
from evals.benchmarks.training import rehearse


def training(json: Annotated[bool, typer.Option("--json", help="print JSON")] = False) -> int:
    """Have a scripted agent fail in four ways, correct it by advice good and bad, and export what passes.

    The exit code is 1 where anything is exported that was not to be, or is missing, or shows an answer or advice.
    """
    with err().status("100 lots") as status:
        found = asyncio.run(rehearse(lambda line: status.update(f"100 lots: {line}")))
    if json:
        print_json({"machine": machine_line(), "training": found})
        return 1 if found.wrong else 0
    console = out()
    console.print(
        f"{sum(found.failed.values())} of {sum(found.failed.values()) + found.passed} attempts failed: "
        + ", ".join(f"{count} x {way}" for way, count in sorted(found.failed.items())),
        highlight=False,
    )
    console.print(f"{found.corrected} corrections passed their scorers", highlight=False)
    table = Table("corrections", "SFT", "pairs", box=box.SIMPLE)
    table.add_row("exported", *(str(found.exported[name]) for name in ("sft", "preference")), style="bold")
    table.add_row("that were to be", *(str(found.wanted[name]) for name in ("sft", "preference")))
    for reason in dict.fromkeys((*found.reasons["sft"], *found.reasons["preference"])):
        table.add_row(
            f"left out: {reason}", *(str(found.reasons[name].get(reason, 0)) for name in ("sft", "preference"))
        )
    console.print(table)
    for line in found.wrong[:20]:
        console.print(f"! {line}", style="red", highlight=False)
    if not found.wrong:
        console.print("no example shows an answer in a prompt, advice, or a check that fails", style="green")
    console.print(f"{found.seconds:.0f} s; {machine_line()}", style="dim", highlight=False)
    return 1 if found.wrong else 0
