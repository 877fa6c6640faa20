"""A sandbox for programs from bubblewrap alone: no network, no files but Python's, limits on memory and processes."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from agent.verification.artefacts.program import Command, Ran

_MOST = 100_000


def missing() -> str | None:
    """Return why there is none that works here."""
    if not shutil.which("bwrap") or not shutil.which("prlimit"):
        return "bubblewrap or prlimit is not installed"
    probe = ["bwrap", "--ro-bind", "/", "/", "--unshare-all", "--", "true"]
    tried = subprocess.run(probe, capture_output=True, timeout=30, check=False, text=True)
    return None if tried.returncode == 0 else f"bubblewrap does not work here: {tried.stderr.strip()}"


async def run(command: Command) -> Ran:
    """Run a command. Implements ``Sandbox``."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in command.files.items():
            place = Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        began = asyncio.get_running_loop().time()
        process = await asyncio.create_subprocess_exec(
            *_wrapped(folder, command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(command.seconds):
                out, error = await process.communicate(command.stdin.encode())
        except TimeoutError:
            out, error = b"", b""
        finally:
            stopped = process.returncode is None
            if stopped:
                process.kill()
                await process.communicate()
        seconds = asyncio.get_running_loop().time() - began
        written = [path for path in command.wanted if Path(folder, path).is_file()]
        return Ran(
            exit_code=None if stopped else process.returncode,
            stdout=out[:_MOST].decode(errors="replace"),
            stderr=error[-_MOST:].decode(errors="replace"),
            seconds=seconds,
            files={path: Path(folder, path).read_text(encoding="utf-8", errors="replace") for path in written},
            whole=len(out) <= _MOST,
        )


def _wrapped(folder: str, command: Command) -> list[str]:
    python = os.path.realpath(sys.executable)
    shown = [
        part for path in {"/usr", "/bin", "/lib", "/lib64", sys.base_prefix} for part in ("--ro-bind-try", path, path)
    ]
    return [
        "bwrap",
        *shown,
        *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", folder, "/work", "--chdir", "/work"),
        *("--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"),
        *("--setenv", "PYTHONHASHSEED", str(command.seed), "--"),
        *("prlimit", "--as=400000000", "--cpu=20", "--fsize=10000000", "--"),
        *(python, "-B", *command.arguments),
    ]
