"""``plumbline bench kb``: what a large knowledge base costs."""

from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from evals.benchmarks.knowledge import measure_knowledge
from evals.benchmarks.machine import machine_line


def kb(
    triples: Annotated[int, typer.Option(min=100)] = 1_000_000,
    lookups: Annotated[int, typer.Option(min=10)] = 20_000,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Load synthetic triples into a knowledge base and look some up. Exit code 1 when a lookup was wrong."""
    with err().status(f"{triples:,} triples"):
        found = measure_knowledge(triples, lookups)
    if json:
        print_json({"machine": machine_line(), "kb": found})
        return 0 if found.right else 1
    console = out()
    table = Table("triples", "duplicates", "things", "load s", "CPU s", "memory MB", "file MB", "right", box=box.SIMPLE)
    counts = (f"{count:,}" for count in (found.triples, found.duplicates, found.things))
    seconds = f"{found.load_seconds:.1f}", f"{found.cpu_seconds:.1f}"
    sizes = f"{found.memory_mb:.0f}", f"{found.size / 1e6:.0f}"
    table.add_row(*counts, *seconds, *sizes, "yes" if found.right else "NO")
    console.print(table)
    table = Table("lookup by names", "p50 us", "p95 us", box=box.SIMPLE)
    for one in found.timed:
        table.add_row(one.what, f"{one.p50_us:.0f}", f"{one.p95_us:.0f}")
    console.print(table)
    console.print(machine_line(), style="dim")
    return 0 if found.right else 1
