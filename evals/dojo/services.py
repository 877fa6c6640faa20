"""Services of a run in an environment of a bridge: given models, the environment's tools, and nothing else."""

from collections.abc import Mapping, Sequence

from agent.domain.task import Task
from agent.execution.toolbox import HostTool
from agent.ledger.blobs import BlobStore
from agent.models.port import ChatModel
from agent.runtime.options import RunOptions
from agent.runtime.settings import Role
from evals.benchmarks.services import BenchmarkServices


class RoomServices(BenchmarkServices):
    """Gives a run the tools of one environment.

    Args:
        models: by role; whoever made them closes them.
        tools: of the environment.
    """

    def __init__(self, models: Mapping[Role, ChatModel], tools: Sequence[HostTool]) -> None:
        super().__init__(models["executor"], lambda name, arguments: "")
        self._models = models
        self._rooms = tuple(tools)

    async def models(self, options: RunOptions) -> Mapping[str, ChatModel]:
        """Return the given models."""
        return {str(role): model for role, model in self._models.items()}

    async def host_tools(self, task: Task, blobs: BlobStore) -> Sequence[HostTool]:
        """Return the tools of the environment."""
        return self._rooms

    async def close(self) -> None:
        """Leave the models to whoever made them."""
