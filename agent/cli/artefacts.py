"""Saving the files a run made."""

import asyncio
from pathlib import Path

from agent.domain.errors import PlumblineError, UsageError
from agent.domain.report import Report
from agent.domain.task import workspace_path
from agent.ledger.store import Ledger

PICTURES = "pictures"
"""Folder, below that of the artefacts, of the pictures that tool calls drew."""


async def save_artefacts(ledger: Ledger, report: Report, folder: Path) -> list[PlumblineError]:
    """Write the artefacts and pictures of a report below a folder; return an error for each that could not be saved."""
    problems: list[PlumblineError] = []
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    except OSError as error:
        return [UsageError(f"cannot make {str(folder)!r}: {error.strerror}; choose another --save folder")]
    files = [(artefact.path, artefact.sha256) for artefact in report.artefacts]
    for path, sha256 in [*files, *_pictures(report, {path for path, _ in files})]:
        try:
            # the name was made by the run, so it is checked like any hostile input
            target = folder / workspace_path(path)
            await asyncio.to_thread(_write, target, await ledger.blobs.get(sha256))
        except PlumblineError as error:
            problems.append(error)
        except OSError as error:
            why = f"cannot write {str(target)!r}: {error.strerror}; choose another --save folder"
            problems.append(UsageError(why))
        except ValueError as error:
            problems.append(UsageError(f"cannot save {path!r}: {error}"))
    return problems


def _pictures(report: Report, taken: set[str]) -> list[tuple[str, str]]:
    """Return a file name and the blob of each picture; no name is that of an artefact."""
    named = []
    for number, picture in enumerate(report.pictures, 1):
        kind = picture.media_type.removeprefix("image/")
        path = f"{PICTURES}/{number}-{picture.evidence.replace('/', '-')}.{kind}"
        named.append((path if path not in taken else f"{PICTURES}/{picture.sha256}.{kind}", picture.sha256))
    return named


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
