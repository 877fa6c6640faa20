"""A sandbox of their own for programs that are tried out, apart from the workspace of any run.

A program that is tried must neither see what a run works on nor change it, and what a run installs or leaves lying
about must not help it to pass. So it is given copies of the files it needs and nothing else: no network, no packages
but those of the sandbox, an empty folder each time. What it should print never enters the sandbox.
"""

import asyncio
import contextlib
import math
import secrets
import shlex
import signal
from collections.abc import Awaitable, Callable
from typing import Any, Final

from agent.domain.errors import SandboxUnavailable
from agent.verification.artefacts.program import Command, Ran
from agent.verification.artefacts.world import TrialImpossible
from toolserver.client import Sandbox, SandboxLost, Snapshot, ToolServerError, TransferRefused

LARGEST_OUTPUT: Final = 1_000_000
"""Bytes of a stream or a wanted file that are compared; of what is longer nothing is."""

LARGEST_FILE_MB: Final = 64
"""Size of the largest file that a program may write."""

MEMORY_MB: Final = 2_000
"""Memory that each process of a program may ask for."""

_LONGEST_ARGUMENTS: Final = 100_000
_WORK: Final = "program"
_OUT: Final = "stdout"
_ERRORS: Final = "stderr"
_GRACE: Final = 5.0
_LOSSES: Final = 2
_SIGNALLED: Final = 128
_NOTHING: Final = Snapshot(entries=())

Opener = Callable[[], Awaitable[Sandbox | None]]


class ProgramSandbox:
    """Runs one program after the other in a sandbox that is opened when it is first needed. Implements ``Sandbox``.

    One after the other, so that two never meet and none slows another one down. The sandbox is emptied before each;
    only what a program left in ``/tmp`` stays, and Python looks for nothing there. Memory, file sizes and time are
    limited beside what the sandbox itself limits.

    Args:
        opener: opens the sandbox, without a way out; None where there is to be none.
    """

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._turn = asyncio.Lock()
        self._sandbox: Sandbox | None = None

    async def __call__(self, command: Command) -> Ran:
        """Run a command.

        Raises:
            SandboxUnavailable: there is no sandbox, or it cannot be opened.
            TrialImpossible: a file or an argument cannot be handed over, or the sandbox is lost whenever this runs.
        """
        async with self._turn:
            for _ in range(_LOSSES):
                sandbox = await self._empty()
                try:
                    return await _ran(sandbox, command)
                except SandboxLost:
                    # a program may end the node that it runs under; others are not to suffer for it
                    await self._left()
                except ToolServerError as error:
                    raise TrialImpossible(f"the program cannot be handed over: {error}") from None
            raise TrialImpossible("the sandbox was lost each time while this program ran")

    async def close(self) -> None:
        """End the sandbox, if it was opened."""
        async with self._turn:
            await self._left()

    async def _empty(self) -> Sandbox:
        """Return the sandbox with nothing in its workspace; one that cannot be emptied is left for a new one."""
        # emptied before a program runs and not after, so that nothing depends on how the last one ended
        sandbox = await self._opened()
        try:
            await sandbox.restore(_NOTHING, _NoStore())
        except (SandboxLost, TransferRefused):
            await self._left()
            return await self._opened()
        return sandbox

    async def _opened(self) -> Sandbox:
        if self._sandbox is None:
            try:
                self._sandbox = await self._opener()
            except ToolServerError as error:
                raise SandboxUnavailable(f"programs cannot be tried out: {error}") from error
        if self._sandbox is None:
            raise SandboxUnavailable("programs are tried out in a sandbox, and there is none; choose --sandbox auto")
        return self._sandbox

    async def _left(self) -> None:
        sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            # one that is gone already has nothing left to end
            with contextlib.suppress(ToolServerError):
                await sandbox.close()


async def _ran(sandbox: Sandbox, command: Command) -> Ran:
    if sum(len(argument.encode(errors="replace")) for argument in command.arguments) > _LONGEST_ARGUMENTS:
        raise TrialImpossible(f"the arguments have more than {_LONGEST_ARGUMENTS:,} bytes; give them as a file")
    for path, text in command.files.items():
        await sandbox.upload(f"{_WORK}/{path}", text.encode(errors="surrogatepass"))
    arguments = {
        "command": _shell(command),
        "stdin": command.stdin,
        "seconds": command.seconds,
        "session": f"program-{secrets.token_hex(8)}",
    }
    outcome = await sandbox.call(f"try-{secrets.token_hex(16)}", "shell", arguments, seconds=command.seconds + _GRACE)
    if "exit_code" not in outcome.data:
        raise TrialImpossible(f"the program was not run: {outcome.text}")
    out, errors = await _stream(sandbox, _OUT), await _stream(sandbox, _ERRORS)
    files, complete = await _wanted(sandbox, command.wanted)
    return Ran(
        exit_code=_exit_code(outcome.ok, outcome.data),
        stdout=out or "",
        stderr=errors or "",
        seconds=float(outcome.data.get("seconds", 0.0)),
        files=files,
        whole=complete and out is not None,
    )


def _shell(command: Command) -> str:
    """Return what bash runs; it becomes the program, so that exit code and signal are the program's own.

    Python takes no modules from the home folder, and no variable of the sandbox tells it where to look for any.
    """
    entry, *others = command.arguments
    # Python would take it for an option
    script = f"./{entry}" if entry.startswith("-") else entry
    variables = {
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": str(command.seed),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
    }
    given = " ".join(f"{name}={value}" for name, value in variables.items())
    words = " ".join(shlex.quote(word) for word in (script, *others))
    seconds = math.ceil(command.seconds + _GRACE)
    return (
        f"top=$PWD; mkdir -p {_WORK} home tmp && cd {_WORK} || exit 125\n"
        f"ulimit -c 0 -v {MEMORY_MB * 1000} -f {LARGEST_FILE_MB * 1024} -t {seconds} || exit 125\n"
        f'exec env -i PATH="$PATH" HOME="$top/home" TMPDIR="$top/tmp" {given} '
        f"python3 -s {words} >../{_OUT} 2>../{_ERRORS}\n"
    )


def _exit_code(ok: bool, data: dict[str, Any]) -> int | None:
    """Return how a program ended; None for one that a limit ended, or a signal that is how limits end programs."""
    name = str(data.get("signal"))
    if not ok or name in ("SIGKILL", "SIGXCPU", "SIGXFSZ"):
        return None
    if data["exit_code"] is not None:
        return int(data["exit_code"])
    # as shells tell it
    return _SIGNALLED + (signal.Signals[name] if name in signal.Signals.__members__ else 0)


async def _stream(sandbox: Sandbox, name: str) -> str | None:
    """Return what a program printed; None where that is too long, or was put out of the way."""
    try:
        data = await sandbox.download(name, max_bytes=LARGEST_OUTPUT)
    except TransferRefused:
        return None
    return data.decode(errors="replace")


async def _wanted(sandbox: Sandbox, paths: tuple[str, ...]) -> tuple[dict[str, str], bool]:
    """Return the files that are there, and whether none of them is too long or changes while it is read."""
    if not paths:
        return {}, True
    files: dict[str, str] = {}
    try:
        there = {entry.path for entry in await sandbox.manifest() if entry.kind == "file"}
        for path in paths:
            place = "/".join((_WORK, *(part for part in path.split("/") if part not in ("", "."))))
            if place in there:
                data = await sandbox.download(place, max_bytes=LARGEST_OUTPUT)
                files[path] = data.decode(errors="replace")
    except TransferRefused:
        return files, False
    return files, True


class _NoStore:
    """Keeps nothing: an empty workspace needs no contents. Implements ``SnapshotStore``."""

    async def put(self, data: bytes) -> str:
        raise AssertionError("nothing is kept of a program that was tried")

    async def get(self, sha256: str) -> bytes:
        raise AssertionError("nothing is brought back for a program that is tried")

    async def has(self, sha256: str) -> bool:
        return False
