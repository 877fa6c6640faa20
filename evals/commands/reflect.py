"""``plumbline eval reflect``: have failed attempts corrected, and run the corrections."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer

from agent.cli.console import err, out, print_json, run_async
from agent.cli.workshop import Workshop, open_workshop
from agent.domain.errors import UsageError
from agent.runtime.options import RunOptions
from agent.runtime.settings import home_folder
from evals.batch.acting import acts_of
from evals.batch.figures import figures_of
from evals.batch.opening import suite_of
from evals.batch.order import BatchFolder, BatchOrder, Failed, Reflection, attempts_of, new_order, read_order
from evals.batch.results import Result, corrected_of, results_of
from evals.batch.tasks import Tasks
from evals.commands.shown import BatchView, print_figures, print_results
from evals.commands.working import watched
from evals.suite.definition import Suite
from evals.training.advice import AdviceBook
from evals.training.reflecting import CorrectionRunner, takes_advice, work_in_rounds
from evals.training.reflector import Reflector

_INTERRUPTED = 130


def reflect(
    batch: Annotated[str | None, typer.Argument(help="id of a batch with failed attempts, or last")] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="the reflector; by default the batch's model for verifying")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, max=9, help="corrections of one attempt at most")] = 1,
    concurrency: Annotated[int, typer.Option("--concurrency", "-n", min=1, max=5000, help="runs at a time")] = 2,
    name: Annotated[str | None, typer.Option(help="what the batch of corrections is called")] = None,
    resume: Annotated[str | None, typer.Option(metavar="BATCH", help="go on with a batch of corrections")] = None,
    changed_suite: Annotated[bool, typer.Option(help="go on although the suite has changed")] = False,
    json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> int:
    """Correct the failed attempts of a batch (Re-ReST): a model says what to do differently, and each is run again.

    The model is shown the task, what was done, and what checks and verdicts said, but no right answer. Corrections are
    a batch of their own, which eval show, compare and export read. Ctrl-C pauses it and tells how to go on with it.
    """
    if (batch is None) == (resume is None):
        raise UsageError("name either a batch or, with --resume, one of corrections to go on with")
    home = home_folder()
    first = read_order(home, str(resume or batch))
    suite = suite_of(first, changed=changed_suite)
    if resume is not None and first.reflection is None:
        raise UsageError(f"batch {first.id} corrects no other; go on with: plumbline eval run --resume {first.id}")

    async def main() -> int:
        async with open_workshop(concurrency=concurrency) as shop:
            order, deaf = first, 0
            if resume is None:
                failed, deaf = await _failed(shop, first, suite)
                reflection = Reflection(batch=first.id, model=model, rounds=rounds, failed=failed)
                samples = tuple(dict.fromkeys(one.sample for one in failed))
                order = new_order(
                    suite, first.place, first.options, samples=samples, attempts=1, budget=None, judge=first.judge,
                    name=name, reflection=reflection,
                )  # fmt: skip
            with BatchFolder(home, order.id) as folder:
                if resume is None:
                    folder.begin(order)
                with folder.worked_on() as ends:
                    results, stopped = await _work(shop, order, suite, concurrency, quiet=json)
                    ends(stopped)
        return _tell(order, results, stopped, deaf, json=json)

    return run_async(main())


async def _failed(shop: Workshop, order: BatchOrder, suite: Suite) -> tuple[tuple[Failed, ...], int]:
    """Return the failed attempts of a batch that can be corrected, and how many take no advice.

    Raises:
        UsageError: there are none.
    """
    failed: list[Failed] = []
    deaf = 0
    for result in await results_of(shop.ledger, order, suite, acts_of(order, suite, shop.ledger, shop.home)):
        if result.state != "failed":
            continue
        if await takes_advice(shop.ledger, result.run_id):
            failed.append(Failed(sample=result.sample, attempt=result.attempt, run_id=result.run_id))
        else:
            deaf += 1
    if not failed:
        why = f"; {deaf} runs that failed take no advice, since no model drove them" if deaf else ""
        raise UsageError(f"no attempt of batch {order.id} failed that could be corrected{why}")
    return tuple(failed), deaf


async def _work(
    shop: Workshop, order: BatchOrder, suite: Suite, concurrency: int, *, quiet: bool
) -> tuple[list[Result], str]:
    attempts = attempts_of(order, suite)
    view = BatchView(len(attempts))
    assert order.reflection is not None, "a batch that corrects no other has no reflection"  # noqa: S101
    corrected = read_order(shop.home, order.reflection.batch)
    models = await shop.services.models(order.options.overridden_by(RunOptions(model=order.reflection.model)))
    batch = CorrectionRunner(
        shop.runner,
        suite,
        Tasks(suite, shop.settings, shop.home, shop.ledger.blobs),
        order,
        Reflector(models),
        AdviceBook(shop.home, order.id, shop.ledger.redactor),
        concurrency=concurrency,
        acts=acts_of(order, suite, shop.ledger, shop.home, shop.services),
        before=acts_of(corrected, suite, shop.ledger, shop.home),
        told=view.told,
    )
    return await watched(shop, batch, attempts, view, lambda: work_in_rounds(batch, order, attempts), quiet=quiet)


def _tell(order: BatchOrder, results: Sequence[Result], stopped: str, deaf: int, *, json: bool) -> int:
    corrected, wanted = corrected_of(order, results)
    open_ = sum(one.state in ("open", "error") for one in results)
    if json:
        shape = {"batch": order, "corrected": corrected, "failed": wanted, "takes_no_advice": deaf}
        print_json({**shape, "figures": figures_of(results), "results": results, "stopped": stopped})
    else:
        print_results(out(), results)
        print_figures(out(), order, figures_of(results))
        for failure, count in Counter(one.failure for one in results if one.state == "failed").items():
            out().print(f"  not corrected: {count} x {failure}", highlight=False)
        told = f"; {deaf} more take no advice" if deaf else ""
        out().print(f"{corrected} of {wanted} failed attempts were corrected{told}", highlight=False)
        if stopped:
            err().print(f"plumbline: {stopped}; go on with: plumbline eval reflect --resume {order.id}", style="red")
    if stopped == "interrupted":
        return _INTERRUPTED
    return 1 if stopped or open_ else 0
