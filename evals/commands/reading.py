"""Commands that look at suites and batches."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.progress import Progress
from rich.table import Table

from agent.cli.console import clean, err, out, print_json, run_async
from agent.cli.html_files import check_place
from agent.cli.inputs import given_path
from agent.cli.opening import open_ledger
from agent.domain.errors import UsageError
from agent.runtime.services import services_of_one_command
from agent.runtime.settings import home_folder
from evals.batch.acting import acts_of
from evals.batch.comparing import compared
from evals.batch.figures import figures_of
from evals.batch.opening import suite_of
from evals.batch.order import BatchFolder, BatchOrder, all_orders, attempts_of, read_order
from evals.batch.regressing import GOOD, Replayed, cassettes_in, replayed
from evals.batch.results import Result, corrected_of, results_of
from evals.commands.files import HtmlOption, JunitOption, write_files
from evals.commands.shown import print_comparison, print_figures, print_results
from evals.suite.reading import shipped, suite_named

_SURE = 0.05
_WORSE = 3
"""Exit code where the second batch is worse."""

JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]


def suites(
    suite: Annotated[
        str | None, typer.Argument(help="name or folder of a suite to check; all that are shipped")
    ] = None,
    json: JsonOption = False,
) -> int:
    """List the shipped suites, or check one: whatever is wrong in it is told with file and line."""
    found = [suite_named(name) for name in ([suite] if suite else shipped())]
    if json:
        print_json(
            [{**one.file.model_dump(mode="json"), "samples": len(one.samples), "digest": one.digest} for one in found]
        )
        return 0
    table = Table("suite", "version", "samples", "scorers", "what it is", box=box.SIMPLE)
    for one in found:
        scorers = ", ".join(scorer.kind for scorer in one.file.scorers)
        table.add_row(
            clean(one.name), clean(one.file.version), str(len(one.samples)), scorers, clean(one.file.description)
        )
    out().print(table)
    return 0


def batches(json: JsonOption = False) -> int:
    """List the batches, newest first."""
    home = home_folder()
    orders, unreadable = all_orders(home)
    if unreadable:
        err().print(
            f"plumbline: {unreadable} batches were written by another version and are not shown", style="yellow"
        )
    if json:
        print_json(orders)
        return 0
    table = Table("batch", "suite", "model", "attempts", "begun", box=box.SIMPLE)
    for order in orders:
        count = f"{len(order.samples)} x {order.attempts}"
        model = clean(order.options.model or "default")
        table.add_row(order.id, f"{order.suite} {order.version}", model, count, f"{order.made_at:%Y-%m-%d %H:%M}")
    out().print(table if orders else "there is no batch yet; start one with: plumbline eval run smoke --model embedded")
    return 0


def show(
    batch: Annotated[str, typer.Argument(help="id of a batch, or last")] = "last",
    changed_suite: Annotated[
        bool, typer.Option(help="score by the suite as it is now, although it has changed")
    ] = False,
    score_again: Annotated[
        bool, typer.Option(help="run the suite's checks and ask its judges again, in place of what they said before")
    ] = False,
    html: HtmlOption = None,
    xml: JunitOption = None,
    json: JsonOption = False,
) -> int:
    """Show what came of a batch, scored anew from the ledger and from what checks and judges said then.

    Nothing is run and no model is asked, but for checks and judges with --score-again.
    """
    check_place(html)
    check_place(xml, "--junit")
    order = read_order(home_folder(), batch)

    async def main() -> int:
        results = await _results(order, changed=changed_suite, again=score_again, quiet=json)
        write_files(order, results, html=html, xml=xml)
        figures = figures_of(results)
        corrected, wanted = corrected_of(order, results)
        if json:
            shape = {"batch": order, "figures": figures, "results": results}
            print_json({**shape, **({"corrected": corrected, "failed": wanted} if wanted else {})})
        else:
            print_results(out(), results)
            print_figures(out(), order, figures)
            if wanted:
                out().print(f"{corrected} of {wanted} failed attempts were corrected", highlight=False)
        return 0

    return run_async(main())


def compare(
    first: Annotated[str, typer.Argument(help="id of a batch")],
    second: Annotated[str, typer.Argument(help="id of another, of the same suite")],
    changed_suite: Annotated[bool, typer.Option(help="score by the suite as it is now, although it changed")] = False,
    worse_by: Annotated[
        float | None, typer.Option(min=0, max=1, help="exit with 3 when the second is worse by more, surely (p < 0.05)")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Compare two batches over the samples that both decided: a paired test, and what flipped."""
    home = home_folder()
    orders = read_order(home, first), read_order(home, second)
    if orders[0].suite != orders[1].suite:
        raise UsageError(f"the batches ran different suites, {orders[0].suite} and {orders[1].suite}")
    if orders[0].digest != orders[1].digest and not changed_suite:
        raise UsageError("the suite changed between the batches; --changed-suite scores both by what it is now")

    async def main() -> int:
        results = [await _results(order, changed=changed_suite, quiet=json) for order in orders]
        try:
            found = compared(*results)
        except ValueError as error:
            raise UsageError(str(error)) from error
        if json:
            print_json({"first": orders[0].id, "second": orders[1].id, "comparison": found})
        else:
            print_comparison(out(), orders, found)
        worse = worse_by is not None and found.p < _SURE and found.difference < -worse_by
        return _WORSE if worse else 0

    return run_async(main())


async def _results(order: BatchOrder, *, changed: bool, quiet: bool, again: bool = False) -> list[Result]:
    """Return the results of a batch as far as it has come; ``again`` runs checks and asks judges anew."""
    suite = suite_of(order, changed=changed)
    async with AsyncExitStack() as open_:
        ledger, settings, home = await open_.enter_async_context(open_ledger())
        services = None
        if again:
            # who acts writes what came of it into the folder
            open_.enter_context(BatchFolder(home, order.id))
            services = await open_.enter_async_context(services_of_one_command(settings, home))
        acts = acts_of(order, suite, ledger, home, services, again=again)
        with Progress(console=err(), transient=True, disable=quiet) as progress:
            bar = progress.add_task("asking again" if again else "scoring", total=len(attempts_of(order, suite)))
            return await results_of(ledger, order, suite, acts, lambda: progress.advance(bar))


def regress(
    places: Annotated[
        list[Path], typer.Argument(parser=given_path, metavar="PATH...", help="cassettes, or folders of some")
    ],
    json: JsonOption = False,
) -> int:
    """Replay cassettes over the code and prompts of today; exits with 1 when one does not come out as recorded.

    No model is asked and no tool runs.
    """
    paths = cassettes_in(places)

    async def main() -> list[Replayed]:
        found = []
        with Progress(console=err(), transient=True, disable=json) as progress:
            bar = progress.add_task("replaying", total=len(paths))
            async for one in replayed(paths):
                found.append(one)
                progress.advance(bar)
        return found

    found = run_async(main())
    if json:
        print_json(found)
    else:
        for one in found:
            style = "green" if one.state in GOOD else "red"
            told = f"{one.state.replace('_', ' ')}  {one.file}  {one.detail}".rstrip()
            out().print(clean(told), style=style, markup=False, highlight=False)
        out().print(f"{sum(one.state == 'same' for one in found)} of {len(found)} come to the same report")
    return 0 if all(one.state in GOOD for one in found) else 1
