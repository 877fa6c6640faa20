"""``plumbline artefacts``: list the files and pictures of a run, and save them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.artefact_view import trial_views
from agent.cli.console import clean, err, out, print_json, run_async
from agent.cli.given_artefact import file_name
from agent.cli.opening import open_ledger
from agent.domain.artefacts import View
from agent.domain.errors import PlumblineError, UsageError
from agent.domain.messages import Picture
from agent.domain.report import Report
from agent.domain.task import workspace_path
from agent.ledger.store import Ledger
from agent.runtime.history import read_view

app = typer.Typer(add_completion=False)

PICTURES = "pictures"
"""Folder, below that of the artefacts, of the pictures that tool calls drew."""


@app.command()
def artefacts(
    run: Annotated[str, typer.Argument(help="id of a run, its beginning, or last")] = "last",
    save: Annotated[Path | None, typer.Option(metavar="FOLDER", help="write them below this folder")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """List the files and pictures of a run, and save them where a folder is named."""

    async def main() -> int:
        async with open_ledger() as (ledger, _, _):
            summary = await ledger.find(run)
            report = (await read_view(ledger, summary.id)).report
            if report is None:
                raise UsageError(f"run {summary.id} has no report yet; it is {summary.status}")
            problems = [] if save is None else await save_artefacts(ledger, report, save)
        files = files_of(report)
        if json:
            listed = [{"path": path, "sha256": sha256} for path, sha256 in files]
            saved = None if save is None else str(save)
            print_json(
                {"run_id": summary.id, "files": listed, "saved": saved, "problems": [str(one) for one in problems]}
            )
        else:
            table = Table("file", "sha256", box=box.SIMPLE)
            for path, sha256 in files:
                table.add_row(clean(path if save is None else str(save / path)), sha256[:12])
            out().print(table if files else f"run {summary.id} made no files")
            for problem in problems:
                err().print(f"plumbline: {clean(str(problem))}", style="yellow")
        return problems[0].exit_code if problems else 0

    return run_async(main())


def files_of(report: Report) -> list[tuple[str, str]]:
    """Return the path and the blob of each file and picture of a report."""
    made = [(artefact.path, artefact.sha256) for artefact in report.artefacts]
    return [*made, *_pictures(report, {path for path, _ in made})]


async def save_artefacts(ledger: Ledger, report: Report, folder: Path) -> list[PlumblineError]:
    """Write the artefacts and pictures of a report below a folder; return an error for each that could not be saved."""
    problems: list[PlumblineError] = []
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    except OSError as error:
        return [UsageError(f"cannot make {str(folder)!r}: {error.strerror}; choose another --save folder")]
    for path, sha256 in files_of(report):
        try:
            # the name was made by the run, so it is checked like any hostile input
            inner = workspace_path(path)
            await asyncio.to_thread(_write, folder, inner, await ledger.blobs.get(sha256))
        except PlumblineError as error:
            problems.append(error)
        except OSError as error:
            why = f"cannot write {str(folder / inner)!r}: {error.strerror}; choose another --save folder"
            problems.append(UsageError(why))
        except ValueError as error:
            problems.append(UsageError(f"cannot save {path!r}: {error}"))
    return problems


def _pictures(report: Report, taken: set[str]) -> list[tuple[str, str]]:
    """Return a file name and the blob of each picture; no name is that of an artefact."""
    named: list[tuple[str, Picture]] = []
    for number, picture in enumerate(report.pictures, 1):
        named.append((f"{PICTURES}/{number}-{picture.evidence.replace('/', '-')}.{_ending(picture)}", picture))
    for folder, view in _views(report):
        if view.picture is not None:
            named.append((f"{PICTURES}/{folder}/{file_name(view.name)}.{_ending(view.picture)}", view.picture))
    return [
        (path if path not in taken else f"{PICTURES}/{picture.sha256}.{_ending(picture)}", picture.sha256)
        for path, picture in named
    ]


def _views(report: Report) -> Iterator[tuple[str, View]]:
    """Yield the views of a design's candidates and of their trials, each with the name of its folder."""
    for turn in report.design.rounds if report.design is not None else ():
        for candidate in turn.candidates:
            folder = file_name(candidate.id)
            for view in candidate.views:
                yield folder, view
            for view in trial_views(candidate.results):
                yield f"{folder}/tried", view


def _ending(picture: Picture) -> str:
    return picture.media_type.removeprefix("image/")


def _write(folder: Path, inner: str, data: bytes) -> None:
    """Write a file below a folder, and nowhere else.

    Raises:
        UsageError: a link stands on the way, which could lead anywhere.
    """
    target = folder / inner
    for step in (target, *target.parents[: len(Path(inner).parts) - 1]):
        if step.is_symlink():
            raise UsageError(f"{str(step)!r} is a link, and nothing is written through links; remove it")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
