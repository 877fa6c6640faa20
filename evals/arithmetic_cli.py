"""``plumbline bench arithmetic``: corrupted equations of worked solutions, found and missed."""

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import clean, err, out, print_json
from evals.benchmarks.arithmetic import measure
from evals.benchmarks.machine import machine_line


def arithmetic(
    data: Annotated[Path | None, typer.Option(help="folder with gsm8k.jsonl and svamp.jsonl")] = None,
    count: Annotated[int, typer.Option(min=1, help="solutions in all; what the folder lacks is written")] = 500,
    seed: Annotated[int, typer.Option()] = 0,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Corrupt one equation in each of many worked solutions; count what the judge finds, and its false alarms."""
    with err().status("judging worked solutions"):
        rows = measure(data, count=count, seed=seed)
    found, solutions, alarms = (sum(getattr(row, name) for row in rows) for name in ("found", "solutions", "alarms"))
    failed = found < 0.99 * solutions or alarms > 0
    if json:
        print_json({"machine": machine_line(), "found": found, "solutions": solutions, "alarms": alarms, "rows": rows})
        return 1 if failed else 0
    table = Table(
        "solutions", "number", "corruptions found", "false alarms", "statements judged", "ms each", box=box.SIMPLE
    )
    for row in rows:
        figures = (row.solutions, row.found, row.alarms, row.judged)
        table.add_row(row.source, *map(str, figures), f"{row.milliseconds:.1f}")
    console = out()
    console.print("one corrupted equation in each worked solution", style="bold")
    console.print(table)
    for row in rows:
        for text in row.missed:
            console.print(f"missed ({row.source}): {clean(text)!r}", markup=False, highlight=False)
        for text in row.false_alarms:
            console.print(f"false alarm ({row.source}): {clean(text)!r}", markup=False, highlight=False)
    console.print(f"{found} of {solutions} found ({found / solutions:.1%}), {alarms} false alarms")
    console.print(machine_line(), style="dim")
    return 1 if failed else 0
