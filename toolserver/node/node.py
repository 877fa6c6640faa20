"""A node: the tools of one sandbox, their calls and its journal."""

import asyncio
import socket
from pathlib import Path
from typing import Self

from toolserver.node.calls import Calls
from toolserver.node.journal import Journal
from toolserver.node.libraries import missing_for
from toolserver.node.machine import Machine
from toolserver.node.programs import Programs
from toolserver.node.toolbox import Toolbox
from toolserver.node.tools.counter import CounterTool
from toolserver.node.tools.document import DocumentTool
from toolserver.node.tools.files import FileTools
from toolserver.node.tools.internal import InternalTools
from toolserver.node.tools.job import JobTools
from toolserver.node.tools.moving import MovingTools
from toolserver.node.tools.python import PythonTool
from toolserver.node.tools.search import SearchTools
from toolserver.node.tools.shell import ShellTool
from toolserver.node.tools.snapshot import SnapshotTools
from toolserver.node.tools.transfer import TransferTools
from toolserver.node.tools.view import ViewTool


class Node:
    """Everything of a sandbox but the way to reach it.

    Attributes:
        machine: what tools work with.
        calls: runs and journals calls.
        toolbox: the tools.
        programs: starts programs that a connection talks to.
        ending: set when the node was asked to end.
    """

    def __init__(self, machine: Machine, journal: Journal, *, testing: bool) -> None:
        self.machine = machine
        self._journal = journal
        self.ending = asyncio.Event()
        self.toolbox = Toolbox()
        self.programs = Programs(machine)
        self.calls = Calls(self.toolbox, journal)
        for tools in (
            FileTools(machine.workspace),
            MovingTools(machine),
            SearchTools(machine),
            ShellTool(machine),
            PythonTool(machine),
            JobTools(machine),
            TransferTools(machine),
            SnapshotTools(machine),
            InternalTools(self.calls, self.ending.set),
            *((DocumentTool(machine),) if not missing_for("read_document") else ()),
            *((ViewTool(machine),) if not missing_for("view_image") else ()),
            *((CounterTool(machine.workspace),) if testing else ()),
        ):
            self.toolbox.add(*tools.tools())

    @classmethod
    def open(
        cls, workspace: Path, state: Path, *, testing: bool = False, spawner: tuple[int, socket.socket] | None = None
    ) -> Self:
        """Set up a node on two folders; ``testing`` adds a tool that counts its executions.

        ``spawner`` is the process id and the socket of a spawner that was forked before; by default one is started.

        Raises:
            JournalBusy: another node runs on the same state.
        """
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        journal = Journal.open(state)
        return cls(Machine.at(workspace, state, spawner), journal, testing=testing)

    async def close(self) -> None:
        """End all calls and jobs."""
        await self.calls.close()
        await self.machine.close()
        self._journal.close()
