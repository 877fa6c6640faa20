"""Opens what a batch works with."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from agent.cli.opening import open_ledger
from agent.ledger.store import Ledger
from agent.runtime.runner import Runner
from agent.runtime.services import ConfiguredServices
from agent.runtime.settings import Settings
from evals.batch.order import BatchOrder, same_suite
from evals.suite.definition import Suite
from evals.suite.reading import suite_named


@dataclass(frozen=True)
class Bench:
    """What a batch works with."""

    home: Path
    settings: Settings
    ledger: Ledger
    services: ConfiguredServices
    runner: Runner


@contextlib.asynccontextmanager
async def open_bench(concurrency: int) -> AsyncIterator[Bench]:
    """Open the user's ledger and a runner for that many runs at a time; runs under way at the end are paused."""
    async with open_ledger() as (ledger, settings, home):
        settings = settings.model_copy(update={"concurrency": concurrency})
        services = ConfiguredServices(settings, home)
        runner = Runner(ledger, services, settings)
        try:
            yield Bench(home, settings, ledger, services, runner)
        finally:
            await runner.close()
            await services.close()


def suite_of(order: BatchOrder, *, changed: bool = False) -> Suite:
    """Return the suite of a batch as it is now.

    Raises:
        UsageError: it is gone, or has changed and was not to.
    """
    suite = suite_named(order.place)
    same_suite(order, suite, changed=changed)
    return suite
