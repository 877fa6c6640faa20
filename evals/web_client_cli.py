"""``plumbline bench web-client``: a long run in a real browser."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from evals.benchmarks.machine import machine_line


def web_client(
    events: Annotated[int, typer.Option(min=100, help="events of the run")] = 10_000,
    keep: Annotated[Path | None, typer.Option(help="data folder in which the run is left, to be looked at")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """How fast a page shows a run of 10,000 events, and how even its frames are while somebody moves through it."""
    # Playwright is there only where pages are read in a browser or the product is developed
    from evals.benchmarks.web_client import measure

    made = tempfile.TemporaryDirectory(prefix="plumbline-web-client-")
    with made as folder, err().status(f"a run of {events:,} events in Chromium"):
        shown = asyncio.run(measure(keep or Path(folder), events=events))
    if json:
        print_json({"machine": machine_line(), **shown.model_dump()})
        return 0
    table = Table("frames in ms", "frames", "p50", "p95", "worst", "late", "CPU", box=box.SIMPLE)
    for row in shown.frames:
        times = f"{row.p50:.1f}", f"{row.p95:.1f}", f"{row.worst:.1f}"
        table.add_row(row.what, str(row.frames), *times, str(row.late), f"{row.cpu:.1f}")
    opened = ", ".join(f"{each:,.0f}" for each in shown.open_ms)
    out().print(f"a run of {shown.events:,} events is shown after {opened} ms; the page holds {shown.heap_mb:.0f} MB")
    out().print(table)
    out().print(machine_line(), style="dim")
    return 0
