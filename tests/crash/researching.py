"""Processes that work on a run which researches, and are killed while they do; ``forking`` says how they are driven."""

from pathlib import Path
from typing import Any

from agent.browsing.page import Page
from agent.browsing.ports import World
from agent.browsing.testing import FakeSearch, FakeWeb
from agent.domain.messages import Reply
from agent.domain.task import Task
from agent.ledger.testing import KillingLedger
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.runner import Runner
from agent.runtime.settings import Settings
from tests.crash.forking import ended, fork_for_orders
from tests.runtime.test_research import BOTH, BRIDGE, GOAL, SUBMIT, TOWER, browsing
from tests.studio import StudioServices


class NotedWeb(FakeWeb):
    """A web that writes down what was asked of it, so that it outlives its process."""

    def __init__(self, notes: Path) -> None:
        super().__init__({page.url: page for page in (TOWER, BRIDGE)})
        self._notes = notes

    async def fetch(self, url: str) -> Page:
        """Note the address, and return its page."""
        with self._notes.open("a") as notes:
            notes.write(f"{url}\n")
        return await super().fetch(url)


def turn(asked: Asked) -> Reply:
    """Answer from what is shown alone, so that it does not matter which process asks."""
    if "submit" not in {tool.name for tool in asked.tools}:
        return browsing(asked)
    return BOTH if len(asked.messages) == 2 else SUBMIT


async def work(order: dict[str, Any]) -> None:
    """Start or resume a run and work on it to its end."""
    home, run_id = Path(order["home"]), order["run_id"]
    ledger = await KillingLedger.open_with(home, commits=order["commits"])

    async def close() -> None:
        """Nothing to free."""

    web = NotedWeb(home / f"{run_id}.fetched")
    world = World(fetcher=web, search=FakeSearch([TOWER, BRIDGE]), browser=None, close=close)
    services = StudioServices(ScriptedModel(turn), Path(order["folder"]), browsed=world)
    runner = Runner(ledger, services, Settings())
    await ended(runner, ledger, order, Task(goal=GOAL, web=True))


if __name__ == "__main__":
    fork_for_orders(work)
