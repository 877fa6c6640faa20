"""``plumbline bench corrections``: the memory of corrections with very many of them."""

from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import clean, err, out, print_json
from evals.benchmarks.corrections import measure_corrections
from evals.benchmarks.machine import machine_line


def corrections(
    entries: Annotated[int, typer.Option(min=20)] = 10_000,
    seed: Annotated[int, typer.Option(help="of the generated corrections and situations")] = 7,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Look up situations among generated corrections: time, old ones that hold, false applications."""
    with err().status(f"{entries:,} corrections"):
        found = measure_corrections(entries, seed=seed)
    right = found.first and found.kept == found.asked and found.false_unrelated == 0
    if json:
        print_json({"machine": machine_line(), "corrections": found})
        return 0 if right else 1
    console = out()
    table = Table("corrections", "widened", "narrowed", "ms to add", "MB", box=box.SIMPLE)
    built = f"{found.widened:,}", f"{found.narrowed:,}", f"{found.add_ms:.2f}", f"{found.size / 1e6:.1f}"
    table.add_row(f"{found.entries:,}", *built)
    console.print(table)
    times = found.p50_ms, found.p95_ms, found.most_ms, found.cpu_p95_ms, found.cpu_most_ms
    table = Table("look-ups", "p50 ms", "p95 ms", "slowest ms", "CPU p95 ms", "CPU slowest ms", box=box.SIMPLE)
    table.add_row(f"{found.lookups:,}", *(f"{ms:.2f}" for ms in times))
    console.print(table)
    console.print(f"the first correction {'still applies' if found.first else 'NO LONGER APPLIES'}")
    console.print(f"known situations that get theirs: {found.kept:,} of {found.asked:,}")
    console.print(f"unrelated situations that get one: {found.false_unrelated:,} of {found.unrelated:,}")
    console.print(f"known ones with another name that get one: {found.false_swapped:,} of {found.swapped:,}")
    for example in found.examples:
        console.print(f"! {clean(example)}")
    console.print(machine_line(), style="dim")
    return 0 if right else 1
