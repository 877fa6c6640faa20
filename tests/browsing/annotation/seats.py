"""Browsing runs in a small world, steered from their seats as a web page or a terminal would."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from agent.browsing.annotation.api import SeatApi
from agent.browsing.annotation.commands import parse_command
from agent.browsing.annotation.forms import SeatState
from agent.browsing.errors import FetchFailed
from agent.browsing.page import Link, Page
from agent.browsing.ports import World
from agent.browsing.testing import FakeSearch, FakeWeb, page_of
from agent.domain.task import BrowseOrder, Task
from agent.ledger.store import Ledger
from agent.models.testing.scripted_model import ScriptedModel
from agent.runtime.runner import Runner
from agent.runtime.settings import Settings
from tests.studio import StudioServices, studio

QUICK = Settings(drain_seconds=0.05)
"""Nothing is under way in these runs but waiting for a person, and that needs no time to end."""

QUESTION = "How many valves did the north works make?"
SOUTH = page_of("The south works made 980 pumps.", url="https://example.org/s", title="South works")
NORTH = page_of(
    "The north works stand at Brenn. The north works made 1,234 green valves in 2021. "
    + "They also made taps. " * 90
    + "The end.",
    url="https://example.org/n",
    title="North works",
    links=(Link(text="south", url=SOUTH.url, offset=0),),
)
GONE = page_of("valves valves works", url="https://example.org/gone", title="Gone")


async def nobody(question: str, options: Sequence[str]) -> str:
    """Wait for the answer that comes as a command."""
    await asyncio.Event().wait()
    raise AssertionError("nobody answers here")


def world() -> World:
    """Return two pages, one that is gone, and a search over all three."""
    pages: dict[str, Page | FetchFailed] = {NORTH.url: NORTH, SOUTH.url: SOUTH}

    async def close() -> None:
        """Nothing is open."""

    return World(FakeWeb(pages), FakeSearch([NORTH, SOUTH, GONE]), None, close)


class Seat:
    """A run that a person browses in, and the verbs of a test."""

    def __init__(self, runner: Runner, api: SeatApi) -> None:
        self.runner = runner
        self.api = api

    async def does(self, *lines: str) -> SeatState:
        """Do commands one after the other and return the state after the last."""
        state = await self.api.state()
        for line in lines:
            state = await self.api.act(parse_command(line), state.step)
        return state


@contextlib.asynccontextmanager
async def seated(ledger: Ledger, folder: Path, *, order: BrowseOrder | None = None) -> AsyncIterator[Seat]:
    """Open a runner with a browsing run that waits for its first action; all runs that end must replay."""
    services = StudioServices(ScriptedModel([]), folder, browsed=world())
    async with studio(ledger, services, settings=QUICK, asker=nobody) as runner:
        run_id = await runner.start(Task(goal=QUESTION, browse=order or BrowseOrder()))
        await waiting(ledger, run_id, 1)

        async def send(run: str, question: str, text: str) -> None:
            await runner.answer(run, text, question=question)

        yield Seat(runner, await SeatApi.open(ledger, run_id, send=send))


async def waiting(ledger: Ledger, run_id: str, step: int) -> None:
    """Wait until a run asks what to do at a step."""
    arrived = asyncio.Event()
    wanted = f"root/act/{step}"
    stop = ledger.listen(run_id, lambda append, seq: arrived.set() if append.key == wanted else None)
    try:
        if all([event.key != wanted async for event in ledger.events(run_id)]):
            await asyncio.wait_for(arrived.wait(), 60)
    finally:
        stop()
