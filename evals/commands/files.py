"""Files that commands make of a batch."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.html_files import write_page
from agent.cli.inputs import given_path
from evals.batch.figures import figures_of
from evals.batch.junit import junit
from evals.batch.order import BatchOrder
from evals.batch.page import batch_page
from evals.batch.results import Result
from evals.records import Failure, Measurement, keep, kept, one_line, suites

HtmlOption = Annotated[
    Path | None, typer.Option("--html", parser=given_path, metavar="FILE", help="write a page with plots")
]
JunitOption = Annotated[Path | None, typer.Option("--junit", parser=given_path, metavar="FILE", help="write JUnit XML")]


def write_files(order: BatchOrder, results: Sequence[Result], *, html: Path | None, xml: Path | None) -> None:
    """Write what was asked for.

    Raises:
        UsageError: a file cannot be written.
    """
    if html is not None:
        write_page(batch_page(order, figures_of(results), results), html)
    if xml is not None:
        write_page(junit(order, results), xml, "--junit")


def keep_measurement(home: Path, order: BatchOrder, results: Sequence[Result]) -> None:
    """Keep what a batch came to, to be seen over time; one with attempts that were not decided is none to compare.

    A batch that is gone on with after its end comes to what it came to before, which is kept once.

    Raises:
        OutputUnavailable: it cannot be read or written.
    """
    decided = [one for one in results if one.state in ("passed", "failed")]
    figures = figures_of(results)
    if figures.share is None or len(decided) < len(order.samples) * order.attempts:
        return
    failures = tuple(
        Failure(sample=one.sample, kind=one.failure, told=one_line(one.reason), run_id=one.run_id)
        for one in decided
        if one.state == "failed"
    )
    measurement = Measurement(
        suite=order.suite.lower(),
        version=order.version,
        model=order.options.model or "as in the settings",
        at=datetime.now(UTC),
        samples=len(decided),
        passed=figures.passed,
        mean=figures.share.value,
        low=figures.share.low,
        high=figures.share.high,
        cost=figures.cost,
        input_tokens=figures.input_tokens,
        output_tokens=figures.output_tokens,
        seconds=0 if figures.latency is None else round(figures.latency.total, 3),
        failures=failures[:100],
        batch=order.id,
    )
    if order.suite.lower() in suites(home):
        before = [one for one in kept(home, measurement.suite).measurements if one.batch == order.id]
        if before and before[-1].model_copy(update={"at": measurement.at}) == measurement:
            return
    keep(home, measurement)
