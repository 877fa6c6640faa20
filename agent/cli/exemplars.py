"""``plumbline kb exemplars``: make exemplars for ``plumbline ask`` from labelled examples."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from agent.cli.ask import read_lines_file
from agent.cli.console import clean, err, print_json, run_async
from agent.cli.inputs import given_path
from agent.cli.run import ModelOption
from agent.cli.workshop import open_workshop
from agent.domain.errors import UsageError
from agent.models.alone import ModelAlone
from agent.models.no_model import NoModel
from agent.models.port import ChatModel
from agent.runtime.options import RunOptions
from agent.verification.knowledge.base import open_knowledge
from agent.verification.knowledge.port import KnowledgeFiles
from agent.verification.reasoning.building import BuildMode, Built, Example, build, read_examples

_LARGEST_FILE = 50_000_000
_SHOWN = 20


def exemplars(
    labelled: Annotated[
        Path,
        typer.Argument(
            parser=given_path,
            metavar="LABELLED",
            help="JSON lines: question, answer, and choices, facts, solution, decomposition where there are any",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--out", "-o", parser=given_path, metavar="FILE", help="a file that is not there yet")
    ],
    k: Annotated[int, typer.Option("--k", "-k", min=1, max=100, help="how many are wanted")] = 4,
    mode: Annotated[BuildMode, typer.Option(help="for which way to ask; direct needs no model")] = "cok",
    model: ModelOption = None,
    kb: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="knowledge base that must not contradict them")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="of the order in which examples are tried")] = 0,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Make exemplars: a model writes evidence and hints for labelled examples, and our own checks sort them.

    The model does not see the label and must come to it. The exit code is 3 when fewer than wanted were made.
    """
    examples = read_examples(read_lines_file(labelled, largest=_LARGEST_FILE), labelled.name)
    if output.exists():
        raise UsageError(f"{output} is there already; name a new file with --out")
    if not output.parent.is_dir():
        raise UsageError(f"there is no folder {str(output.parent)!r}")
    built = run_async(_built(examples, model, kb or (), k=k, mode=mode, seed=seed, quiet=json))
    if built.exemplars:
        try:
            output.write_text("".join(f"{one.line()}\n" for one in built.exemplars), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{output} cannot be written: {error.strerror}") from error
    if json:
        print_json({"out": str(output) if built.exemplars else "", "wanted": k, "built": built})
    else:
        _show(built, output, k)
    return 0 if len(built.exemplars) == k else 3


async def _built(
    examples: Sequence[Example],
    model: str | None,
    bases: Sequence[str],
    *,
    k: int,
    mode: BuildMode,
    seed: int,
    quiet: bool,
) -> Built:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    async with open_workshop(None) as shop, KnowledgeFiles(shop.home) as knowledge:
        for name in bases:
            await open_knowledge(shop.home, name).close()
        writer: ChatModel = NoModel()
        if mode != "direct":
            options = RunOptions(model=model)
            await shop.services.check(options)
            writer = (await shop.services.models(options))["executor"]
        with Progress(*columns, console=err(), transient=True, disable=quiet) as progress:
            task = progress.add_task("writing exemplars", total=min(k, len(examples)))
            return await build(
                examples,
                ModelAlone(writer),
                limited=writer.profile.limited,
                k=k,
                mode=mode,
                seed=seed,
                bases=tuple(dict.fromkeys(bases)),
                knowledge=knowledge,
                told=lambda example, reason: progress.advance(task, 0 if reason else 1),
            )


def _show(built: Built, output: Path, wanted: int) -> None:
    console = err()
    for one in built.rejected[:_SHOWN]:
        line = f"! rejected line {one.line}: {one.reason}"
        console.print(clean(line), style="yellow", markup=False, highlight=False)
    if (more := len(built.rejected) - _SHOWN) > 0:
        console.print(f"! and {more:,} more rejected", style="yellow")
    if built.exemplars:
        console.print(f"{len(built.exemplars)} of {wanted} exemplars written to {clean(str(output))}")
    else:
        console.print("no exemplar passed the checks, and nothing was written", style="yellow")
