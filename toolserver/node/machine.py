"""What tools work with: one sandbox's files, programs and outputs."""

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from toolserver.node.environment import Environment
from toolserver.node.jobs import Jobs
from toolserver.node.outputs import OutputStore
from toolserver.node.processes.supervisor import Supervisor
from toolserver.node.workspace import Workspace


@dataclass(frozen=True)
class Machine:
    """The parts of a sandbox that tools share. ``state`` is the node's own folder, outside the workspace."""

    workspace: Workspace
    state: Path
    supervisor: Supervisor
    outputs: OutputStore
    environment: Environment
    jobs: Jobs

    @classmethod
    def at(cls, workspace: Path, state: Path, spawner: tuple[int, socket.socket] | None = None) -> Self:
        """Set up the parts on two folders, which are made as needed."""
        workspace.mkdir(parents=True, exist_ok=True)
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        supervisor = Supervisor(spawner)
        supervisor.prepare()
        outputs = OutputStore(state / "outputs")
        jobs = Jobs(supervisor, outputs, state / "jobs")
        return cls(Workspace(workspace), state, supervisor, outputs, Environment(state / "home"), jobs)

    async def close(self) -> None:
        """End all programs."""
        await self.jobs.close()
        self.supervisor.close()
