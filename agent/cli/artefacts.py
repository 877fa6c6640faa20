"""Saving the files a run made."""

import asyncio
from pathlib import Path

from agent.domain.errors import UsageError
from agent.domain.report import Report
from agent.domain.task import workspace_path
from agent.ledger.store import Ledger


async def save_artefacts(ledger: Ledger, report: Report, folder: Path) -> None:
    """Write the artefacts of a report below a folder.

    Raises:
        UsageError: the folder cannot be written.
    """
    for artefact in report.artefacts:
        data = await ledger.blobs.get(artefact.sha256)
        # the name was made by the run, so it is checked like any hostile input
        target = folder / workspace_path(artefact.path)
        try:
            await asyncio.to_thread(_write, target, data)
        except OSError as error:
            raise UsageError(f"cannot write {target}: {error.strerror}; choose another --save folder") from error


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
