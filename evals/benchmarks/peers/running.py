"""Plays all cells in rounds, each in a fresh process on the same scripted server."""

import contextlib
import dataclasses
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from agent.cli.console import one_line
from agent.models.testing.benchmark_turns import ANSWER
from evals.benchmarks.cells import FILE_TEXT, GOAL, SYSTEM
from evals.benchmarks.machine import pinned
from evals.benchmarks.overhead import scripted_server
from evals.benchmarks.peers.catalogue import Cell
from evals.benchmarks.peers.programs.playing import Order
from evals.benchmarks.peers.rows import Played

_SECONDS: Final = 600
"""A cell that takes longer has hung."""

_QUIET: Final = {
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}


class Failed(Exception):
    """A cell could not be played; the message is one line."""


class _Told(BaseModel):
    """What a program prints."""

    model_config = ConfigDict(extra="ignore")

    wall_ms: float
    cpu_ms: float
    peak_mb: float
    ready: float
    ready_mb: float
    versions: dict[str, str] = {}


class _Stats(BaseModel):
    model_config = ConfigDict(extra="ignore")

    requests: int
    cpu_seconds: float


def play_rounds(
    cells: Mapping[Cell, Path],
    *,
    turns: int,
    sessions: int,
    rounds: int,
    first: bool = False,
    told: Callable[[int, Cell], None] = lambda number, cell: None,
) -> tuple[dict[Cell, list[Played]], dict[Cell, str]]:
    """Play each cell once a round, in an order that alternates, so that drift of the machine meets all alike.

    Args:
        cells: with the interpreter that plays them.
        turns: calls of tools in a session.
        sessions: that are timed in each process.
        rounds: how often each cell is played.
        first: before all other programs of the machine.
        told: is told the round, from 1, and the cell, before it is played.

    Returns:
        What each cell took, in each round; and why others could not be played. These are left out of later rounds.
    """
    played: dict[Cell, list[Played]] = {cell: [] for cell in cells}
    failures: dict[Cell, str] = {}
    with scripted_server(first=first) as root:
        for number in range(rounds):
            for cell in tuple(cells)[:: 1 if number % 2 == 0 else -1]:
                if cell in failures:
                    continue
                told(number + 1, cell)
                try:
                    played[cell].append(play(cell, cells[cell], root, turns=turns, sessions=sessions, first=first))
                except Failed as failure:
                    failures[cell] = str(failure)
    return {cell: found for cell, found in played.items() if cell not in failures}, failures


def play(cell: Cell, python: Path, root: str, *, turns: int, sessions: int, first: bool = False) -> Played:
    """Play a cell in a process of its own.

    Raises:
        Failed: it cannot be played.
    """
    with tempfile.TemporaryDirectory(prefix="plumbline-peers-") as folder:
        url = f"{root}/l0/n{turns}"
        if cell.own:
            command = [str(python), "-m", "evals.benchmarks.cells", cell.own, url]
            # what is recorded is to stay until its size is taken
            command += ["--turns", str(turns), "--sessions", str(sessions), "--home", str(Path(folder) / "home")]
            order = ""
        else:
            command = [str(python), str(cell.path)]
            ends = f"/{cell.ends_by}" if cell.ends_by else ""
            order = json.dumps(dataclasses.asdict(_order(cell, f"{url}{ends}/v1", turns, sessions, folder)))
        before = _stats(root)
        began = time.monotonic()
        told = _told(pinned(command, 0, first=first), order, folder)
        after = _stats(root)
        return Played(
            wall_ms=told.wall_ms,
            cpu_ms=told.cpu_ms,
            server_ms=(after.cpu_seconds - before.cpu_seconds) / (after.requests - before.requests - 1) * 1000,
            start_ms=(told.ready - began) * 1000,
            ready_mb=told.ready_mb,
            peak_mb=told.peak_mb,
            # two sessions more are played to warm up
            stored_kb=_size(Path(folder)) / 1024 / (sessions + 2),
            load=os.getloadavg()[0],
            versions=told.versions,
        )


def _order(cell: Cell, url: str, turns: int, sessions: int, folder: str) -> Order:
    return Order(
        url=url,
        turns=turns,
        sessions=sessions,
        system=SYSTEM,
        goal=GOAL,
        answer=ANSWER,
        text=FILE_TEXT,
        folder=folder,
        durable=cell.durable,
    )


def _told(command: Sequence[str], order: str, folder: str) -> _Told:
    # nothing of ours may be imported by other libraries' programs, and nothing is left behind
    surroundings = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    surroundings |= _QUIET | {"TMPDIR": folder}
    if "evals.benchmarks.cells" in command:
        surroundings["PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if entry)
    try:
        done = subprocess.run(
            command, input=order, capture_output=True, text=True, check=False, timeout=_SECONDS, env=surroundings
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"no end within {_SECONDS} s") from None
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise Failed(one_line(said[-1]) if said else f"exit code {done.returncode} without a message")
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise Failed("it printed no figures")
    return _Told.model_validate_json(lines[-1])


def _stats(root: str) -> _Stats:
    with urllib.request.urlopen(f"{root}/stats", timeout=30) as answer:  # noqa: S310 - our own server on loopback
        return _Stats.model_validate_json(answer.read())


def _size(folder: Path) -> int:
    for log in list(folder.rglob("*-wal")):
        # opening a database takes in the log that its program left, and closing it removes the log
        with contextlib.closing(sqlite3.connect(log.with_name(log.name.removesuffix("-wal")))) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
