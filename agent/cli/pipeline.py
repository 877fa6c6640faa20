"""``plumbline pipeline``: answer the questions of a file from pages, many at a time, each in a run of its own."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from agent.cli.batch import Answered, Batch, Question
from agent.cli.console import clean, err, print_json, run_async
from agent.cli.inputs import document_corpus, given_path
from agent.cli.run import DocsOption, JsonOption, ModelOption, QuietOption, budget_of, make_task
from agent.cli.workshop import Workshop, on_interrupt, open_workshop
from agent.domain.errors import PlumblineError, RunPaused
from agent.domain.task import BrowseOrder, Task
from agent.models.together import together
from agent.planning.pipeline import pipeline_result
from agent.runtime.options import RunOptions
from agent.runtime.services import NO_SANDBOX

app = typer.Typer(add_completion=False)


@app.command()
def pipeline(
    questions: Annotated[
        Path,
        typer.Argument(
            parser=given_path,
            metavar="QUESTIONS",
            help='JSONL, lines like {"id": "a", "question": "..."}',
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", parser=given_path, metavar="PATH", help="JSONL; questions in it are skipped")
    ],
    docs: DocsOption = None,
    corpus: Annotated[str | None, typer.Option(help="name of an index made by plumbline index")] = None,
    web: Annotated[bool, typer.Option("--web", help="search and read the web, as the settings say")] = False,
    model: ModelOption = None,
    parallel: Annotated[int, typer.Option(min=1, max=64, help="questions at the same time")] = 4,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> int:
    """Answer the questions of a file: queries, pages, quotes and a cited answer, in one pass each.

    An answer is written to the output as soon as it is there, so that the same command goes on where it was
    interrupted. The exit code is 0 when all answers were verified, 3 when some were not, 1 when questions failed.
    """
    options = RunOptions(model=model, sandbox=NO_SANDBOX)

    async def main(batch: Batch) -> int:
        async with open_workshop() as shop:
            await shop.services.check(options)
            console = None if json or quiet else err()
            name = await document_corpus(shop, docs or (), corpus, console)
            order = BrowseOrder(seat="model", pipeline=True, web=web)
            budget = budget_of(shop.settings.budget, {})
            tasks = {
                one.id: make_task({"goal": one.question, "browse": order, "corpus": name, "budget": budget})
                for one in batch.open
            }
            if tasks:
                await shop.services.check_world(next(iter(tasks.values())), shop.ledger.blobs)
            await _answer_all(shop, batch, tasks, options, parallel, console)
            if json:
                print_json(batch.summary)
            elif not quiet:
                err().print(batch.summary.line)
            return batch.exit_code

    with Batch(questions, out) as batch:
        return run_async(main(batch))


async def _answer_all(
    shop: Workshop, batch: Batch, tasks: dict[str, Task], options: RunOptions, parallel: int, console: Console | None
) -> None:
    """Answer the open questions of a batch, so many at a time."""
    limit = asyncio.Semaphore(parallel)
    running: set[str] = set()
    stopping = asyncio.Event()

    def stop() -> None:
        stopping.set()
        for run_id in running:
            shop.runner.halt(run_id)

    with Progress(console=console or err(), transient=True, disable=console is None) as progress:
        bar = progress.add_task("questions", total=len(batch.open))

        async def one(question: Question) -> None:
            async with limit:
                if stopping.is_set():
                    batch.failed(question, RunPaused("interrupted before it began"))
                    return
                run_id = await shop.runner.start(tasks[question.id], options)
                running.add(run_id)
                if stopping.is_set():
                    # the interruption came while it was being started
                    shop.runner.halt(run_id)
                try:
                    report = await shop.runner.wait(run_id)
                except PlumblineError as error:
                    batch.failed(question, error)
                    err().print(f"plumbline: {clean(question.id)}: {clean(str(error))} (run {run_id})", style="yellow")
                    return
                finally:
                    running.discard(run_id)
                    progress.advance(bar)
                result = await pipeline_result(shop.ledger, run_id)
                batch.answered(Answered.of(question, run_id, report, result))

        with on_interrupt(stop):
            await together(one(question) for question in batch.open)
