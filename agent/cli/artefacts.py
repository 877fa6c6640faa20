"""``plumbline artefacts``: list the files and pictures of a run, and save them."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import clean, err, out, print_json, run_async
from agent.cli.opening import open_ledger
from agent.domain.errors import PlumblineError, UsageError
from agent.domain.report import Report
from agent.domain.task import workspace_path
from agent.ledger.store import Ledger
from agent.runtime.history import read_view
from agent.runtime.run_files import pictures_of_report

app = typer.Typer(add_completion=False)


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
    return [*made, *((path, picture.sha256) for path, picture in pictures_of_report(report))]


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
