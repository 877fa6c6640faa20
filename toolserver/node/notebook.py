"""The node's side of the notebook: the process that holds the kernel, and how to ask it."""

import asyncio
import contextlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from toolserver.errors import ToolFailure
from toolserver.node.asking import worker_command
from toolserver.node.machine import Machine
from toolserver.node.outputs import Output
from toolserver.node.processes.supervisor import Process
from toolserver.node.waiting import to_the_end

LONGEST_ANSWER: Final = 32 * 1024 * 1024
LONGEST_PATH: Final = 80
"""Characters of a folder in which sockets can be made; the system allows little more."""

START_SECONDS: Final = 60.0
PATIENCE: Final = 15.0
"""Seconds beyond a cell's time that the process may take to end it and answer; then it is ended itself."""


@dataclass(frozen=True)
class _Host:
    """The process that holds the kernel."""

    process: Process
    sockets: Path


class NotebookHost:
    """Starts the process on first use, asks it, and ends it. It belongs to the sandbox and not to a call.

    Attributes:
        lost: why the names of earlier cells are lost, until that has been told; None when they are not.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._folder = machine.state / "notebook"
        self._folder.mkdir(exist_ok=True, mode=0o700)
        self._started = self._folder / "started"
        self._host: _Host | None = None
        self._starting = asyncio.Lock()
        self.lost = "the sandbox was restarted" if self._started.exists() else None

    async def ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Return the answer to a request that takes at most ``seconds``. A caller that is cancelled ends its cell.

        Raises:
            ToolFailure: the process refuses, dies, or does not answer.
        """
        host = await self._running()
        try:
            reader, writer = await asyncio.open_unix_connection(host.sockets / "control", limit=LONGEST_ANSWER)
            try:
                writer.write(json.dumps(request).encode() + b"\n")
                line = await self._line(host, reader, writer, seconds)
            finally:
                writer.close()
            answer = json.loads(line)
        except (OSError, ValueError) as error:
            raise await self._failure(host) from error
        if not isinstance(answer, dict):
            raise await self._failure(host)
        if "error" in answer:
            raise ToolFailure(str(answer["error"])[:60], str(answer.get("message", ""))[:1000])
        return answer

    def began(self) -> None:
        """Remember that a kernel was started, so that a restarted node can say that it is lost."""
        self._started.touch()

    async def close(self) -> None:
        """End the kernel with everything that its cells started."""
        if self._host is not None:
            await self._end(self._host)

    async def _line(
        self, host: _Host, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float
    ) -> bytes:
        try:
            async with asyncio.timeout(seconds + PATIENCE):
                return await reader.readline()
        except TimeoutError:
            await self._end(host)
            return b""
        except asyncio.CancelledError:
            await to_the_end(self._interrupted(host, reader, writer))
            raise

    async def _interrupted(self, host: _Host, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Wait until nothing of the cell is left."""
        answer = None
        with contextlib.suppress(OSError, ValueError, TimeoutError):
            writer.write(b"\n")
            async with asyncio.timeout(PATIENCE):
                answer = json.loads(await reader.readline())
        if not isinstance(answer, dict):
            await self._end(host)
        if not isinstance(answer, dict) or not answer.get("alive"):
            self.lost = "a cancelled cell could not be interrupted"

    async def _running(self) -> _Host:
        async with self._starting:
            if self._host is None or not self._host.process.running:
                if self._host is not None:
                    self.lost = "the kernel's process was killed"
                    await self._end(self._host)
                self._host = await self._start()
            return self._host

    async def _start(self) -> _Host:
        sockets = self._folder / "sockets"
        if len(str(sockets)) > LONGEST_PATH:
            import tempfile  # most sandboxes never need it

            sockets = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="plumbline-"))
        await asyncio.to_thread(shutil.rmtree, sockets, ignore_errors=True)
        sockets.mkdir(mode=0o700)
        command = worker_command(
            self._machine, "notebook", Output("notebook", self._folder), str(self._folder), str(sockets)
        )
        host = _Host(await self._machine.supervisor.start(command), sockets)
        try:
            async with asyncio.timeout(START_SECONDS):
                while not (sockets / "control").exists():
                    if not host.process.running:
                        raise ToolFailure("cannot_start", "notebook: the process that holds the kernel ended at once")
                    await asyncio.sleep(0.02)
        except TimeoutError as error:
            await self._end(host)
            raise ToolFailure("cannot_start", f"notebook: not ready after {START_SECONDS:g} s; try again") from error
        except asyncio.CancelledError:
            await to_the_end(self._end(host))
            raise
        return host

    async def _failure(self, host: _Host) -> ToolFailure:
        """Return what to say of a process that gave no answer; it is ended, if it has not ended itself."""
        await self._end(host)
        why = (
            "for want of memory" if (ended := host.process.ended) is not None and ended.out_of_memory else "by a signal"
        )
        self.lost = "its process was ended"
        text = f"The kernel was ended {why}, and the names of all cells are lost. The next cell starts a new one."
        return ToolFailure("kernel_died", text)

    async def _end(self, host: _Host) -> None:
        await to_the_end(host.process.kill())
        await asyncio.to_thread(shutil.rmtree, host.sockets, ignore_errors=True)
        if self._host is host:
            self._host = None
