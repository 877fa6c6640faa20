"""Commands that look at suites and batches."""

from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import clean, out, print_json, run_async
from agent.cli.opening import open_ledger
from agent.domain.errors import UnknownRun
from agent.runtime.settings import home_folder
from evals.batch.figures import figures_of
from evals.batch.order import attempts_of, batches_folder, read_order
from evals.batch.results import Result, result_of
from evals.commands.opening import suite_of
from evals.commands.shown import print_figures, print_results
from evals.suite.reading import SHIPPED, find_suite, read_suite, shipped

JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]


def suites(
    suite: Annotated[
        str | None, typer.Argument(help="name or folder of a suite to check; all that are shipped")
    ] = None,
    json: JsonOption = False,
) -> int:
    """List the shipped suites, or check one: whatever is wrong in it is told with file and line."""
    found = [read_suite(find_suite(suite) if suite else SHIPPED / name) for name in ([suite] if suite else shipped())]
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
    orders = [read_order(home, path.parent.name) for path in batches_folder(home).glob("*/order.json")]
    orders.sort(key=lambda order: order.made_at, reverse=True)
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
    json: JsonOption = False,
) -> int:
    """Show what came of a batch, scored anew from the ledger: no model and no tool is asked."""
    order = read_order(home_folder(), batch)
    suite = suite_of(order, changed=changed_suite)

    async def main() -> int:
        results: list[Result] = []
        async with open_ledger() as (ledger, _, _):
            for attempt in attempts_of(order, suite):
                try:
                    results.append(await result_of(ledger, attempt, suite.scorers_of(attempt.sample)))
                except UnknownRun:
                    # it was never begun
                    continue
        figures = figures_of(results)
        if json:
            print_json({"batch": order, "figures": figures, "results": results})
        else:
            print_results(out(), results)
            print_figures(out(), order, figures)
        return 0

    return run_async(main())
