"""One call, one process: forked from the warm one, bounded, and ended with all it started."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from toolserver.cad.confining import MB, confine, limit, quieten
from toolserver.errors import CadFailed

_PIECE: Final = 1024 * 1024
_WHOLE: Final = b"."
"""Last byte of a result that is whole."""

_FAILED: Final = 70
"""Exit code of a child that could not even report."""

PATIENCE: Final = 6
"""Seconds that may pass for each of processor time: machines are shared."""


@dataclass(frozen=True)
class ChildLimits:
    """What one process may use.

    Attributes:
        seconds: of processor time; ``PATIENCE`` times as much may pass on the clock.
        memory_mb: beside what the warm process has.
        result_mb: size of what it hands back.
        file_mb: size of a file that it writes.
        confined: whether it runs a program that nobody trusts; see ``confining``.
    """

    seconds: float
    memory_mb: int
    result_mb: int = 64
    file_mb: int = 64
    confined: bool = False


async def forked(work: Callable[[Path], bytes], limits: ChildLimits, what: str) -> bytes:
    """Return what ``work`` returns in a process of its own.

    Args:
        work: is called there with an empty folder, the only one that it may write into if it is confined. What it
            raises is a crash, so it reports its errors in its result.
        limits: of that process.
        what: names it in messages, such as ``the program``.

    Raises:
        CadFailed: it broke a limit or crashed.
    """
    folder = _folder()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _be(work, limits, folder, writing)
    os.close(writing)
    data, late = None, False
    try:
        async with asyncio.timeout(limits.seconds * PATIENCE):
            data = await _read(reading, limits.result_mb * MB)
    except TimeoutError:
        late = True
    finally:
        os.close(reading)
        status = _end(child)
        _remove(folder)
    if late:
        raise CadFailed("limit", f"{what} took longer than {limits.seconds * PATIENCE:g} s; make it simpler")
    if data is None:
        raise CadFailed("limit", f"{what} made more than {limits.result_mb} MB; make it simpler")
    if not data.endswith(_WHOLE):
        raise CadFailed("limit", _why(status, limits, what))
    return data[: -len(_WHOLE)]


def _be(work: Callable[[Path], bytes], limits: ChildLimits, folder: Path, writing: int) -> NoReturn:
    """Be the child."""
    code = _FAILED
    try:
        os.setsid()
        quieten()
        _keep_only(writing)
        os.chdir(folder)
        tempfile.tempdir = str(folder)
        limit(memory_mb=limits.memory_mb, cpu_seconds=limits.seconds, file_mb=limits.file_mb)
        if limits.confined:
            confine(folder)
        data = memoryview(work(folder) + _WHOLE)
        while data:
            data = data[os.write(writing, data) :]
        code = 0
    finally:
        # no finaliser of what was inherited runs
        os._exit(code)


def _keep_only(descriptor: int) -> None:
    """Close everything else, first of all the connection to the host; what is printed goes nowhere."""
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX") if descriptor < 4096 else descriptor + 4096)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)


async def _read(descriptor: int, most: int) -> bytes | None:
    """Return all that comes; None as soon as it is more than it may be."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bytes | None] = loop.create_future()
    data = bytearray()
    os.set_blocking(descriptor, False)

    def take() -> None:
        with contextlib.suppress(BlockingIOError):
            piece = os.read(descriptor, _PIECE)
            data.extend(piece)
            if len(data) > most and not done.done():
                done.set_result(None)
            elif not piece and not done.done():
                done.set_result(bytes(data))

    loop.add_reader(descriptor, take)
    try:
        return await done
    finally:
        loop.remove_reader(descriptor)


def _end(child: int) -> int:
    """End a child with its group, and what it left to us by ending first; return its status."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _why(status: int, limits: ChildLimits, what: str) -> str:
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number == signal.SIGXCPU:
        return f"{what} needed more than {limits.seconds:g} s of processor time; look for a loop that does not end"
    if number == signal.SIGXFSZ:
        return f"{what} wrote a file of more than {limits.file_mb} MB; write none"
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != _FAILED:
        return f"{what} ended itself without a result; do not call exit"
    if number in (signal.SIGABRT, signal.SIGKILL, 0):
        return f"{what} ended without a result, probably out of memory ({limits.memory_mb} MB); make less at a time"
    return f"the geometry kernel crashed in {what} ({signal.Signals(number).name}); build it in another way"


def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="cad-"))


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
