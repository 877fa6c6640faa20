"""``plumbline bench concurrency``: many runs at once in one process."""

from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from agent.domain.errors import UsageError
from evals.benchmarks.concurrency import Row
from evals.benchmarks.concurrency import concurrency as measure
from evals.benchmarks.machine import may_be_first


def concurrency(
    runs: Annotated[str, typer.Option(help="numbers of runs at once, with commas between them")] = "50,200,1000",
    turns: Annotated[int, typer.Option(min=1, help="tool turns of a run")] = 20,
    latency: Annotated[int, typer.Option(min=0, max=10_000, help="of the model, in milliseconds")] = 200,
    rounds: Annotated[int, typer.Option(min=1, help="how often each number is measured")] = 3,
    first: Annotated[bool, typer.Option("--first", help="before all other programs of the machine, as root")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Sessions a second and memory of many runs at once, recorded, against a bare loop that records nothing."""
    counts = _counts(runs)
    if first and not may_be_first():
        raise UsageError("--first needs Linux's chrt and the right to use it; leave it out, or run as root")
    with err().status(f"{rounds} rounds of two cells at {runs} runs") as status:
        rows, machine = measure(
            runs=counts, turns=turns, latency=latency, rounds=rounds, first=first, told=status.update
        )
    if json:
        print_json({"machine": machine, "turns": turns, "latency_ms": latency, "rows": rows})
        return 0
    console = out()
    console.print(f"{turns} tool turns at {latency} ms model latency, all runs started at once", style="bold")
    console.print(_rates(rows))
    console.print(_costs(rows))
    console.print(machine, style="dim")
    return 0


def _counts(text: str) -> list[int]:
    try:
        counts = [int(part) for part in text.split(",")]
    except ValueError:
        counts = []
    if not counts or min(counts) < 1:
        raise UsageError(f"--runs takes numbers with commas between them, such as 50,200, not {text!r}")
    return counts


def _rates(rows: list[Row]) -> Table:
    table = Table("runs", "sessions/s", "bare", "ratio", "by round", "load", "p50 s", "p99 s", box=box.SIMPLE)
    for row in rows:
        by_round = " ".join(f"{ratio:.2f}" for ratio in row.ratios)
        loads = " ".join(f"{load:.1f}" for load in row.loads)
        rates = f"{row.rate:.1f}", f"{row.bare_rate:.1f}", f"{row.ratio:.2f}"
        table.add_row(f"{row.runs:,}", *rates, by_round, loads, f"{row.p50:.2f}", f"{row.p99:.2f}")
    return table


def _costs(rows: list[Row]) -> Table:
    names = "CPU ms a call", "bare", "ratio", "peak MB a run", "bare", "left MB a run", "bare"
    table = Table("runs", *names, box=box.SIMPLE)
    for row in rows:
        cpu = f"{row.cpu_ms:.2f}", f"{row.bare_cpu_ms:.2f}", f"{row.ratio_cpu:.2f}"
        memory = (f"{value:.3f}" for value in (row.peak_mb, row.bare_peak_mb, row.left_mb, row.bare_left_mb))
        table.add_row(f"{row.runs:,}", *cpu, *memory)
    return table
