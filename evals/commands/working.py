"""Works on attempts where people watch and may interrupt."""

from collections.abc import Awaitable, Callable, Sequence

from rich.live import Live

from agent.cli.console import err
from agent.cli.workshop import Workshop, on_interrupt
from evals.batch.order import Attempt
from evals.batch.results import Result
from evals.batch.running import BatchRunner
from evals.commands.shown import BatchView


async def watched(
    shop: Workshop,
    batch: BatchRunner,
    attempts: Sequence[Attempt],
    view: BatchView,
    work: Callable[[], Awaitable[dict[str, Result]]],
    *,
    quiet: bool,
) -> tuple[list[Result], str]:
    """Return the results of ``work`` in the order of the attempts, and why it stopped before its end; empty if not.

    Ctrl-C begins no further run and pauses those under way.
    """
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        interrupted = True
        batch.stop("interrupted")
        for attempt in attempts:
            shop.runner.halt(attempt.run_id)

    with on_interrupt(interrupt), Live(view, console=err(), transient=True, refresh_per_second=4) as live:
        if quiet:
            live.stop()
        found = await work()
    results = [found[attempt.run_id] for attempt in attempts if attempt.run_id in found]
    return results, "interrupted" if interrupted else batch.stopped
