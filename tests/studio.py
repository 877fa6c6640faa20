"""A runner for tests: a real ledger and a real sandbox node, with a scripted model in every role."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.browsing.corpus import Corpus
from agent.browsing.ports import World
from agent.browsing.search.person import Ask
from agent.domain.task import Task
from agent.execution.document_tools import document_tools
from agent.execution.toolbox import HostTool
from agent.ledger.blobs import BlobStore
from agent.ledger.cassette import export_run, import_run
from agent.ledger.store import Ledger
from agent.memory.corrections.store import Corrections
from agent.memory.tool_index import Embedder
from agent.models.port import ChatModel
from agent.runtime.benches import NO_BENCHES, Benches
from agent.runtime.options import RunOptions
from agent.runtime.people import Asker
from agent.runtime.runner import Runner
from agent.runtime.services import NO_SANDBOX
from agent.runtime.settings import ROLES, Settings
from agent.verification.knowledge.port import Knowledge, NoKnowledge
from tests.webui.golden import leave
from toolserver.client import EgressEvent, Sandbox
from toolserver.node.toolbox import Tool as NodeTool
from toolserver.testing import InProcessSandbox


@dataclass
class StudioServices:
    """Services with given models, sandboxes in this process, and given documents."""

    model: ChatModel
    folder: Path
    roles: Mapping[str, ChatModel] = field(default_factory=dict)
    corpus: Corpus | None = None
    tools: Sequence[NodeTool[Any]] = ()
    host: Sequence[HostTool] = ()
    embeds: Embedder | None = None
    remembers: Corrections | None = None
    browsed: World | None = None
    opened: list[InProcessSandbox] = field(default_factory=list)

    async def models(self, options: RunOptions) -> Mapping[str, ChatModel]:
        return {role: self.roles.get(role, self.model) for role in ROLES}

    async def open_sandbox(
        self, options: RunOptions, run_id: str, on_egress: Callable[[EgressEvent], None] | None = None
    ) -> Sandbox | None:
        if options.sandbox == NO_SANDBOX:
            return None
        sandbox = await InProcessSandbox.open(run_id, folder=self.folder / run_id, tools=self.tools)
        self.opened.append(sandbox)
        return sandbox

    async def host_tools(self, task: Task, blobs: BlobStore) -> Sequence[HostTool]:
        return (*(document_tools(self.corpus, blobs) if self.corpus is not None else ()), *self.host)

    async def world(
        self,
        task: Task,
        run_id: str,
        blobs: BlobStore,
        on_egress: Callable[[EgressEvent], None] | None = None,
        ask: Ask | None = None,
    ) -> World | None:
        return self.browsed

    def benches(self, options: RunOptions, run_id: str) -> Benches:
        return NO_BENCHES

    def knowledge(self) -> Knowledge:
        return NoKnowledge()

    def embedder(self) -> Embedder | None:
        return self.embeds

    def corrections(self) -> Corrections | None:
        return self.remembers

    async def close(self) -> None:
        """Nothing to free."""


@contextlib.asynccontextmanager
async def studio(
    ledger: Ledger, services: StudioServices, *, settings: Settings | None = None, asker: Asker | None = None
) -> AsyncIterator[Runner]:
    """Open a runner; every run that has a report at the end must replay from its cassette to the same report."""
    runner = Runner(ledger, services, settings or Settings(), asker=asker)
    try:
        yield runner
    finally:
        await runner.close()
    await leave(ledger, services.folder.name)
    for run in await ledger.newest(limit=1_000):
        if run.status in ("finished", "failed") and run.reason in ("verified", "unverified", "failed"):
            await assert_replays(ledger, run.id, Path(tempfile.mkdtemp(dir=services.folder)))


async def assert_replays(ledger: Ledger, run_id: str, folder: Path) -> None:
    """Export a run, import it into an empty ledger, and replay it there without models, sandboxes or documents."""
    folder.mkdir(parents=True, exist_ok=True)
    cassette = folder / "run.jsonl"
    cassette.write_bytes(b"".join([line async for line in export_run(ledger, run_id)]))
    other = await Ledger.open(folder / "home")
    try:
        await import_run(other, cassette)
        report, recorded = await Runner(other, _Nothing(), Settings()).replay(run_id)
        assert report == recorded
    finally:
        await other.close()


class _Nothing:
    """Services of a machine that has nothing."""

    def benches(self, options: RunOptions, run_id: str) -> Benches:
        return NO_BENCHES

    def knowledge(self) -> Knowledge:
        return NoKnowledge()

    def embedder(self) -> Embedder | None:
        raise AssertionError("a replay asked for an embedder")

    def corrections(self) -> Corrections | None:
        raise AssertionError("a replay asked for corrections")

    async def models(self, options: RunOptions) -> Mapping[str, ChatModel]:
        raise AssertionError("a replay asked for a model")

    async def open_sandbox(
        self, options: RunOptions, run_id: str, on_egress: Callable[[EgressEvent], None] | None = None
    ) -> Sandbox:
        raise AssertionError("a replay opened a sandbox")

    async def host_tools(self, task: Task, blobs: BlobStore) -> Sequence[HostTool]:
        raise AssertionError("a replay opened documents")

    async def world(
        self,
        task: Task,
        run_id: str,
        blobs: BlobStore,
        on_egress: Callable[[EgressEvent], None] | None = None,
        ask: Ask | None = None,
    ) -> World | None:
        raise AssertionError("a replay opened a world")

    async def close(self) -> None:
        """Nothing to free."""
