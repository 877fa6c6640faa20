"""``plumbline bench index`` and ``compression``: what documents cost to find and what is kept of them."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from evals.benchmarks.compression import measure_compression
from evals.benchmarks.index import measure_index, measure_long
from evals.benchmarks.machine import machine_line

JsonOption = Annotated[bool, typer.Option("--json")]
CmrcOption = Annotated[Path | None, typer.Option(help="passages and questions of CMRC 2018, JSONL")]


def index(
    documents: Annotated[int, typer.Option(min=20)] = 20_000,
    queries: Annotated[int, typer.Option(min=1, help="for each language")] = 200,
    pages: Annotated[int, typer.Option(min=20, help="of the PDF document")] = 500,
    generated: Annotated[bool, typer.Option(help="take generated documents even where real ones are there")] = False,
    cmrc: CmrcOption = None,
    json: JsonOption = False,
) -> int:
    """Build an index of short documents, half of them Chinese, and find known ones; find a fact in a long PDF."""
    with err().status(f"{documents:,} documents, a PDF document of {pages} pages"):
        found = asyncio.run(measure_index(documents, queries, generated=generated, cmrc=cmrc))
        long = asyncio.run(measure_long(pages))
    if json:
        print_json({"machine": machine_line(), "index": found, "long": long})
        return 0
    console = out()
    for source in found.sources:
        console.print(source, highlight=False)
    built = Table("documents", "characters each", "CPU s", "wall s", "again, CPU s", "MB", box=box.SIMPLE)
    each = f"{found.characters / found.documents:.0f}"
    seconds = (f"{value:.2f}" for value in (found.cpu_seconds, found.wall_seconds, found.again_seconds))
    built.add_row(f"{found.documents:,}", each, *seconds, f"{found.size / 1e6:.1f}")
    console.print("building", style="bold")
    console.print(built)
    table = Table("known documents", "queries", "hit@1", "hit@10", "p50 ms", "p95 ms", box=box.SIMPLE)
    for one in found.searched:
        values = f"{one.hit_1:.3f}", f"{one.hit_10:.3f}", f"{one.p50_ms:.2f}", f"{one.p95_ms:.2f}"
        table.add_row(one.what, str(one.queries), *values)
    console.print("finding", style="bold")
    console.print(table)
    console.print(f"queries: {found.rule}", style="dim", highlight=False)
    table = Table("pages", "characters", "index CPU s", "search", "open", "find", "right", box=box.SIMPLE)
    steps = long.index_seconds, long.search_seconds, long.open_seconds, long.find_seconds
    table.add_row(
        str(long.pages), f"{long.characters:,}", *(f"{value:.2f}" for value in steps), "yes" if long.right else "NO"
    )
    console.print("a fact in a generated PDF document", style="bold")
    console.print(table)
    console.print(machine_line(), style="dim")
    return 0 if long.right else 1


def compression(
    cmrc: CmrcOption = None,
    python_docs: Annotated[
        Path | None, typer.Option(help="questions about pages of python3.11-doc, JSONL; needs that Debian package")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Share of answering sentences that survive compression; without data over the documents of our own suite."""
    found = measure_compression(cmrc=cmrc, python_docs=python_docs)
    if json:
        print_json({"machine": machine_line(), "rows": found})
        return 0
    table = Table("what", "asked", "budget", "rate", "answers kept", "kept from the top", "ms", box=box.SIMPLE)
    for row in found:
        values = (f"{value:.3f}" for value in (row.rate, row.answers, row.leading))
        table.add_row(row.what, str(row.asked), f"{row.budget:.1f}", *values, f"{row.milliseconds:.1f}")
    console = out()
    console.print("compression", style="bold")
    console.print(table)
    console.print(machine_line(), style="dim")
    return 0
