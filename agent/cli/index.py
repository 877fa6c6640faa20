"""``plumbline index``: make documents searchable."""

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.console import clean, err, print_json, run_async
from agent.cli.inputs import DEFAULT_CORPUS, given_path, index_documents
from agent.domain.errors import UsageError
from agent.runtime.settings import home_folder

app = typer.Typer(add_completion=False)


@app.command()
def index(
    paths: Annotated[
        list[Path],
        typer.Argument(
            parser=given_path, metavar="PATHS", help="files and folders: text, Markdown, HTML, PDF, code, CSV, JSON"
        ),
    ],
    name: Annotated[
        str, typer.Option(help="name of the index; the default one is searched by every run")
    ] = DEFAULT_CORPUS,
    base_url: Annotated[
        str | None,
        typer.Option(
            help="address under which the folder is served: search here, open the pages there; '' forgets it",
            metavar="URL",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Make documents searchable for runs. Unchanged files are skipped; files that have gone are dropped."""
    if not name.replace("-", "").replace("_", "").isalnum():
        raise UsageError(f"--name is made of letters, digits, - and _, not {name!r}")
    summary = run_async(index_documents(home_folder(), name, paths, None if json else err(), base_url=base_url))
    if json:
        print_json({"name": name, "summary": summary})
        return 0
    console = err()
    for skipped in summary.skipped:
        console.print(f"! left out {clean(skipped.path)}: {clean(skipped.detail)}", style="yellow")
    counts = (
        f"{summary.added} added, {summary.updated} updated, {summary.unchanged} unchanged, {summary.removed} removed"
    )
    console.print(f"index {name}: {counts}")
    return 0
