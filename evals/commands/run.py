"""``plumbline eval run``: work on a suite, or go on with a batch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli.console import clean, err, out, print_json, run_async
from agent.cli.html_files import check_place
from agent.cli.run import ModelOption, SandboxOption, budget_of
from agent.cli.workshop import open_workshop
from agent.domain.budget import Budget
from agent.domain.errors import UsageError
from agent.runtime.options import RunOptions
from agent.runtime.settings import home_folder
from evals.batch.acting import acts_of
from evals.batch.figures import Figures, figures_of
from evals.batch.looking import Batches
from evals.batch.opening import suite_of
from evals.batch.order import BatchFolder, BatchOrder, attempts_of, new_order, read_order
from evals.batch.results import STUCK, UNDECIDED, Result
from evals.batch.running import BatchRunner
from evals.batch.tasks import Tasks
from evals.commands.files import HtmlOption, JunitOption, keep_measurement, write_files
from evals.commands.judging import JudgeOption, named_judge
from evals.commands.shown import BatchView, print_figures, print_results
from evals.commands.working import watched
from evals.scorers.acting import why_not_trusted
from evals.scorers.agreement import Agreements
from evals.suite.definition import Suite
from evals.suite.examples import judges_of
from evals.suite.reading import suite_named

_INTERRUPTED = 130
_BELOW = 3
"""Exit code where fewer samples passed than were to."""


def run(
    suite: Annotated[
        str | None, typer.Argument(help="a shipped suite, a folder with suite.yaml, or LOADER@FILE")
    ] = None,
    model: ModelOption = None,
    sandbox: SandboxOption = None,
    attempts: Annotated[
        int | None, typer.Option("--attempts", "-k", min=1, max=100, help="tries of each sample; as the suite says")
    ] = None,
    concurrency: Annotated[int, typer.Option("--concurrency", "-n", min=1, max=5000, help="runs at a time")] = 2,
    limit: Annotated[int | None, typer.Option(min=1, help="the first samples only")] = None,
    sample: Annotated[list[str] | None, typer.Option(help="id of a sample, may be repeated")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="samples with this tag only, may be repeated")] = None,
    name: Annotated[str | None, typer.Option(help="what the batch is called")] = None,
    resume: Annotated[str | None, typer.Option(metavar="BATCH", help="go on with a batch, or with the last")] = None,
    changed_suite: Annotated[bool, typer.Option(help="go on although the suite has changed")] = False,
    tokens: Annotated[int | None, typer.Option(help="budget of the whole batch in tokens")] = None,
    money: Annotated[str | None, typer.Option(help="budget of the whole batch")] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="share of passed samples below which the exit code is 3")
    ] = None,
    judge: JudgeOption = None,
    html: HtmlOption = None,
    xml: JunitOption = None,
    json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> int:
    """Run a suite: every attempt at a sample is a run that can be opened, replayed and forked.

    Ctrl-C pauses the batch and tells how to go on with it. The exit code is 3 when fewer samples passed than the suite
    or --threshold wants, 130 when it was interrupted, 1 when it stopped by itself before its end or attempts could not
    be judged: whether enough passed is then not known.
    """
    check_place(html)
    check_place(xml, "--junit")
    if (suite is None) == (resume is None):
        raise UsageError("name either a suite or, with --resume, a batch to go on with")
    home = home_folder()
    if resume is not None:
        if judge is not None:
            raise UsageError("a batch keeps the judge it was begun with; begin a new batch for another one")
        order = read_order(home, resume)
        if order.reflection is not None:
            raise UsageError(
                f"batch {order.id} corrects another one; go on with: plumbline eval reflect --resume {order.id}"
            )
        chosen = suite_of(order, changed=changed_suite)
    else:
        chosen = suite_named(str(suite))
        judges = [named_judge(one, judge) for one in judges_of(chosen)]
        if judge is not None and not judges:
            raise UsageError(f"the suite {chosen.name} has no judge; leave out --judge")
        order = new_order(
            chosen,
            str(suite),
            RunOptions(model=model, sandbox=sandbox),
            samples=_samples(chosen, sample or (), tag or (), limit),
            attempts=attempts or chosen.file.attempts,
            budget=budget_of(Budget(steps=None), {"tokens": tokens, "money": money}),
            name=name,
            judge=judge,
        )
    for told in sorted(_doubts(order, chosen, home)):
        err().print(f"plumbline: {clean(told)}; until then nothing that it scores is decided", style="yellow")

    async def main() -> int:
        with BatchFolder(home, order.id) as folder:
            if resume is None:
                folder.begin(order)
            with folder.worked_on() as ends:
                results, stopped = await _work(order, chosen, concurrency, quiet=json)
                ends(stopped)
        write_files(order, results, html=html, xml=xml)
        keep_measurement(home, order, results)
        return _tell(order, results, stopped, threshold if threshold is not None else chosen.file.threshold, json=json)

    return run_async(main())


async def _work(order: BatchOrder, suite: Suite, concurrency: int, *, quiet: bool) -> tuple[list[Result], str]:
    """Work on a batch and return its results, and why it stopped before its end; empty where it did not."""
    attempts = attempts_of(order, suite)
    view = BatchView(len(attempts))
    async with open_workshop(concurrency=concurrency) as shop:
        await shop.services.check(order.options)
        batch = BatchRunner(
            shop.runner,
            suite,
            Tasks(suite, shop.settings, shop.home, shop.ledger.blobs),
            order.options,
            budget=order.budget,
            concurrency=concurrency,
            acts=acts_of(order, suite, shop.ledger, shop.home, shop.services),
            told=view.told,
        )
        results, stopped = await watched(shop, batch, attempts, view, lambda: batch.work(attempts), quiet=quiet)
        await Batches(shop.ledger, shop.home).remember(order, suite, results)
        return results, stopped


def _tell(order: BatchOrder, results: Sequence[Result], stopped: str, threshold: float | None, *, json: bool) -> int:
    figures = figures_of(results)
    interrupted = stopped == "interrupted"
    share = figures.share.value if figures.share is not None else 0.0
    complete = not stopped and not figures.open and len(results) == len(order.samples) * order.attempts
    if json:
        shape: dict[str, Any] = {"batch": order, "complete": complete, "figures": figures, "results": results}
        print_json({**shape, "stopped": stopped})
    else:
        print_results(out(), results)
        print_figures(out(), order, figures)
        if stopped:
            err().print(f"plumbline: {stopped}; go on with: plumbline eval run --resume {order.id}", style="red")
        elif figures.errors:
            err().print(f"plumbline: {_undecided(order, figures)}", style="red")
    if interrupted:
        return _INTERRUPTED
    if not complete or figures.errors:
        return 1
    return _BELOW if threshold is not None and share < threshold else 0


def _undecided(order: BatchOrder, figures: Figures) -> str:
    """Return how many attempts came to nothing that could be judged, and what may help."""
    told = [f"{figures.errors} attempts could not be judged"]
    if STUCK in figures.failures:
        told.append(f"those that could not go on are tried again by: plumbline eval run --resume {order.id}")
    if UNDECIDED in figures.failures:
        told.append(f"checks and judges are asked again by: plumbline eval show {order.id} --score-again")
    return "; ".join(told)


def _samples(suite: Suite, names: Sequence[str], tags: Sequence[str], limit: int | None) -> tuple[str, ...]:
    known = {sample.id for sample in suite.samples}
    if missing := [name for name in names if name not in known]:
        raise UsageError(f"the suite {suite.name} has no sample {missing[0]!r}")
    found = tuple(
        sample.id
        for sample in suite.samples
        if (not names or sample.id in names) and (not tags or set(tags) & set(sample.tags))
    )[:limit]
    if not found:
        raise UsageError(f"no sample of the suite {suite.name} has the tag {' or '.join(tags)}")
    return found


def _doubts(order: BatchOrder, suite: Suite, home: Path) -> set[str]:
    """Return why judges of a suite are not trusted yet."""
    agreements = Agreements(home)
    judges = [(one, order.judge or one.model) for one in judges_of(suite)]
    told = {why_not_trusted(suite, one, model, agreements) for one, model in judges if model is not None}
    return told - {""}
