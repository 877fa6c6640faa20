"""What files a run has, as far as its ledger knows: given, made, drawn, and in the newest snapshot of its workspace."""

import mimetypes
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from agent.domain.artefacts import CriterionResult, View
from agent.domain.base import Fact
from agent.domain.errors import LedgerUnavailable
from agent.domain.messages import Picture
from agent.domain.report import Report
from agent.domain.task import workspace_path
from agent.ledger.looking import newest_of_kind
from agent.ledger.store import Ledger
from agent.runtime.history import report_of
from toolserver.client import Snapshot, TransferRefused

FileOrigin = Literal["input", "artefact", "picture", "workspace"]
"""``input``: given with the task. ``artefact``: named in the report. ``picture``: drawn by a tool call, or of a
candidate. ``workspace``: what else the newest snapshot of the workspace holds."""

MOST_FILES: Final = 5_000
"""Of a run that are listed."""

PICTURES: Final = "pictures"
"""Folder, below that of the artefacts, of the pictures that tool calls drew."""

_TRIED: Final = 20
"""Newest snapshots that are looked for."""

_TYPES: Final = {
    ".md": "text/markdown",
    ".ipynb": "application/x-ipynb+json",
    ".jsonl": "application/jsonl",
    ".glb": "model/gltf-binary",
    ".step": "model/step",
    ".stp": "model/step",
    ".stl": "model/stl",
    ".3mf": "model/3mf",
    ".toml": "application/toml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
"""What the tables of a system do not know, or know differently from machine to machine."""


class RunFile(Fact):
    """A file of a run.

    Attributes:
        path: in the workspace; of pictures a name below ``pictures``. Each path is listed once.
        size: in bytes; None where its content is missing.
        since: number of the event since which it is known to be like this.
    """

    path: str
    origin: FileOrigin
    sha256: str
    size: int | None
    media_type: str
    since: int


class RunFiles(Fact):
    """The files of a run.

    Attributes:
        snapshot: number of the event with the newest snapshot of the workspace; None where there is none.
        left_out: what that snapshot could not keep, with the reason.
        more: how many files are not listed, since there are too many.
    """

    files: tuple[RunFile, ...]
    snapshot: int | None = None
    left_out: tuple[str, ...] = ()
    more: int = 0

    def find(self, path: str) -> RunFile | None:
        """Return a file by its path."""
        return next((file for file in self.files if file.path == path), None)


async def files_of_run(ledger: Ledger, run_id: str) -> RunFiles:
    """Return the files of a run.

    What the report names goes before what a snapshot holds, and that before what was given: later is truer.
    """
    found: dict[str, RunFile] = {}
    task, _ = await ledger.created(run_id)
    for given in (*task.files, *(task.setup.files if task.setup is not None else ())):
        found[given.path] = _file(given.path, "input", given.sha256, given.size, 1)
    seq, snapshot = await newest_snapshot(ledger, run_id)
    for entry in snapshot.entries if snapshot is not None else ():
        if entry.kind != "file" or entry.sha256 is None or not _plain(entry.path):
            continue
        known = found.get(entry.path)
        if known is None or known.sha256 != entry.sha256:
            found[entry.path] = _file(entry.path, "workspace", entry.sha256, entry.size, seq or 1)
    if (reported := await report_of(ledger, run_id)) is not None:
        report, told = reported
        for made in report.artefacts:
            if _plain(made.path):
                found[made.path] = _file(made.path, "artefact", made.sha256, made.size, told)
        for path, picture in pictures_of_report(report):
            size = await ledger.blobs.size(picture.sha256)
            found.setdefault(path, _file(path, "picture", picture.sha256, size, told, picture.media_type))
    listed = sorted(found.values(), key=lambda file: (_ORDER.index(file.origin), file.path))
    left_out = tuple(f"{left.path}: {left.reason}" for left in snapshot.left_out) if snapshot is not None else ()
    return RunFiles(
        files=tuple(listed[:MOST_FILES]),
        snapshot=seq if snapshot is not None else None,
        left_out=left_out[:100],
        more=max(0, len(listed) - MOST_FILES),
    )


_ORDER: Final = ("artefact", "picture", "workspace", "input")


def pictures_of_report(report: Report) -> list[tuple[str, Picture]]:
    """Return each picture of a report with a name for its file; no name is that of an artefact, or comes twice."""
    named: list[tuple[str, Picture]] = []
    for number, picture in enumerate(report.pictures, 1):
        named.append((f"{PICTURES}/{number}-{picture.evidence.replace('/', '-')}.{_ending(picture)}", picture))
    named += _drawn(report)
    taken = {artefact.path for artefact in report.artefacts}
    return [
        (path if path not in taken else f"{PICTURES}/{picture.sha256}.{_ending(picture)}", picture)
        for path, picture in named
    ]


def media_type_of(path: str) -> str:
    """Return the media type that a file's name stands for; ``application/octet-stream`` where it says nothing."""
    ending = path[path.rfind(".") :].lower() if "." in path.rsplit("/", 1)[-1] else ""
    return _TYPES.get(ending) or mimetypes.guess_type(path)[0] or "application/octet-stream"


def file_name(text: str) -> str:
    """Return a file name for what somebody else has named: letters, digits, ``-``, ``_`` and ``.`` alone."""
    return "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in text)[:100].lstrip(".") or "unnamed"


def trial_views(results: Sequence[CriterionResult]) -> list[View]:
    """Return the views of trials, each under a name that tells of which."""
    return [
        view.model_copy(
            update={"name": f"{result.criterion.id}-{'control-' if control else ''}{trial.seed}-{view.name}"}
        )
        for result in results
        for control, trials in ((False, result.trials), (True, result.control))
        for trial in trials
        for view in trial.views
    ]


def _drawn(report: Report) -> Iterator[tuple[str, Picture]]:
    """Yield the pictures of a design's candidates and of their trials, each below a folder of the candidate."""
    for turn in report.design.rounds if report.design is not None else ():
        for candidate in turn.candidates:
            folder = f"{PICTURES}/{file_name(candidate.id)}"
            for view in candidate.views:
                if view.picture is not None:
                    yield f"{folder}/{file_name(view.name)}.{_ending(view.picture)}", view.picture
            for view in trial_views(candidate.results):
                if view.picture is not None:
                    yield f"{folder}/tried/{file_name(view.name)}.{_ending(view.picture)}", view.picture


def _ending(picture: Picture) -> str:
    return picture.media_type.removeprefix("image/")


def _plain(path: str) -> bool:
    """Return whether a path is one that can be asked for; a run may name its files as it likes."""
    try:
        return workspace_path(path) == path
    except ValueError:
        return False


def _file(path: str, origin: FileOrigin, sha256: str, size: int | None, since: int, media_type: str = "") -> RunFile:
    kind = media_type or media_type_of(path)
    return RunFile(path=path, origin=origin, sha256=sha256, size=size, media_type=kind, since=since)


async def newest_snapshot(ledger: Ledger, run_id: str) -> tuple[int | None, Snapshot | None]:
    """Return the newest snapshot that is here, and the event that names it; a run from elsewhere comes without."""
    async for event in newest_of_kind(ledger, run_id, "sandbox", limit=_TRIED):
        if isinstance(name := event.payload.get("snapshot"), str):
            try:
                return event.seq, await Snapshot.load(ledger.blobs, name)
            except (LedgerUnavailable, TransferRefused):
                continue
    return None, None
