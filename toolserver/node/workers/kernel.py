"""A Jupyter kernel as a process of ours, reached over sockets in a folder, and what a cell of it gives."""

import asyncio
import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import nbformat.v4 as nb
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import write_connection_file

from toolserver.node.processes.capture import Capture
from toolserver.node.processes.descendants import descendants
from toolserver.node.processes.memory import OomCounter
from toolserver.node.workers.markup import rows_of

START_SECONDS: Final = 60.0
INTERRUPT_SECONDS: Final = 6.0
"""How long an interrupted cell has to end before its kernel is killed."""

IDLE_SECONDS: Final = 2.0
"""How long to wait for the last outputs of a cell that has replied."""

STREAM_LIMIT: Final = 8 * 1024 * 1024
SAVED_TEXT: Final = 64 * 1024
MAX_IMAGES: Final = 8
MAX_IMAGE: Final = 2 * 1024 * 1024
"""Characters of the longest picture that is given, in base64."""

MAX_TABLES: Final = 4
MAX_ROWS: Final = 100

Ending = Literal["done", "timeout", "interrupted", "died"]

_ANSI: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_IMAGES: Final = ("image/png", "image/jpeg")


@dataclass
class Cell:
    """What a cell gave. Text goes to files below ``folder``; the rest is here, below limits."""

    folder: Path
    count: int | None = None
    error: dict[str, str] | None = None
    images: list[dict[str, str]] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    saved: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._streams = {name: Capture(str(self.folder / name), STREAM_LIMIT) for name in ("stdout", "stderr")}
        self._room = SAVED_TEXT

    def totals(self) -> tuple[int, int]:
        """Close the files and return how many bytes were written to each stream."""
        for stream in self._streams.values():
            stream.close()
        return self._streams["stdout"].total, self._streams["stderr"].total

    def take(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take one message of the kernel."""
        match kind:
            case "stream":
                self._print("stderr" if content["name"] == "stderr" else "stdout", str(content["text"]))
            case "execute_result" | "display_data":
                self._show(kind, content["data"])
            case "error":
                self._fail(content)
            case "execute_input":
                self.count = content.get("execution_count")

    def _print(self, name: str, text: str) -> None:
        self._write(name, text)
        kept = text[: self._room]
        self._room -= len(kept)
        if kept and self.saved and self.saved[-1].get("name") == name:
            self.saved[-1]["text"] += kept
        elif kept:
            self.saved.append(nb.new_output("stream", name=name, text=kept))

    def _show(self, kind: str, data: Mapping[str, Any]) -> None:
        kept: dict[str, str] = {}
        for media_type in _IMAGES:
            picture = data.get(media_type)
            if isinstance(picture, str) and len(picture) <= MAX_IMAGE and len(self.images) < MAX_IMAGES:
                kept[media_type] = picture
                self.images.append({"media_type": media_type, "data": "".join(picture.split())})
        text, html = str(data.get("text/plain", "")), data.get("text/html")
        if text and not kept:
            self._write("stdout", f"{text}\n")
        if isinstance(html, str) and 'class="dataframe"' in html and len(html) <= SAVED_TEXT:
            kept["text/html"] = html
            if len(self.tables) < MAX_TABLES:
                self.tables.append([[" ".join(cell.split()) for cell in row] for row in rows_of(html)[:MAX_ROWS]])
        kept["text/plain"] = text[: max(self._room, 200)]
        self._room -= len(kept["text/plain"])
        extra = {"execution_count": self.count} if kind == "execute_result" else {}
        self.saved.append(nb.new_output(kind, data=kept, **extra))

    def _fail(self, content: Mapping[str, Any]) -> None:
        trace = [_ANSI.sub("", str(line)) for line in content.get("traceback", ())]
        self.error = {"name": str(content.get("ename"))[:200], "value": str(content.get("evalue"))[:2000]}
        self._write("stderr", "\n".join(trace) + "\n")
        shown = [line[:4000] for line in trace[:50]]
        self.saved.append(nb.new_output("error", ename=self.error["name"], evalue=self.error["value"], traceback=shown))

    def _write(self, name: str, text: str) -> None:
        self._streams[name].write(_ANSI.sub("", text).encode("utf-8", "replace"))


class Kernel:
    """A kernel that runs, or has ended."""

    def __init__(self, process: subprocess.Popen[bytes], client: AsyncKernelClient) -> None:
        self._process = process
        self._client = client
        self._memory = OomCounter()
        self._leaving = False

    @classmethod
    async def start(cls, folder: Path) -> "Kernel":
        """Start a kernel whose sockets are in a folder.

        Raises:
            RuntimeError: it does not answer.
        """
        await asyncio.to_thread(_clear, folder)
        connection, _ = write_connection_file(
            str(folder / "kernel.json"), transport="ipc", ip=str(folder / "kernel"), key=os.urandom(16).hex().encode()
        )
        environment = {
            **os.environ,
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "JPY_PARENT_PID": str(os.getpid()),
        }
        options = ("-P", "-X", "utf8", "-m", "ipykernel_launcher", "-f", connection, "--HistoryManager.enabled=False")
        process = await asyncio.to_thread(
            subprocess.Popen,
            [sys.executable, *options],
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        client = AsyncKernelClient(connection_file=connection)
        client.load_connection_file()
        # no heartbeat: on a busy machine it takes a slow kernel for a dead one, and we see the process itself
        client.start_channels(stdin=False, hb=False)
        kernel = cls(process, client)
        ready = asyncio.ensure_future(kernel._answers())
        died = asyncio.ensure_future(kernel.ended())
        try:
            await asyncio.wait({ready, died}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if died.done():
                raise RuntimeError(f"the kernel ended at its start with code {process.returncode}")
            if not ready.done():
                raise RuntimeError(f"the kernel did not answer within {START_SECONDS:g} s")
            await ready
        except BaseException:
            ready.cancel()
            kernel.kill()
            raise
        finally:
            died.cancel()
        return kernel

    @property
    def running(self) -> bool:
        """Whether the kernel's process has not ended."""
        return self._process.poll() is None

    async def ended(self) -> None:
        """Return once the kernel's process has ended."""
        while self.running:  # noqa: ASYNC110 - the process sets no event
            await asyncio.sleep(0.05)

    def why(self) -> str:
        """Say in a few words how the kernel ended."""
        if self._memory.rose():
            return "the system ended it for want of memory"
        code = self._process.poll()
        return f"signal {signal.Signals(-code).name}" if code is not None and code < 0 else f"exit code {code}"

    def interrupt(self) -> None:
        """Interrupt the cell that is running."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGINT)

    def kill(self) -> None:
        """End the kernel and everything that any of its cells started."""
        self._client.stop_channels()
        self._process.kill()
        self._process.wait()
        end_new(frozenset())

    async def execute(self, code: str, cell: Cell, seconds: float, interrupted: asyncio.Event) -> Ending:
        """Run a cell until it ends, its time is over, or it is interrupted, and take what it gives.

        Unless the cell ended by itself, nothing that it started is left; the kernel lives if the cell could be
        interrupted.
        """
        before = frozenset(await asyncio.to_thread(descendants, os.getpid()))
        working = asyncio.ensure_future(self._collect(self._client.execute(code, allow_stdin=False), cell))
        died, stop = asyncio.ensure_future(self.ended()), asyncio.ensure_future(interrupted.wait())
        ending: Ending = "done"
        try:
            await asyncio.wait({working, died, stop}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not working.done() and self.running:
                ending = "interrupted" if stop.done() else "timeout"
                self.interrupt()
                await asyncio.wait({working, died}, timeout=INTERRUPT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if working.done():
                    await asyncio.to_thread(end_new, before)
                else:
                    self.kill()
            if self._leaving:
                # the cell called exit(), which the kernel obeys a moment later
                await asyncio.wait({died}, timeout=IDLE_SECONDS)
            if not self.running and ending == "done":
                ending = "died"
        finally:
            for task in (working, died, stop):
                task.cancel()
            if not self.running:
                self.kill()
        return ending

    async def _answers(self) -> None:
        """Return once the kernel answers and its outputs reach us."""
        while True:
            self._client.kernel_info()
            with contextlib.suppress(queue.Empty):
                await self._client.get_shell_msg(timeout=5)
                await self._client.get_iopub_msg(timeout=1)
                return

    async def _collect(self, request: str, cell: Cell) -> None:
        reply = asyncio.ensure_future(self._reply(request))
        try:
            while True:
                message = asyncio.ensure_future(self._client.get_iopub_msg())
                # what was dropped for want of room will never come, not even that the kernel is idle
                done, _ = await asyncio.wait({message}, timeout=IDLE_SECONDS if reply.done() else None)
                if not done:
                    message.cancel()
                    return
                content = message.result()
                if content["parent_header"].get("msg_id") != request:
                    continue
                if content["msg_type"] == "status" and content["content"]["execution_state"] == "idle":
                    await asyncio.wait({reply}, timeout=IDLE_SECONDS)
                    return
                cell.take(content["msg_type"], content["content"])
        finally:
            reply.cancel()

    async def _reply(self, request: str) -> None:
        reply = await self._client.get_shell_msg()
        while reply["parent_header"].get("msg_id") != request:
            reply = await self._client.get_shell_msg()
        self._leaving = any(payload.get("source") == "ask_exit" for payload in reply["content"].get("payload", ()))


def _clear(folder: Path) -> None:
    for old in folder.glob("kernel*"):
        old.unlink()


def end_new(kept: frozenset[int]) -> None:
    """Kill every process below this one but those in ``kept``."""
    met: set[int] = set()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        new = {process for process in descendants(os.getpid()) - kept if not _is_dead(process)}
        if not new:
            break
        # stopped processes cannot fork
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for process in new:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(process, number)
        met |= new
        time.sleep(0.005)
    for process in met:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process, os.WNOHANG)


def _is_dead(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_bytes()
    except OSError:
        return True
    return state[state.rindex(b")") + 2 :].startswith((b"Z", b"X"))
