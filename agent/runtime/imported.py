"""Recorded browsing sessions of others as runs of our own: done once more over their record, action by action."""

import re
from collections.abc import Callable, Mapping, Sequence

from agent.browsing.annotation.imports import ImportedSession, RecordedWorld
from agent.browsing.ports import World
from agent.browsing.search.person import Ask
from agent.domain.errors import WaitingForPerson
from agent.domain.report import Report
from agent.domain.task import Task
from agent.execution.toolbox import HostTool
from agent.ledger.blobs import BlobStore
from agent.ledger.store import Ledger
from agent.memory.corrections.store import Corrections
from agent.memory.tool_index import Embedder
from agent.models.person.terminal import TerminalPerson
from agent.models.port import ChatModel
from agent.runtime.benches import NO_BENCHES, Benches
from agent.runtime.options import RunOptions
from agent.runtime.runner import Runner
from agent.runtime.services import NO_SANDBOX
from agent.runtime.settings import ROLES, Settings
from agent.verification.knowledge.port import Knowledge, NoKnowledge
from toolserver.client import EgressEvent, Sandbox

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")


async def import_session(ledger: Ledger, settings: Settings, session: ImportedSession) -> tuple[str, Report | None]:
    """Make a run of an imported session; returns its id, and its report where the session has an ending.

    The run has the record's id where that can be one. Without an ending it waits for a person to go on.

    Raises:
        UsageError: the ledger has a run of that id.
    """
    world = RecordedWorld()
    steps = iter(session.steps)

    async def answer(question: str, options: Sequence[str]) -> str:
        step = next(steps, None)
        if step is None:
            raise WaitingForPerson("the record ends here")
        world.coming = step.coming
        return step.action.model_dump_json()

    runner = Runner(ledger, _Recording(world), settings, asker=answer)
    try:
        task = Task(goal=session.question, browse=session.order)
        named = session.record_id if _RUN_ID.fullmatch(session.record_id) else None
        run_id = await runner.start(task, RunOptions(model="person", sandbox=NO_SANDBOX), run_id=named)
        try:
            return run_id, await runner.wait(run_id)
        except WaitingForPerson:
            return run_id, None
    finally:
        await runner.close()


class _Recording:
    """Services of a run that meets only what a record holds. Implements ``Services``."""

    def __init__(self, world: RecordedWorld) -> None:
        self._world = world

    async def models(self, options: RunOptions) -> Mapping[str, ChatModel]:
        # in the seat, and asked nothing as a model
        return dict.fromkeys(ROLES, TerminalPerson("person"))

    async def open_sandbox(
        self, options: RunOptions, run_id: str, on_egress: Callable[[EgressEvent], None] | None = None
    ) -> Sandbox | None:
        return None

    async def host_tools(self, task: Task, blobs: BlobStore) -> Sequence[HostTool]:
        return ()

    async def world(
        self,
        task: Task,
        run_id: str,
        blobs: BlobStore,
        on_egress: Callable[[EgressEvent], None] | None = None,
        ask: Ask | None = None,
    ) -> World | None:
        return World(self._world, self._world, self._world, _nothing)

    def benches(self, options: RunOptions, run_id: str) -> Benches:
        return NO_BENCHES

    def knowledge(self) -> Knowledge:
        return NoKnowledge()

    def embedder(self) -> Embedder | None:
        return None

    def corrections(self) -> Corrections | None:
        return None

    async def close(self) -> None:
        """Nothing is open."""


async def _nothing() -> None:
    """Close nothing: a record is no connection."""
