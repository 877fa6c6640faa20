"""``plumbline bench batch-kills``: what a batch loses and repeats when it is killed again and again."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from agent.domain.errors import UsageError
from evals.benchmarks.batch_kills import batch_kills as measure
from evals.benchmarks.machine import machine_line


def batch_kills(
    samples: Annotated[int, typer.Option(min=20, max=100_000)] = 1000,
    kills: Annotated[int, typer.Option(min=1, max=100, help="how often the batch is killed by SIGKILL")] = 5,
    concurrency: Annotated[int, typer.Option("--concurrency", "-n", min=1, help="runs at a time")] = 20,
    seed: Annotated[int, typer.Option(help="decides at which moments")] = 0,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Kill a batch at random moments, go on with it, and compare its reports with those of an undisturbed one.

    The exit code is 1 where a report differs, or a sample that had ended was run again.
    """
    if kills > samples // 4:
        raise UsageError("there are too many kills for so few samples; use --samples for more")
    with err().status("") as status, tempfile.TemporaryDirectory(prefix="plumbline-kills-") as folder:
        coming = measure(
            Path(folder), samples=samples, kills=kills, concurrency=concurrency, seed=seed, told=status.update
        )
        found = asyncio.run(coming)
    if json:
        print_json({"machine": machine_line(), **found.model_dump(mode="json"), "good": found.good})
        return 0 if found.good else 1
    table = Table("", "undisturbed", f"killed {found.kills} times", box=box.SIMPLE)
    table.add_row("seconds", f"{found.whole_seconds:.1f}", f"{found.killed_seconds:.1f}")
    table.add_row("model requests", str(found.needed), str(found.asked))
    table.add_row("more than needed", "0", f"{found.asked - found.needed} (up to {found.concurrency} a kill under way)")
    table.add_row("had ended at each kill", "", ", ".join(map(str, found.ended_before)))
    table.add_row("of these run again", "", str(found.rerun))
    for name, same in (("JSON", found.same_json), ("HTML", found.same_html)):
        told = "the same, byte for byte, without times" if same else "different"
        table.add_row(f"{name} report", "", told, style=None if same else "red")
    out().print(f"{found.samples} samples, {found.concurrency} runs at a time", style="bold")
    out().print(table)
    out().print(machine_line(), style="dim")
    return 0 if found.good else 1
