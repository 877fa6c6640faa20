"""``plumbline bench skeleton`` and ``support``: how long answers are written, and what the check of sentences sees."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from evals.benchmarks.altered import measure as measure_altered
from evals.benchmarks.machine import machine_line
from evals.benchmarks.skeleton import PAPERS_BEST, Routed, measure, seen, unseen

JsonOption = Annotated[bool, typer.Option("--json")]


def skeleton(
    per_token: Annotated[float, typer.Option(min=0, help="milliseconds a token of the scripted model")] = 10.0,
    json: JsonOption = False,
) -> int:
    """A long answer written by points (Skeleton-of-Thought) against one written in one go; and which gets which.

    The exit code is 1 if points are not faster than in the paper, or if the two answers are not equally supported.
    """
    with err().status("an answer of eight points, twice"):
        found = asyncio.run(measure(per_token=per_token / 1000))
    parts = {"adjusted to these": seen(), "not adjusted to these": unseen()}
    good = found.factor >= PAPERS_BEST and found.sentences[0] == found.sentences[1] > 0
    if json:
        routes = {name: {"right": sum(one.right for one in rows), "questions": rows} for name, rows in parts.items()}
        print_json({"machine": machine_line(), **found.model_dump(), "factor": found.factor, "router": routes})
        return 0 if good else 1
    console = out()
    table = Table("written", "seconds", "calls", "supported sentences", box=box.SIMPLE)
    one_go = ("in one go", found.sequential_seconds, found.sequential_calls, found.sentences[0])
    by_points = ("by points", found.skeleton_seconds, found.skeleton_calls, found.sentences[1])
    for name, seconds, calls, sentences in (one_go, by_points):
        table.add_row(name, f"{seconds:.2f}", str(calls), str(sentences))
    title = f"{found.points} points: {found.factor:.2f} times faster (the paper's best: {PAPERS_BEST})"
    console.print(title, style="bold", highlight=False)
    console.print(table)
    for name, questions in parts.items():
        right = sum(one.right for one in questions)
        console.print(f"router, rules {name}: {right} of {len(questions)} right", style="bold", highlight=False)
        console.print(_routes(questions))
    console.print("none: no rule decides, and the answer stays sequential", style="dim")
    console.print(machine_line(), style="dim")
    return 0 if good else 1


def _routes(questions: Iterable[Routed]) -> Table:
    table = Table("question", "wanted", "rules say", "", box=box.SIMPLE)
    for one in questions:
        table.add_row(one.question, one.wanted, one.ruled or "none", "" if one.right else "wrong")
    return table


def support(
    passages: Annotated[int, typer.Option(min=1, help="of each language")] = 200,
    cmrc: Annotated[Path | None, typer.Option(help="passages of CMRC 2018, JSONL, for the Chinese part")] = None,
    json: JsonOption = False,
) -> int:
    """Sentences of real pages, said again and altered: which of them count as supported by words alone."""
    with err().status(f"{passages} passages of each language"):
        rows = measure_altered(passages, cmrc=cmrc)
    if json:
        print_json({"rows": rows})
        return 0
    table = Table("language", "altered", "sentences", "supported", "open", "refused", box=box.SIMPLE)
    for row in rows:
        counts = (str(count) for count in (row.sentences, row.supported, row.open, row.refused))
        table.add_row(row.language, row.alteration, *counts)
    out().print(table)
    sources = dict.fromkeys(f"{row.language}: {row.source}" for row in rows)
    out().print("; ".join(sources), style="dim", highlight=False)
    return 0
