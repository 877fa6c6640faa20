"""A world of CAD artefacts in a local sandbox, as runs use it."""

import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from agent.ledger.blobs import FolderBlobs
from agent.verification.artefacts.cad import CadWorld
from evals.benchmarks.memory import processes_mb
from toolserver.client import LocalSandbox, open_cad


@dataclass(frozen=True)
class LocalWorld:
    """An open sandbox.

    Attributes:
        world: tries things out, and shows them in words.
        showing: the same with pictures, which are kept as long as it is open.
        folder: of the sandbox; its processes name it.
    """

    world: CadWorld
    showing: CadWorld
    folder: Path

    def memory_mb(self) -> float:
        """Return the MiB of all processes of the sandbox."""
        return processes_mb(str(self.folder))


@contextlib.asynccontextmanager
async def local_world() -> AsyncIterator[LocalWorld]:
    """Open a CAD sandbox of this machine and close it again.

    Raises:
        ToolServerError: it cannot be opened.
    """
    with tempfile.TemporaryDirectory(prefix="plumbline-cad-", ignore_cleanup_errors=True) as folder:
        path = Path(folder)
        async with await open_cad(LocalSandbox(), f"wishes-{secrets.token_hex(4)}", state_dir=path) as sandbox:
            await sandbox.start()
            yield LocalWorld(CadWorld(sandbox), CadWorld(sandbox, FolderBlobs(path / "pictures")), path)
