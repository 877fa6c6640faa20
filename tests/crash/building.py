"""Processes that work on a run which builds something, and are killed while they do."""

from pathlib import Path
from typing import Any

from agent.domain.messages import Reply
from agent.domain.task import BuildOrder, Task
from agent.ledger.testing import KillingLedger
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.runner import Runner
from agent.runtime.settings import Settings
from agent.verification.artefacts.voxel.world import VoxelWorld  # noqa: F401 - imported before the first fork
from tests.crash.forking import ended, fork_for_orders
from tests.runtime.designing import WISH, ScriptedDesigner, fenced, hut
from tests.studio import StudioServices


def script() -> ScriptedDesigner:
    """Return a designer that answers from what it is shown alone: two candidates and two rounds."""
    return ScriptedDesigner(programs=[fenced(hut(door=False, hole=True))], redesigns=[fenced(hut())])


async def work(order: dict[str, Any]) -> None:
    """Start or resume a run and work on it to its end, noting what the model is asked."""
    home, run_id = Path(order["home"]), order["run_id"]
    notes, designer = home / f"{run_id}.asked", script()

    def turn(asked: Asked) -> Reply:
        with notes.open("a") as noted:
            noted.write(f"{asked.messages.digest}\n")
        return designer(asked)

    ledger = await KillingLedger.open_with(home, commits=order["commits"])
    runner = Runner(ledger, StudioServices(ScriptedModel(turn), Path(order["folder"])), Settings())
    await ended(runner, ledger, order, Task(goal=WISH, build=BuildOrder(artefact="voxel", candidates=2)))


if __name__ == "__main__":
    fork_for_orders(work)
