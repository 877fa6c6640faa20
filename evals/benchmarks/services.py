"""Services of a benchmark's runs: a given model, tools in process, no sandbox."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.browsing.ports import World
from agent.browsing.search.person import Ask
from agent.domain.messages import ToolOutcome, ToolSpec
from agent.domain.task import Task
from agent.execution.toolbox import HostTool, Tool
from agent.ledger.blobs import BlobStore
from agent.memory.corrections.store import Corrections
from agent.memory.tool_index import Embedder
from agent.models.port import ChatModel
from agent.models.testing.benchmark_turns import TOOLS
from agent.runtime.benches import NO_BENCHES, Benches
from agent.runtime.options import RunOptions
from agent.runtime.settings import ROLES
from agent.verification.knowledge.port import Knowledge, NoKnowledge
from toolserver.client import EgressEvent, Sandbox


class BenchmarkServices:
    """Gives every run the same model and the benchmark session's two tools.

    Args:
        model: plays every role.
        run: runs a tool by name.
    """

    def __init__(self, model: ChatModel, run: Callable[[str, Mapping[str, Any]], str]) -> None:
        self._model = model
        self._tools = tuple(_InProcess(spec, run) for spec in TOOLS)

    async def models(self, options: RunOptions) -> Mapping[str, ChatModel]:
        """Return the one model in every role."""
        return dict.fromkeys(ROLES, self._model)

    async def open_sandbox(
        self, options: RunOptions, run_id: str, on_egress: Callable[[EgressEvent], None] | None = None
    ) -> Sandbox | None:
        """Return none."""
        return None

    async def host_tools(self, task: Task, blobs: BlobStore) -> Sequence[HostTool]:
        """Return the tools of the session."""
        return self._tools

    async def world(
        self,
        task: Task,
        run_id: str,
        blobs: BlobStore,
        on_egress: Callable[[EgressEvent], None] | None = None,
        ask: Ask | None = None,
    ) -> World | None:
        """Return none: nothing is browsed."""
        return None

    def benches(self, options: RunOptions, run_id: str) -> Benches:
        """Return none: nothing is made."""
        return NO_BENCHES

    def knowledge(self) -> Knowledge:
        """Return none: nothing is looked up."""
        return NoKnowledge()

    def embedder(self) -> Embedder | None:
        """Return none: the session has few tools."""
        return None

    def corrections(self) -> Corrections | None:
        """Return nothing: what a person corrected must not change what is measured."""
        return None

    async def close(self) -> None:
        """Close the model."""
        await self._model.close()


class _InProcess:
    def __init__(self, spec: ToolSpec, run: Callable[[str, Mapping[str, Any]], str]) -> None:
        self.tool = Tool(spec=spec, where="host")
        self._run = run

    async def run(self, arguments: Mapping[str, Any]) -> ToolOutcome:
        return ToolOutcome(text=self._run(self.tool.spec.name, arguments))
