"""Opening a sandbox: the place it runs in, and the connection to its node."""

import re
from pathlib import Path
from typing import Final

from toolserver.deployment.config import AutoSandbox, DockerSandbox, LocalSandbox, SandboxConfig
from toolserver.deployment.place import Place
from toolserver.errors import SandboxUnavailable
from toolserver.sandbox import Sandbox

_ID: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


async def open_sandbox(config: SandboxConfig, sandbox_id: str, *, state_dir: Path) -> Sandbox:
    """Open a sandbox: adopt the one that is running under this id, or start one on what it left, or a new one.

    Args:
        config: where it runs and what it may use.
        sandbox_id: lower-case letters, digits, ``_``, ``.`` and ``-``; at most 63.
        state_dir: folder for the files of local sandboxes and for locks.

    Raises:
        SandboxUnavailable: it cannot be started, or is not as the configuration wants it.
    """
    if not _ID.fullmatch(sandbox_id):
        raise SandboxUnavailable(f"{sandbox_id!r} is no sandbox id: use lower-case letters, digits, _ . -, at most 63")
    sandbox = Sandbox(sandbox_id, await open_place(config, sandbox_id, state_dir))
    await sandbox.attach()
    return sandbox


async def open_place(config: SandboxConfig, sandbox_id: str, state_dir: Path) -> Place:
    """Open the place of a sandbox in the deployment that the configuration asks for.

    Raises:
        SandboxUnavailable: it cannot be started, or is not as the configuration wants it.
    """
    match config:
        case LocalSandbox():
            from toolserver.deployment.local import LocalPlace

            return await LocalPlace.open(config, sandbox_id, state_dir)
        case DockerSandbox():
            from toolserver.deployment.docker import DockerPlace

            return await DockerPlace.open(config, sandbox_id, state_dir)
        case AutoSandbox():
            from toolserver.deployment import auto

            return await auto.open_place(config, sandbox_id, state_dir)
