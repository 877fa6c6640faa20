"""A batch as one HTML page that needs nothing from outside and runs no script."""

from collections.abc import Sequence

from agent.cli.html_files import pages
from evals.batch.figures import Figures
from evals.batch.order import BatchOrder
from evals.batch.results import Result


def batch_page(order: BatchOrder, figures: Figures, results: Sequence[Result]) -> str:
    """Return the page of a batch: figures with intervals, time of each run, what went wrong, every attempt."""
    bars = [] if figures.share is None else [("all", figures.share), *figures.tags.items()]
    longest = max((one.seconds for one in results), default=0.0) or 1.0
    template = pages("evals.batch").get_template("batch.html.j2")
    return template.render(order=order, figures=figures, results=list(results), bars=bars, longest=longest)
