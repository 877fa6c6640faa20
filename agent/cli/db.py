"""``plumbline db``: look after the ledger's database."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress

from agent.cli.console import clean, counted, err, out, print_json, run_async
from agent.cli.inputs import given_path
from agent.cli.opening import open_ledger, redactor_of
from agent.domain.errors import UsageError
from agent.ledger.database import Database, database_url
from agent.ledger.store import Ledger
from agent.ledger.tables import REVISION
from agent.ledger.upkeep.archiving import archive_runs
from agent.ledger.upkeep.checking import check_ledger
from agent.ledger.upkeep.copying import copy_ledger
from agent.runtime.settings import home_folder, load_settings

app = typer.Typer(add_completion=False, no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json")]
_MOST_SHOWN = 20


@app.command()
def migrate(json: JsonOption = False) -> int:
    """Bring the database's schema up to date. Other commands do this as well, when they open it."""
    home = home_folder()
    settings = load_settings(home)

    async def main() -> int:
        home.mkdir(parents=True, exist_ok=True)
        database = Database(database_url(home, settings.ledger.database_url), durability=settings.ledger.durability)
        before = database.revision()
        await (await Ledger.open(home, url=settings.ledger.database_url)).close()
        await database.close()
        if json:
            print_json({"before": before, "now": REVISION})
        else:
            out().print(f"schema {REVISION}" if before == REVISION else f"schema {before or 'none'} is now {REVISION}")
        return 0

    return run_async(main())


@app.command()
def check(json: JsonOption = False) -> int:
    """Read everything, and tell what is damaged or missing. Nothing is changed; the exit code is 1 where there is."""

    async def main() -> int:
        async with open_ledger() as (ledger, _, _):
            with _progress("checking runs", hidden=json) as told:
                found = await check_ledger(ledger, told=told)
            place = ledger.place
        if json:
            print_json({"database": place, **found.model_dump(mode="json")})
        else:
            amount = f"{counted(found.runs, 'run')}, {counted(found.events, 'event')}, {counted(found.blobs, 'blob')}"
            out().print(f"{escape(place)}: {amount}")
            for fault in found.faults[:_MOST_SHOWN]:
                out().print(
                    f"[red]✗[/] {'' if fault.run_id is None else f'run {fault.run_id}: '}{escape(clean(fault.problem))}"
                )
            if len(found.faults) > _MOST_SHOWN:
                out().print(f"and {len(found.faults) - _MOST_SHOWN} more; --json has all")
            if not found.faults:
                out().print("[green]✓[/] everything is as it must be")
        return 1 if found.faults else 0

    return run_async(main())


@app.command()
def copy(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="postgresql://user@host/name, or sqlite:///FILE")],
    home_of_copy: Annotated[
        Path | None,
        typer.Option("--to-home", parser=given_path, metavar="FOLDER", help="data folder of the copy, for its blobs"),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Copy all runs to another database, and compare what arrived.

    Runs that are being worked on are left out; the exit code is then 1. Copying again goes on with what is missing.
    """

    async def main() -> int:
        async with open_ledger() as (ledger, settings, home):
            place = home_of_copy or home
            if database_url(place, to) == database_url(home, settings.ledger.database_url):
                raise UsageError("that is the database that is copied; name another one by --to")
            target = await Ledger.open(
                place, url=to, durability=settings.ledger.durability, redactor=redactor_of(settings)
            )
            try:
                with _progress("copying runs", hidden=json) as told:
                    same = place.resolve() == home.resolve()
                    found = await copy_ledger(ledger, target, same_blobs=same, told=told)
                there = target.place
            finally:
                await target.close()
        if json:
            print_json({"to": there, **found.model_dump(mode="json")})
            return 0 if found.whole else 1
        counts = f"{counted(found.runs, 'run')} with {counted(found.events, 'event')} copied to {there} and compared"
        out().print(escape(counts + (f", {found.same} were there" if found.same else "")))
        for run_id in found.busy[:_MOST_SHOWN]:
            out().print(f"[yellow]![/] run {run_id} is being worked on; copy again when it has ended")
        for run_id in found.different[:_MOST_SHOWN]:
            out().print(f"[red]✗[/] run {run_id} went on over there; it was left as it is")
        if found.whole:
            err().print("to use it: plumbline config set ledger.database_url URL, or PLUMBLINE_DATABASE_URL")
        return 0 if found.whole else 1

    return run_async(main())


@app.command()
def archive(
    to: Annotated[Path, typer.Option("--to", parser=given_path, metavar="FOLDER", help="where the files are put")],
    days: Annotated[float, typer.Option("--older-than", min=0, metavar="DAYS", help="since their last event")] = 90,
    keep: Annotated[bool, typer.Option("--keep", help="write the files and delete nothing")] = False,
    json: JsonOption = False,
) -> int:
    """Move runs that ended long ago to files, from which plumbline import takes them back. Shared runs stay."""
    before = time.time() - days * 86_400

    async def main() -> int:
        async with open_ledger() as (ledger, _, _):
            with _progress("archiving runs", hidden=json) as told:
                found = await archive_runs(ledger, to, before=before, keep=keep, told=told)
        if json:
            print_json({"folder": str(to), **found.model_dump(mode="json")})
            return 0
        what = "written to" if keep else "moved to"
        out().print(escape(f"{counted(len(found.runs), 'run')} {what} {to} ({found.bytes:,} bytes)"))
        if found.shared:
            out().print(f"{counted(len(found.shared), 'run')} left, since a link shares them")
        return 0

    return run_async(main())


@contextmanager
def _progress(what: str, *, hidden: bool) -> Iterator[Callable[[int, int], None]]:
    """Show how far something is, and yield what is told of it: how many of how many are done."""
    with Progress(console=err(), transient=True, disable=hidden) as progress:
        bar = progress.add_task(what, total=None)
        yield lambda done, of: progress.update(bar, completed=done, total=of)
