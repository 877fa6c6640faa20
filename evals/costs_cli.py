"""``plumbline bench overhead``, ``turns``, ``growth``, ``parallel``, ``startup``, ``tools``: what Plumbline costs."""

import asyncio
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, print_json
from evals.benchmarks.catalogue import recall as measure_recall
from evals.benchmarks.growth import growth as measure_growth
from evals.benchmarks.machine import machine_line
from evals.benchmarks.overhead import overhead as measure_overhead
from evals.benchmarks.parallel import overlap
from evals.benchmarks.startup import startup as measure_startup
from evals.printed import print_table

JsonOption = Annotated[bool, typer.Option("--json")]


def overhead(
    turns: Annotated[int, typer.Option(min=1)] = 20,
    rounds: Annotated[int, typer.Option(min=1)] = 6,
    json: JsonOption = False,
) -> int:
    """Cost of a turn beyond the model, recorded durably, against loops that record nothing."""
    with err().status(f"{rounds} rounds of five cells"):
        rows, machine = measure_overhead(turns=turns, rounds=rounds)
    if json:
        print_json({"machine": machine, "turns": turns, "rows": rows})
        return 0
    table = Table(
        "cell", "wall ms", "CPU ms", "peak MB", "wall ratio", "CPU ratio", "wall ratio by round", box=box.SIMPLE
    )
    for row in rows:
        by_round = " ".join(f"{ratio:.2f}" for ratio in row.rounds)
        values = (
            f"{row.wall_ms:.2f}",
            f"{row.cpu_ms:.2f}",
            f"{row.peak_mb:.0f}",
            f"{row.ratio:.2f}",
            f"{row.ratio_cpu:.2f}",
        )
        table.add_row(row.cell, *values, by_round)
    print_table(f"per model call, {turns} tool turns", table, machine)
    return 0


def turns(rounds: Annotated[int, typer.Option(min=1)] = 6, json: JsonOption = False) -> int:
    """Cost of a turn in a session of 100 turns against one of 20."""
    cells = ("raw:openai", "plumbline@process")
    with err().status(f"{rounds} rounds at 20 and at 100 turns"):
        short, machine = measure_overhead(turns=20, rounds=rounds, cells=cells)
        long, _ = measure_overhead(turns=100, sessions=2, rounds=rounds, cells=cells)
    if json:
        print_json({"machine": machine, "20": short, "100": long})
        return 0
    table = Table("cell", "20 turns, CPU ms", "100 turns, CPU ms", "factor", "wall factor", box=box.SIMPLE)
    for a, b in zip(short, long, strict=True):
        factors = f"{b.cpu_ms / a.cpu_ms:.2f}", f"{b.wall_ms / a.wall_ms:.2f}"
        table.add_row(a.cell, f"{a.cpu_ms:.2f}", f"{b.cpu_ms:.2f}", *factors)
    print_table("per model call", table, machine)
    return 0


def growth(json: JsonOption = False) -> int:
    """Storage and resuming of runs of 100, 400 and 1,600 steps."""
    with err().status("runs of 100, 400 and 1,600 steps"):
        found = asyncio.run(measure_growth())
    if json:
        print_json({"machine": machine_line(), "rows": found})
        return 0
    table = Table("steps", "events", "database", "blobs", "bytes a step", "to 100 steps", "live edge s", box=box.SIMPLE)
    for row in found:
        ratio = row.bytes_per_step / found[0].bytes_per_step
        sizes = f"{row.database_bytes:,}", f"{row.blob_bytes:,}", f"{row.bytes_per_step:,.0f}", f"{ratio:.2f}"
        table.add_row(str(row.steps), f"{row.events:,}", *sizes, f"{row.live_edge_seconds:.2f}")
    print_table("growth", table, machine_line())
    return 0


def parallel(json: JsonOption = False) -> int:
    """Two independent subtasks of a model that takes one second a call."""
    with err().status("a plan of two subtasks"):
        found = asyncio.run(overlap())
    if json:
        print_json({"machine": machine_line(), **found.model_dump(), "over": found.over})
        return 0
    table = Table("wall s", "critical path s", "sequential s", "wall / critical path", box=box.SIMPLE)
    values = found.wall_seconds, found.critical_path_seconds, found.sequential_seconds, found.over
    table.add_row(*(f"{value:.2f}" for value in values))
    print_table("overlap", table, machine_line())
    return 0


def startup(json: JsonOption = False) -> int:
    """Processor time of plumbline --help against a bare argparse program."""
    found = measure_startup()
    if json:
        print_json({"machine": machine_line(), **found.model_dump(), "ratio": found.ratio})
        return 0
    table = Table("help CPU ms", "argparse CPU ms", "ratio", "modules", box=box.SIMPLE)
    table.add_row(f"{found.help_cpu_ms:.0f}", f"{found.argparse_cpu_ms:.0f}", f"{found.ratio:.2f}", str(found.modules))
    print_table("start-up", table, machine_line())
    return 0


def tools(json: JsonOption = False) -> int:
    """How often the right one of several hundred tools is found by words, and what a search costs."""
    measured, machine = asyncio.run(measure_recall()), machine_line()
    if json:
        print_json({"machine": machine, "recall": measured})
        return 0
    table = Table("found by", "tools", "tasks", *(f"in first {cut}" for cut in measured.at), "query ms", box=box.SIMPLE)
    shares = (f"{share:.2f}" for share in measured.at.values())
    table.add_row(measured.by, str(measured.tools), str(measured.tasks), *shares, f"{measured.query_ms:.2f}")
    print_table("the right tool in a catalogue", table, machine)
    return 0
