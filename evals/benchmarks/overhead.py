"""What a turn costs beyond the model: whole runs of ours against loops that record nothing.

All cells play the same session on the same scripted server, each in a fresh process, in rounds whose order alternates,
so that drift of the machine meets all of them alike. The ratio of medians over the rounds is what counts; single rounds
are printed with it.
"""

import contextlib
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from evals.benchmarks.cells import Measured
from evals.benchmarks.machine import machine_line, pinned

REFERENCE = "raw:openai"
CELLS = (REFERENCE, "raw:aiohttp", "raw:openai-tuned", "plumbline@process", "plumbline@power")


class Row(BaseModel):
    """One cell over all rounds: medians, and its wall time as a ratio to the reference in each round."""

    cell: str
    wall_ms: float
    cpu_ms: float
    peak_mb: float
    ratio: float
    ratio_cpu: float
    rounds: list[float]


def overhead(
    *, turns: int = 20, sessions: int = 6, rounds: int = 6, cells: Sequence[str] = CELLS
) -> tuple[list[Row], str]:
    """Run the benchmark; returns a row for each cell and the line about the machine."""
    measured: dict[str, list[Measured]] = {cell: [] for cell in cells}
    with scripted_server() as root:
        for number in range(rounds):
            order = cells if number % 2 == 0 else tuple(reversed(cells))
            for cell in order:
                measured[cell].append(_run(cell, f"{root}/l0/n{turns}", turns, sessions))
    reference = measured[REFERENCE]
    return [_row(cell, found, reference) for cell, found in measured.items()], machine_line()


@contextlib.contextmanager
def scripted_server(*, first: bool = False) -> Iterator[str]:
    """Start the scripted server in a process of its own, before all others if it is to be, and yield its address."""
    command = pinned([sys.executable, "-m", "agent.models.testing.scripted_server", "--port", "0"], 1, first=first)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            line = server.stdout.readline() if server.stdout is not None else ""
            yield str(json.loads(line)["base_url"]).removesuffix("/v1")
        finally:
            server.terminate()


def _run(cell: str, url: str, turns: int, sessions: int) -> Measured:
    command = [sys.executable, "-m", "evals.benchmarks.cells", cell, url]
    command += ["--turns", str(turns), "--sessions", str(sessions)]
    done = subprocess.run(pinned(command, 0), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{cell} failed: {done.stderr.strip().splitlines()[-1] if done.stderr else 'no message'}")
    return Measured.model_validate_json(done.stdout.strip().splitlines()[-1])


def _row(cell: str, found: list[Measured], reference: list[Measured]) -> Row:
    wall, cpu = statistics.median(m.wall_ms for m in found), statistics.median(m.cpu_ms for m in found)
    return Row(
        cell=cell,
        wall_ms=wall,
        cpu_ms=cpu,
        peak_mb=statistics.median(m.peak_mb for m in found),
        ratio=wall / statistics.median(m.wall_ms for m in reference),
        ratio_cpu=cpu / statistics.median(m.cpu_ms for m in reference),
        rounds=[ours.wall_ms / theirs.wall_ms for ours, theirs in zip(found, reference, strict=True)],
    )
