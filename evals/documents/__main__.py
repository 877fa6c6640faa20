"""Run the suite: ``python -m evals.documents dev --steps package.module:factory``."""

import asyncio
import importlib
from typing import Annotated, Any, cast, get_args

import typer
from rich.console import Console
from rich.table import Table

from agent.execution.guided.checks import LiteralCheck
from agent.execution.guided.outcomes import Outcome
from agent.execution.guided.strategy import work
from agent.execution.guided.thresholds import thresholds_for
from agent.execution.guided.triage import Part
from agent.execution.port import Steps
from evals.documents.suite import Graded, Half, Kind, StepsFactory, items, run, table

app = typer.Typer(add_completion=False, help="Questions over documents and computations over files.")


@app.command()
def documents(
    half: Annotated[str, typer.Argument(help="dev, heldout or fresh")],
    steps: Annotated[str, typer.Option(help="package.module:factory that opens steps over two folders")],
    literal: Annotated[str, typer.Option(help="package.module:function of the literal check")] = (
        "agent.verification.literal:literal"
    ),
    model: Annotated[str, typer.Option(help="name of the model, which decides the thresholds")] = "qwen2.5-coder-1.5b",
    only: Annotated[list[str] | None, typer.Option(help="ids of single items")] = None,
) -> None:
    """Print right, wrong and withheld for each kind; the exit code is 1 if an accepted answer is wrong."""
    if half not in get_args(Half):
        raise typer.BadParameter("half is dev, heldout or fresh")
    factory, check = cast("StepsFactory", _named(steps)), cast("LiteralCheck", _named(literal))
    graded = asyncio.run(_all(cast("Half", half), factory, check, model, only or []))
    _show(graded)
    raise typer.Exit(1 if any(one.grade == "wrong" for one in graded) else 0)


async def _all(half: Half, factory: StepsFactory, check: LiteralCheck, model: str, only: list[str]) -> list[Graded]:
    async def one(part: Part, steps: Steps) -> Outcome:
        return await work(part, steps, check, thresholds_for(model))

    graded: list[Graded] = []
    kinds: tuple[Kind, ...] = ("question", "computation")
    for kind in kinds:
        chosen = [item for item in items(half, kind) if not only or item.id in only]
        graded.extend(await run(half, kind, chosen, factory, one))
    return graded


def _show(graded: list[Graded]) -> None:
    console = Console()
    for one in graded:
        if one.grade != "right":
            console.print(f"{one.item.id} {one.grade}: {one.item.question} {one.outcome.answer} {one.outcome.reason}")
    shown = Table("kind", "class", "right", "wrong", "withheld")
    for (kind, name), counts in table(graded).items():
        shown.add_row(kind, name, *(str(counts[grade]) for grade in ("right", "wrong", "withheld")))
    console.print(shown)
    if graded:
        seconds = sorted(one.seconds for one in graded)
        console.print(f"seconds per part: median {seconds[len(seconds) // 2]:.1f}, longest {seconds[-1]:.1f}")


def _named(path: str) -> Any:
    module, _, name = path.partition(":")
    if not name:
        raise typer.BadParameter(f"{path}: write package.module:name")
    return getattr(importlib.import_module(module), name)


if __name__ == "__main__":
    app()
