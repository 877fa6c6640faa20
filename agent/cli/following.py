"""Following a run in a terminal while it works, whichever process works on it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from rich.console import Console
from rich.live import Live as RichLive

from agent.cli.render import design_line, live_view, step_line
from agent.domain.events import TERMINAL
from agent.domain.view import RunView
from agent.ledger.store import Ledger
from agent.runtime.history import apply
from agent.runtime.live import Live

_FRAME_SECONDS = 0.125
_IDLE_SECONDS = 0.5


class Follower:
    """Keeps the state of a run up to date from its ledger, with what is written and what programs print right now."""

    def __init__(self, ledger: Ledger, run_id: str) -> None:
        self.view = RunView()
        self.writing = ""
        self.printing: dict[str, str] = {}
        self._ledger = ledger
        self._run_id = run_id
        self._since = time.monotonic()

    async def update(self) -> None:
        """Read what has come since the last time."""
        async for event in self._ledger.events(self._run_id, after=self.view.seq):
            apply(self.view, event)
            if event.kind == "model" and event.phase == "done":
                self.writing = ""
        running = {step.key for step in self.view.running_steps}
        self.printing = {key: told for key, told in self.printing.items() if key in running}

    @property
    def seconds(self) -> float:
        """How long this run has been followed, in seconds."""
        return time.monotonic() - self._since

    def hear(self, key: str, piece: str) -> None:
        """Take in a piece of a reply that is being written."""
        self.writing = (self.writing + piece)[-2_000:]

    def hear_progress(self, key: str, seconds: float, line: str) -> None:
        """Take in how a tool call gets on."""
        self.printing[key] = f"{seconds:.0f} s  {line}".rstrip()


@contextlib.asynccontextmanager
async def shown_live(console: Console, ledger: Ledger, run_id: str, live: Live | None) -> AsyncIterator[Follower]:
    """Show a run while a block works on it. Where the console is no terminal, its steps are printed line by line."""
    follower = Follower(ledger, run_id)
    stop_watching = None
    if live is not None and console.is_terminal:
        stop_watching = live.watch(run_id, follower.hear, follower.hear_progress)
    picture = _in_place(console, follower) if console.is_terminal else _line_by_line(console, follower)
    task = asyncio.create_task(picture)
    try:
        yield follower
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        if stop_watching is not None:
            stop_watching()
        await follower.update()


async def follow_to_end(console: Console, ledger: Ledger, run_id: str) -> RunView:
    """Show a run that another process works on until it ends or stops."""
    async with shown_live(console, ledger, run_id, None) as follower:
        while follower.view.status not in {*TERMINAL, "waiting", "paused"}:
            await asyncio.sleep(_IDLE_SECONDS)
            run = await ledger.find(run_id)
            if not run.alive and run.status == "running":
                break
    return follower.view


async def _in_place(console: Console, follower: Follower) -> None:
    with RichLive(console=console, refresh_per_second=8, transient=True) as screen:
        while True:
            await follower.update()
            screen.update(
                live_view(
                    follower.view,
                    follower.seconds,
                    follower.writing,
                    printing=follower.printing,
                    height=console.size.height - 2,
                )
            )
            await asyncio.sleep(_FRAME_SECONDS)


async def _line_by_line(console: Console, follower: Follower) -> None:
    shown: set[str] = set()
    notices = 0
    told = ""
    designed = 0
    try:
        while True:
            await follower.update()
            notices = print_news(console, follower.view, shown, notices)
            designed = _print_design(console, follower.view, designed)
            if follower.view.checking != told:
                told = follower.view.checking
                console.print(told)
            await asyncio.sleep(_IDLE_SECONDS)
    finally:
        await follower.update()
        print_news(console, follower.view, shown, notices)
        _print_design(console, follower.view, designed)


def _print_design(console: Console, view: RunView, told: int) -> int:
    """Print what was not told yet of a design; returns how much there is now."""
    for one in view.design[told:]:
        console.print(design_line(one))
    return len(view.design)


def print_news(console: Console, view: RunView, shown: set[str], notices: int) -> int:
    """Print the steps and notices that were not shown yet; returns how many notices there are now.

    Of a design its course is told instead of its many steps.
    """
    designs = view.task is not None and view.task.build is not None
    for step in () if designs else view.steps.values():
        if step.done_seq is not None and step.key not in shown:
            shown.add(step.key)
            console.print(step_line(step))
    for notice in view.notices[notices:]:
        console.print(f"! {notice}")
    return len(view.notices)
