"""Finds the suite of a batch."""

from evals.batch.order import BatchOrder, same_suite
from evals.suite.definition import Suite
from evals.suite.reading import suite_named


def suite_of(order: BatchOrder, *, changed: bool = False) -> Suite:
    """Return the suite of a batch as it is now.

    Raises:
        UsageError: it is gone, or has changed and was not to.
    """
    suite = suite_named(order.place)
    same_suite(order, suite, changed=changed)
    return suite
