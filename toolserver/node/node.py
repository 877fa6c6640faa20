"""A node: the tools of one sandbox, their calls and its journal."""

import asyncio
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Self

from toolserver.node.calls import Calls
from toolserver.node.environment import PACKAGES_FOLDER
from toolserver.node.journal import Journal
from toolserver.node.libraries import missing_for
from toolserver.node.machine import Machine
from toolserver.node.programs import Programs
from toolserver.node.reserve import Reserve
from toolserver.node.toolbox import Toolbox
from toolserver.node.tools.archive import ArchiveTool
from toolserver.node.tools.counter import CounterTool
from toolserver.node.tools.document import DocumentTool
from toolserver.node.tools.files import FileTools
from toolserver.node.tools.internal import InternalTools
from toolserver.node.tools.job import JobTools
from toolserver.node.tools.moving import MovingTools
from toolserver.node.tools.notebook import NotebookTool
from toolserver.node.tools.python import PythonTool
from toolserver.node.tools.search import SearchTools
from toolserver.node.tools.shell import ShellTool
from toolserver.node.tools.snapshot import SnapshotTools
from toolserver.node.tools.transfer import TransferTools
from toolserver.node.tools.view import ViewTool
from toolserver.protocol import NodeEgress

if TYPE_CHECKING:
    from toolserver.node.forwarder import Forwarder


class Node:
    """Everything of a sandbox but the way to reach it.

    Attributes:
        machine: what tools work with.
        calls: runs and journals calls.
        toolbox: the tools.
        programs: starts programs that a connection talks to.
        ending: set when the node was asked to end.
    """

    def __init__(self, machine: Machine, journal: Journal, *, testing: bool, egress: NodeEgress | None = None) -> None:
        self.machine = machine
        self._journal = journal
        self.ending = asyncio.Event()
        self.toolbox = Toolbox()
        self.programs = Programs(machine)
        self.calls = Calls(self.toolbox, journal, Reserve(machine.state / "reserve"))
        self._notebook = None if missing_for("notebook") else NotebookTool(machine)
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
            ArchiveTool(machine),
            *((DocumentTool(machine),) if not missing_for("read_document") else ()),
            *((ViewTool(machine),) if not missing_for("view_image") else ()),
            *((self._notebook,) if self._notebook is not None else ()),
            *((CounterTool(machine.workspace),) if testing else ()),
        ):
            self.toolbox.add(*tools.tools())
        self._forwarder: Forwarder | None = None
        if egress is not None:
            self._let_out(egress)
        elif (packages := machine.state / PACKAGES_FOLDER).is_dir():
            # installed while there was a way out
            machine.environment.find_packages(packages)

    def _let_out(self, egress: NodeEgress) -> None:
        # imported only now: a node without a way out does not spend memory on it
        from toolserver.node.forwarder import Forwarder
        from toolserver.node.tools.http import HttpTool
        from toolserver.node.tools.packages import PackageTool

        self._forwarder = Forwarder(Path(egress.socket))
        machine, port = self.machine, self._forwarder.port
        machine.environment.let_out(port, machine.state / PACKAGES_FOLDER, egress.index_url)
        for tools in (HttpTool(machine, port), PackageTool(machine, egress.index_url)):
            self.toolbox.add(*tools.tools())

    @classmethod
    def open(
        cls,
        workspace: Path,
        state: Path,
        *,
        testing: bool = False,
        egress: NodeEgress | None = None,
        spawner: tuple[int, socket.socket] | None = None,
    ) -> Self:
        """Set up a node on two folders.

        Args:
            workspace: where tools work.
            state: the node's own folder.
            testing: add a tool that counts its executions.
            egress: the way out, if there is one; programs can use it after ``start``.
            spawner: process id and socket of a spawner that was forked before; by default one is started.

        Raises:
            JournalBusy: another node runs on the same state.
        """
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        journal = Journal.open(state)
        return cls(Machine.at(workspace, state, spawner), journal, testing=testing, egress=egress)

    async def start(self) -> None:
        """Open the way out, if there is one."""
        if self._forwarder is not None:
            await self._forwarder.start()

    async def close(self) -> None:
        """End all calls, the notebook and all jobs."""
        await self.calls.close()
        if self._notebook is not None:
            await self._notebook.close()
        await self.machine.close()
        if self._forwarder is not None:
            await self._forwarder.close()
        self._journal.close()
