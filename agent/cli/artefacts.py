"""Saving the files a run made."""

import asyncio
from pathlib import Path

from agent.domain.errors import PlumblineError, UsageError
from agent.domain.report import Report
from agent.domain.task import workspace_path
from agent.ledger.store import Ledger


async def save_artefacts(ledger: Ledger, report: Report, folder: Path) -> list[PlumblineError]:
    """Write the artefacts of a report below a folder; return one error for each that could not be saved."""
    problems: list[PlumblineError] = []
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    except OSError as error:
        return [UsageError(f"cannot make {str(folder)!r}: {error.strerror}; choose another --save folder")]
    for artefact in report.artefacts:
        try:
            # the name was made by the run, so it is checked like any hostile input
            target = folder / workspace_path(artefact.path)
            await asyncio.to_thread(_write, target, await ledger.blobs.get(artefact.sha256))
        except PlumblineError as error:
            problems.append(error)
        except OSError as error:
            why = f"cannot write {str(target)!r}: {error.strerror}; choose another --save folder"
            problems.append(UsageError(why))
        except ValueError as error:
            problems.append(UsageError(f"cannot save {artefact.path!r}: {error}"))
    return problems


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
