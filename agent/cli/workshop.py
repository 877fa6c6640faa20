"""Opening the ledger and the runner for a command, with signals that pause and a second one that kills."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.cli.opening import open_ledger
from agent.ledger.store import Ledger
from agent.runtime.people import Asker
from agent.runtime.runner import Runner
from agent.runtime.services import ConfiguredServices
from agent.runtime.settings import Settings
from agent.runtime.telemetry.opening import open_telemetry


@dataclass(frozen=True)
class Workshop:
    """What a command works with."""

    home: Path
    settings: Settings
    ledger: Ledger
    services: ConfiguredServices
    runner: Runner


@contextlib.asynccontextmanager
async def open_workshop(
    asker: Asker | None = None,
    *,
    serving: bool = False,
    allow_local_sandbox: bool = False,
    concurrency: int | None = None,
) -> AsyncIterator[Workshop]:
    """Open the user's ledger and a runner on it; runs that are under way at the end are paused.

    ``serving`` is for a server: runs that ask are held for a while, and those under way at the end are queued for the
    next server. Programs are run in local sandboxes for a server only where ``allow_local_sandbox`` or the settings
    allow it. ``concurrency`` is how many runs are worked on at a time; None as the settings say.
    """
    async with open_ledger() as (ledger, settings, home):
        if concurrency is not None:
            settings = settings.model_copy(update={"concurrency": concurrency})
        local = not serving or allow_local_sandbox or settings.web.allow_local_sandbox
        services = ConfiguredServices(settings, home, local_sandboxes=local)
        hold_seconds = settings.web.hold_seconds if serving else 0.0
        telemetry = open_telemetry(settings.telemetry)
        runner = Runner(
            ledger,
            services,
            settings,
            asker=asker,
            hold_seconds=hold_seconds,
            taken_up_again=serving,
            telemetry=telemetry,
        )
        try:
            yield Workshop(home, settings, ledger, services, runner)
        finally:
            await runner.close()
            await services.close()
            if telemetry is not None:
                await telemetry.close()


@contextlib.contextmanager
def on_interrupt(first: Callable[[], None]) -> Iterator[None]:
    """Call ``first`` at the first SIGINT or SIGTERM; the second kills this process, which loses nothing recorded."""
    loop = asyncio.get_running_loop()
    count = 0

    def interrupted() -> None:
        nonlocal count
        count += 1
        if count == 1:
            first()
        else:
            os._exit(130)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
