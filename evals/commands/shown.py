"""How batches look at a terminal: the live table while they run, and the figures at the end."""

from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from agent.cli.console import clean, one_line
from agent.domain.budget import Usage
from evals.batch.comparing import Comparison
from evals.batch.figures import Figures, Share
from evals.batch.order import BatchOrder
from evals.batch.results import Result, State

_STYLES: dict[State, str] = {"passed": "green", "failed": "red", "error": "magenta", "open": "yellow"}
_LATEST = 6
_MOST_SHOWN = 20


class BatchView:
    """What a batch looks like while it runs; hears of each result.

    Args:
        total: attempts of the batch.
    """

    def __init__(self, total: int) -> None:
        self._latest: list[Result] = []
        self._states: Counter[State] = Counter()
        self._tokens = 0
        self._cost = 0.0
        self._judging = Usage()
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TextColumn("left"), TimeRemainingColumn(),
        )  # fmt: skip
        self._bar = self._progress.add_task("attempts", total=total)

    def told(self, result: Result) -> None:
        """Take in a result."""
        self._latest = [result, *self._latest][:_LATEST]
        self._states[result.state] += 1
        self._tokens += result.usage.tokens
        self._cost += float(result.cost)
        self._judging += result.judging
        self._progress.update(self._bar, advance=1)

    def __rich__(self) -> RenderableType:
        counts = Text("  ").join(
            Text(f"{count} {state}", style=_STYLES[state]) for state, count in sorted(self._states.items())
        )
        cost = f", {self._cost:.2f}" if self._cost else ""
        judges = f"; judges {self._judging.tokens:,} tokens" if self._judging.calls else ""
        if self._judging.cost:
            judges += f", {self._judging.cost:.2f}"
        used = Text(f"   {self._tokens:,} tokens{cost}{judges}", style="dim")
        return Group(self._progress, Text.assemble(counts, used), _results(self._latest))


def print_results(console: Console, results: Sequence[Result]) -> None:
    """Print what did not pass, the first of it, with the run of each."""
    bad = [one for one in sorted(results, key=lambda one: (one.sample, one.attempt)) if one.state != "passed"]
    if bad:
        console.print(_results(bad[:_MOST_SHOWN]))
    if len(bad) > _MOST_SHOWN:
        console.print(f"and {len(bad) - _MOST_SHOWN} more; --json has all", style="dim")


def print_figures(console: Console, order: BatchOrder, figures: Figures) -> None:
    """Print the figures of a batch."""
    table = Table("", "passed", "95 %", "samples", box=box.SIMPLE)
    if figures.share is not None:
        table.add_row("all", *_share(figures.share), style="bold")
    for tag, share in figures.tags.items():
        table.add_row(clean(tag), *_share(share))
    console.print(table)
    for k, chance in figures.pass_at.items():
        console.print(f"pass@{k} {chance:.3f}")
    if figures.steady is not None:
        console.print(f"{figures.steady} of {figures.samples} samples came out the same in all attempts")
    console.print(
        f"{figures.passed} passed, {figures.failed} failed, {figures.errors} could not be judged, {figures.open} open; "
        f"{figures.model_calls:,} model calls, {figures.input_tokens + figures.output_tokens:,} tokens, "
        f"cost {figures.cost}",
        highlight=False,
    )
    if figures.judging.calls:
        used = figures.judging
        console.print(
            f"judges besides: {used.calls:,} model calls, {used.tokens:,} tokens, cost {used.cost}", highlight=False
        )
    if figures.latency is not None:
        latency = figures.latency
        console.print(
            f"a run took {latency.median:.1f} s (median), {latency.p95:.1f} s (95 %); all {latency.total:,.0f} s",
            highlight=False,
        )
    for failure, count in figures.failures.items():
        console.print(f"  {count} x {clean(failure)}", highlight=False)
    console.print(
        f"batch {order.id}: {clean(order.suite)} {clean(order.version)}, {clean(order.options.model or 'default')}",
        style="dim",
        highlight=False,
    )


def print_comparison(console: Console, orders: tuple[BatchOrder, BatchOrder], found: Comparison) -> None:
    """Print how a second batch differs from a first."""
    for order, figures in zip(orders, (found.first, found.second), strict=True):
        share = "-" if figures.share is None else f"{figures.share.value:.3f}"
        used = f"{figures.input_tokens + figures.output_tokens:,} tokens, cost {figures.cost}"
        console.print(f"{order.id}  {clean(order.options.model or 'default')}  {share}  {used}", highlight=False)
    console.print(
        f"over {found.samples} samples the second is {found.difference:+.3f} "
        f"(95 %: {found.low:+.3f} to {found.high:+.3f}), p = {found.p:.4f} (paired permutation test, {found.test})",
        highlight=False,
    )
    for told, flips in (("better", found.better), ("worse", found.worse)):
        for flip in flips[:_MOST_SHOWN]:
            shares = f"{flip.first:.2f} -> {flip.second:.2f}"
            console.print(f"  {told}: {flip.sample} {shares}  {flip.first_run} {flip.second_run}", highlight=False)
        if len(flips) > _MOST_SHOWN:
            console.print(f"  {told}: {len(flips) - _MOST_SHOWN} more; --json has all", style="dim")
    if found.left_out:
        console.print(f"{len(found.left_out)} samples were decided in one of them only", style="yellow")


def _share(share: Share) -> tuple[str, str, str]:
    return f"{share.value:.3f}", f"{share.low:.2f}-{share.high:.2f}", str(share.samples)


def _results(results: Sequence[Result]) -> Table:
    table = Table("sample", "", "why", "run", box=box.SIMPLE, show_edge=False)
    for one in results:
        name = one.sample if one.attempt == 1 else f"{one.sample} ({one.attempt})"
        why = one.reason or (f"{one.failure}" if one.failure else "")
        table.add_row(clean(name), Text(one.state, style=_STYLES[one.state]), one_line(why, 90), one.run_id)
    return table
