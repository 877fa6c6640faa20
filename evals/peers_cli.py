"""``plumbline bench peers``: what a turn costs in other agent libraries, beside Plumbline."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from agent.cli.console import err, out, print_json
from agent.domain.errors import OutputUnavailable, PlumblineError, ServiceError, UsageError
from evals.benchmarks.machine import machine_line, may_be_first
from evals.benchmarks.peers.catalogue import CELLS, LIBRARIES, Cell
from evals.benchmarks.peers.rows import rows_of
from evals.benchmarks.peers.running import play_rounds
from evals.benchmarks.peers.shown import markdown as as_markdown
from evals.benchmarks.peers.shown import notes, tables
from evals.environments import environment


def peers(
    turns: Annotated[int, typer.Option(min=1, max=2_000, help="calls of tools in a session")] = 20,
    rounds: Annotated[int, typer.Option(min=1, help="in how many each is played once")] = 6,
    sessions: Annotated[int, typer.Option(min=1, help="timed in each round")] = 6,
    only: Annotated[list[str] | None, typer.Option(help=f"{', '.join(LIBRARIES)}; may be repeated")] = None,
    plain: Annotated[bool, typer.Option(help="other libraries without their durable modes as well")] = False,
    first: Annotated[
        bool, typer.Option(help="before all other programs of the machine, for one that is shared")
    ] = False,
    markdown: Annotated[Path | None, typer.Option(help="file for the tables as Markdown")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Cost of a turn in other agent libraries, in their durable modes, and Plumbline's as a share of it.

    Each library gets an environment of its own in the cache folder, which is made at the first use. Sessions of 100
    turns tell how the cost grows: --turns 100 --rounds 3 --sessions 2. The exit code is 1 if a library could not be
    measured.
    """
    unknown = [name for name in only or () if name not in LIBRARIES]
    if unknown:
        raise UsageError(f"there is no library {unknown[0]!r} to measure; choose from {', '.join(LIBRARIES)}")
    if first and not may_be_first():
        raise UsageError("--first needs Linux's chrt and the right to use it; leave it out, or run as root")
    chosen = [cell for cell in CELLS if (not only or not cell.library or cell.library in only)]
    chosen = [cell for cell in chosen if plain or not cell.plain]
    pythons, failures = _environments(chosen)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    times = TimeElapsedColumn(), TimeRemainingColumn()
    with Progress(*columns, *times, console=err(), transient=True, disable=json) as progress:
        task = progress.add_task("", total=rounds * len(pythons))

        def told(number: int, cell: Cell) -> None:
            progress.update(task, description=f"round {number} of {rounds}: {cell.name}", advance=1)

        played, failed = play_rounds(pythons, turns=turns, sessions=sessions, rounds=rounds, first=first, told=told)
    failures |= {cell.name: reason for cell, reason in failed.items()}
    rows, machine = rows_of(played), machine_line()
    manner = f"{rounds} rounds of {sessions} sessions, interleaved"
    manner += ", before all other programs of the machine" if first else ""
    if markdown is not None:
        day = datetime.now(UTC).strftime("%d %B %Y")
        text = as_markdown(rows, failures, turns=turns, told=manner, machine=machine, day=day)
        try:
            markdown.write_text(text, "utf-8")
        except OSError as error:
            raise OutputUnavailable(f"cannot write {markdown}: {error.strerror or error}") from error
    if json:
        settings = {"first": first, "turns": turns, "rounds": rounds, "sessions": sessions}
        every = {cell.name: found for cell, found in played.items()}
        print_json({"machine": machine, **settings, "rows": rows, "not measured": failures, "rounds played": every})
    else:
        console = out()
        for shown in tables(rows, turns):
            console.print(shown.title, style="bold")
            console.print(shown.table())
        for note in notes(rows, failures):
            console.print(note, style="dim")
        console.print(f"{manner}; {machine}", style="dim")
    return 1 if failures else 0


def _environments(cells: Sequence[Cell]) -> tuple[dict[Cell, Path], dict[str, str]]:
    """Return the interpreter of each cell, and why those of others could not be made.

    Raises:
        ServiceError: there is none for any other library.
    """
    pythons: dict[Cell, Path] = {}
    failures: dict[str, str] = {}
    with err().status("environments of other libraries") as status:
        for cell in cells:
            try:
                pythons[cell] = (
                    Path(sys.executable)
                    if cell.own
                    else environment(cell.environment, cell.requirements, told=status.update)
                )
            except PlumblineError as error:
                failures[cell.name] = str(error)
    if not any(cell.library for cell in pythons):
        raise ServiceError(f"no other library can be measured: {next(iter(failures.values()))}")
    return pythons, failures
