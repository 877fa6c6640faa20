"""``plumbline bench reasoning``: the ways to ask, side by side on questions whose answers are known."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich import box
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from agent.cli.ask import read_lines_file
from agent.cli.console import clean, err, out, print_json
from agent.cli.inputs import given_path
from agent.domain.asking import AskMode
from agent.domain.errors import UsageError
from agent.models.config import NO_MODEL, parse_model
from agent.models.registry import build_model
from agent.runtime.settings import home_folder, load_settings
from agent.verification.knowledge.base import open_knowledge
from agent.verification.reasoning.exemplars import Exemplar, own_exemplars, read_exemplars
from evals.benchmarks.machine import machine_line
from evals.reasoning.questions import Labelled, read_set, set_names
from evals.reasoning.scores import Score, measurements, scores
from evals.reasoning.working import Tried, try_all
from evals.records import keep

_INTERRUPTED = 130
_LEGEND = (
    "95 %: bootstrap interval of the accuracy; accepted: answers that verification accepted, and how many of these are"
    " right; changed: answers that thinking again changed; calls, tokens and seconds: mean for a question"
)


def reasoning(
    data: Annotated[
        Path,
        typer.Option(parser=given_path, metavar="FOLDER", help="folder of the reasoning sets, one JSONL file each"),
    ],
    sets: Annotated[str | None, typer.Option(help="names of sets, with commas; by default all")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="questions of each set, the first ones")] = None,
    modes: Annotated[str, typer.Option(help="ways to ask, with commas")] = "direct,cot,cok,cok+f2",
    model: Annotated[str, typer.Option("--model", "-m", help="embedded, or the name of a model")] = "embedded",
    exemplars: Annotated[
        Path | None, typer.Option(parser=given_path, metavar="FILE", help="as in plumbline ask")
    ] = None,
    kb: Annotated[list[str] | None, typer.Option(metavar="NAME", help="knowledge base, may be repeated")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Answer questions of reasoning sets in each way, with the same model and the same exemplars.

    What each way came to is kept, for the web application's page of measurements. When it is interrupted, the figures
    are over what was answered until then, nothing is kept, and the exit code is 130.
    """
    if model == NO_MODEL:
        raise UsageError("somebody has to answer; name a model with --model")
    ways = _modes(modes)
    questions = _questions(data, sets, limit)
    shown = own_exemplars() if exemplars is None else read_exemplars(read_lines_file(exemplars), exemplars.name)
    tried: list[Tried] = []
    whole = True
    try:
        asyncio.run(_try(questions, ways, model, shown, kb or (), tried, quiet=json))
    except KeyboardInterrupt:
        if not tried:
            raise
        whole = False
    code = 0 if whole else _INTERRUPTED
    if whole:
        for way in measurements(model, tried):
            keep(home_folder(), way)
    found = scores(tried)
    if json:
        shape = {"machine": machine_line(), "model": model, "complete": whole, "scores": found, "tried": tried}
        print_json(shape)
        return code
    out().print(_table(found))
    for one in [one for one in tried if one.failure][:5]:
        out().print(clean(f"no answer: {one.labelled.id}, {one.mode}: {one.failure}"), markup=False, highlight=False)
    out().print(_LEGEND, style="dim", highlight=False)
    out().print(f"{model}; {machine_line()}", style="dim", highlight=False)
    if not whole:
        wanted = len(questions) * len(ways)
        err().print(
            f"plumbline: interrupted after {len(tried)} of {wanted} answers; not all ways saw the same questions",
            style="red",
        )
    return code


def _modes(text: str) -> tuple[AskMode, ...]:
    found: list[AskMode] = []
    known: dict[str, AskMode] = {mode: mode for mode in get_args(AskMode)}
    for name in (part.strip() for part in text.split(",")):
        if name not in known:
            raise UsageError(f"--modes: there is no way {name!r}; there are {', '.join(known)}")
        found.append(known[name])
    return tuple(dict.fromkeys(found))


def _questions(folder: Path, names: str | None, limit: int | None) -> list[Labelled]:
    known = set_names(folder)
    wanted = known if names is None else tuple(dict.fromkeys(part.strip() for part in names.split(",")))
    if missing := [name for name in wanted if name not in known]:
        raise UsageError(f"--sets: there is no set {missing[0]!r} in {folder}; there are {', '.join(known)}")
    questions = [one for name in wanted for one in read_set(folder / f"{name}.jsonl", limit)]
    if not questions:
        raise UsageError(f"the sets in {folder} have no questions")
    return questions


async def _try(
    questions: Sequence[Labelled],
    modes: Sequence[AskMode],
    name: str,
    exemplars: Sequence[Exemplar],
    bases: Sequence[str],
    tried: list[Tried],
    *,
    quiet: bool,
) -> None:
    """Ask, and add each answer to ``tried`` as it comes, so that what there is outlives an interruption."""
    home = home_folder()
    for base in bases:
        await open_knowledge(home, base).close()
    model = build_model(name, load_settings(home).models.get(name) or parse_model(name), home)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    try:
        with Progress(*columns, console=err(), transient=True, disable=quiet) as progress:
            task = progress.add_task("asking", total=len(questions) * len(modes))

            def told(one: Tried) -> None:
                tried.append(one)
                progress.update(task, advance=1, description=clean(f"{one.labelled.dataset}, {one.mode}"))

            await try_all(questions, modes, model, exemplars, bases=bases, home=home, told=told)
    finally:
        await model.close()


def _table(found: Sequence[Score]) -> Table:
    table = Table(
        "set", "way", "right", "accuracy", "95 %", "no answer", "accepted", "changed", "calls", "tokens", "seconds",
        box=box.SIMPLE,
    )  # fmt: skip
    for one in found:
        accepted = "" if one.accepted is None else f"{one.accepted}, {one.accepted_right} right"
        table.add_row(
            clean(one.dataset),
            one.mode,
            f"{one.right} of {one.questions}",
            f"{one.accuracy:.2f}",
            f"{one.low:.2f}-{one.high:.2f}",
            str(one.failed),
            accepted,
            "" if one.accepted is None else str(one.changed),
            f"{one.calls:.1f}",
            f"{one.tokens:,.0f}",
            f"{one.seconds:.1f}",
        )
    return table
