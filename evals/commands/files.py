"""Files that commands make of a batch."""

from collections.abc import Sequence
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
        write_page(junit(order, results), xml)
