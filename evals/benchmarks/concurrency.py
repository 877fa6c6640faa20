"""Many runs at once in one process: whole runs of ours, recorded, against a bare loop on the same client.

Both cells play the same sessions on the same scripted server, which answers after a fixed latency, each in a fresh
process, one right after the other, in rounds whose order alternates. The ratio of their rates within one round is what
counts: the machine was the same for both.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence

from pydantic import BaseModel

from evals.benchmarks.crowd import Crowd
from evals.benchmarks.machine import machine_line, pinned
from evals.benchmarks.overhead import scripted_server

BARE = "raw:openai-tuned"
"""A loop on the official client with its aiohttp transport and messages in ``extra_body``; it records nothing."""

OURS = "plumbline@process"


class Round(BaseModel):
    """Both cells at one number of runs, one right after the other, and the load average before them."""

    runs: int
    load: float
    bare: Crowd
    ours: Crowd

    @property
    def ratio(self) -> float:
        """Our sessions a second to those of the bare loop."""
        return self.ours.rate / self.bare.rate

    @property
    def ratio_cpu(self) -> float:
        """Our processor time a model call to that of the bare loop."""
        return self.ours.cpu_ms / self.bare.cpu_ms


class Row(BaseModel):
    """Medians over the rounds of one number of runs."""

    runs: int
    rate: float
    bare_rate: float
    ratio: float
    ratio_cpu: float
    cpu_ms: float
    bare_cpu_ms: float
    peak_mb: float
    bare_peak_mb: float
    left_mb: float
    bare_left_mb: float
    p50: float
    p99: float
    ratios: list[float]
    loads: list[float]


def concurrency(
    *,
    runs: Sequence[int] = (50, 200, 1_000),
    turns: int = 20,
    latency: int = 200,
    rounds: int = 3,
    first: bool = False,
    told: Callable[[str], None] = lambda news: None,
) -> tuple[list[Row], str]:
    """Run the benchmark; returns a row for each number of runs and the line about the machine.

    Args:
        runs: how many sessions there are at once.
        turns: tool turns of a session.
        latency: of the model, in milliseconds.
        rounds: how often both cells are run at each number.
        first: before all other programs of the machine.
        told: is told what is run next, and what came of it.
    """
    found: dict[int, list[Round]] = {count: [] for count in runs}
    with scripted_server(first=first) as root:
        for number in range(rounds):
            for count in runs:
                url = f"{root}/l{latency}/n{turns}"
                found[count].append(_round(url, turns, count, bare_first=number % 2 == 0, first=first, told=told))
                told(f"{count} runs, round {number + 1} of {rounds}: {found[count][-1].ratio:.2f} of the bare loop")
    return [_row(count, of_count) for count, of_count in found.items()], machine_line()


def _round(url: str, turns: int, runs: int, *, bare_first: bool, first: bool, told: Callable[[str], None]) -> Round:
    load, crowds = os.getloadavg()[0], {}
    for cell in (BARE, OURS) if bare_first else (OURS, BARE):
        told(f"{runs} runs: {cell}")
        crowds[cell] = _run(cell, url, turns, runs, first=first)
    return Round(runs=runs, load=load, bare=crowds[BARE], ours=crowds[OURS])


def _run(cell: str, url: str, turns: int, runs: int, *, first: bool) -> Crowd:
    command = [sys.executable, "-m", "evals.benchmarks.crowd", cell, url, "--turns", str(turns), "--runs", str(runs)]
    done = subprocess.run(pinned(command, 0, first=first), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{cell} failed: {done.stderr.strip().splitlines()[-1] if done.stderr else 'no message'}")
    return Crowd.model_validate_json(done.stdout.strip().splitlines()[-1])


def _row(runs: int, rounds: Sequence[Round]) -> Row:
    def median(of: Callable[[Round], float]) -> float:
        return statistics.median(of(one) for one in rounds)

    return Row(
        runs=runs,
        rate=median(lambda one: one.ours.rate),
        bare_rate=median(lambda one: one.bare.rate),
        ratio=median(lambda one: one.ratio),
        ratio_cpu=median(lambda one: one.ratio_cpu),
        cpu_ms=median(lambda one: one.ours.cpu_ms),
        bare_cpu_ms=median(lambda one: one.bare.cpu_ms),
        peak_mb=median(lambda one: one.ours.peak_mb / runs),
        bare_peak_mb=median(lambda one: one.bare.peak_mb / runs),
        left_mb=median(lambda one: one.ours.left_mb / runs),
        bare_left_mb=median(lambda one: one.bare.left_mb / runs),
        p50=median(lambda one: one.ours.p50),
        p99=median(lambda one: one.ours.p99),
        ratios=[one.ratio for one in rounds],
        loads=[one.load for one in rounds],
    )
