"""``plumbline bench web``: what watchers of a run cost a server, and how fast it answers."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from evals.benchmarks.machine import machine_line
from evals.benchmarks.watching import measure


def web(
    watchers: Annotated[int, typer.Option(min=1, max=1_000, help="pages that watch one run")] = 200,
    seconds: Annotated[float, typer.Option(min=2, help="for each number of watchers")] = 15.0,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """What many watchers of one run add to a server's processor time, what stalled ones cost, and how fast it answers.

    Server and watchers are processes of their own, on loopback.
    """
    with err().status(f"a server, and {watchers} who watch"), tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(Path(folder) / "home", watchers=watchers, seconds=seconds))
    if json:
        print_json({"machine": machine_line(), **found.model_dump(), "added": found.added})
        return 0
    table = Table("watchers", "share of one core", "events", "reached each", "messages to each", box=box.SIMPLE)
    for row in found.watched:
        reached = (f"{row.delivered:.0f}", f"{row.messages:.0f}") if row.watchers else ("", "")
        table.add_row(str(row.watchers), f"{row.cpu_share:.1%}", str(row.events), *reached)
    out().print(f"a run that goes on for {seconds:.0f} s", style="bold")
    out().print(table)
    stalled = found.stalled
    out().print(f"{watchers} watchers add {found.added:.1%} of one core")
    out().print(
        f"{stalled.watchers} watchers who do not read while {stalled.written_mb:.0f} MB of events are written: "
        f"{stalled.grown_mb:.1f} MB more memory, {stalled.kb_each:.0f} kB each"
    )
    answers = Table("answer", "p50 ms", "p95 ms", "samples", "MB", box=box.SIMPLE)
    for one in found.answered:
        size = f"{one.megabytes:.1f}" if one.megabytes else ""
        answers.add_row(one.what, f"{one.p50:.1f}", f"{one.p95:.1f}", str(one.samples), size)
    out().print(answers)
    out().print(machine_line(), style="dim")
    return 0
