"""``plumbline bench claims``: how well claims are judged by rules, by a model, and by both."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from agent.cli.console import clean, err, out, print_json
from agent.domain.errors import UsageError
from agent.models.config import parse_model
from agent.models.registry import build_model
from agent.runtime.settings import home_folder, load_settings
from evals.benchmarks.machine import machine_line
from evals.claims.judging import RULES, judge_pairs
from evals.claims.pairs import OWN_PAIRS, Pair, read_pairs
from evals.claims.scores import Judged, Score, score

_LEGEND = (
    "balanced: mean share of supported and of contradicted pairs that were called so, undecided counts as wrong;"
    " decided: share of all pairs; precise: share of these that were decided as labelled; false: contradicted pairs"
    " called supported; ms: mean for a pair"
)


def claims(
    pairs: Annotated[Path | None, typer.Option(help="pairs as JSONL; by default those of this package")] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="folder of the test data, whose claims/pairs.jsonl counts too", envvar="PLUMBLINE_TEST_DATA"),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="embedded, or the name of a model, which judges as well; by default none")
    ] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Judge claims by their evidence, where the false ones are minimal edits of true ones.

    The exit code is 1 if the deterministic tiers call a contradicted pair supported.
    """
    sets = {str(file.name if file == OWN_PAIRS else file): read_pairs(file) for file in _files(pairs, data)}
    judged = asyncio.run(_judged(sets, model, quiet=json))
    scores = {name: [score(by, rows) for by, rows in found.items()] for name, found in judged.items()}
    if json:
        print_json({"machine": machine_line(), "model": model or "", "scores": scores, "pairs": judged})
    else:
        for name, found in scores.items():
            _show(name, found, model)
        for name, found_pairs in judged.items():
            for one in found_pairs[RULES]:
                if one.pair.label == "contradicted" and one.verdict == "supported":
                    line = f"{name} {one.pair.id}: wrongly supported: {one.pair.claim!r} by {one.pair.evidence!r}"
                    out().print(clean(line), markup=False, highlight=False)
        out().print(machine_line(), style="dim")
    return 1 if any(one.judge == RULES and one.false_support for found in scores.values() for one in found) else 0


def _files(pairs: Path | None, data: Path | None) -> list[Path]:
    shared = None if data is None else data / "claims" / "pairs.jsonl"
    if shared is not None and not shared.is_file():
        raise UsageError(f"{shared} is not there; --data is the folder that has claims/pairs.jsonl")
    own = [pairs or OWN_PAIRS]
    return own if shared is None else [*own, shared]


async def _judged(
    sets: Mapping[str, Sequence[Pair]], name: str | None, *, quiet: bool
) -> dict[str, dict[str, list[Judged]]]:
    home = home_folder()
    model = None
    if name is not None:
        model = build_model(name, load_settings(home).models.get(name) or parse_model(name), home)
    columns = TextColumn("judging pairs"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    try:
        with Progress(*columns, console=err(), transient=True, disable=quiet) as progress:
            task = progress.add_task("", total=sum(len(pairs) for pairs in sets.values()))
            return {
                file: await judge_pairs(pairs, model, told=lambda pair: progress.advance(task))
                for file, pairs in sets.items()
            }
    finally:
        if model is not None:
            await model.close()


def _show(name: str, scores: Sequence[Score], model: str | None) -> None:
    table = Table("judged by", "balanced", "95 %", "decided", "precise", "false", "errors", "ms", box=box.SIMPLE)
    for one in scores:
        spread = "" if one.low is None else f"{one.low:.2f}-{one.high:.2f}"
        figures = (_share(one.balanced), spread, _share(one.coverage), _share(one.precision))
        table.add_row(one.judge, *figures, str(one.false_support), str(one.errors), f"{one.milliseconds:.1f}")
    console = out()
    console.print(f"{name}: {scores[0].pairs} pairs, model: {model or 'none'}", style="bold", highlight=False)
    console.print(table)
    console.print(_LEGEND, style="dim", highlight=False)
    kinds = Table("right, by kind of pair", *(one.judge for one in scores), box=box.SIMPLE)
    for kind in scores[0].kinds:
        kinds.add_row(clean(kind), *("{} of {}".format(*one.kinds[kind]) for one in scores))
    console.print(kinds)


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"
