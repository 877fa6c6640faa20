"""Many sessions at once in one process: one cell of the benchmark of concurrency.

``python -m evals.benchmarks.crowd CELL URL --turns N --runs K`` prints one JSON line.
"""

import argparse
import asyncio
import contextlib
import gc
import statistics
import sys
import time
from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from evals.benchmarks.cells import CELLS, WARM_UP, Loop, answered, opened
from evals.benchmarks.peers.programs.playing import resident_mb

_SAMPLE_SECONDS = 0.1


class Crowd(BaseModel):
    """What a crowd of sessions took, all started at once.

    Attributes:
        seconds: from the first session's start to the last one's end.
        cpu_ms: processor time a model call, of all threads.
        peak_mb: largest resident memory while the sessions were under way, beyond that of the warm process.
        left_mb: what of it is still resident when they have ended.
        p50: session time in seconds, the median.
        p99: and of the slowest hundredth.
        events: what the ledger holds of all sessions; 0 where nothing is recorded.
    """

    cell: str
    runs: int
    seconds: float
    cpu_ms: float
    peak_mb: float
    left_mb: float
    p50: float
    p99: float
    events: int

    @property
    def rate(self) -> float:
        """Sessions a second."""
        return self.runs / self.seconds


async def crowd(cell: str, url: str, *, turns: int, runs: int) -> Crowd:
    """Play so many sessions at once; each answer is checked, and after the clock has stopped, what was recorded."""
    async with opened(cell, url, at_once=runs) as loop:
        for _ in range(WARM_UP):
            await answered(loop)
        gc.collect()
        memory = Memory()
        times: list[float] = []
        with memory.watched():
            wall, cpu = time.perf_counter(), time.process_time()
            await asyncio.gather(*(_timed(loop, times) for _ in range(runs)))
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        gc.collect()
        left = memory.now()
        held = await loop.recorded(turns)
    if held is not None and held.runs != runs + WARM_UP:
        raise SystemExit(f"the ledger holds {held.runs} runs, not {runs + WARM_UP}")
    return Crowd(
        cell=cell,
        runs=runs,
        seconds=wall,
        cpu_ms=cpu / runs / (turns + 1) * 1000,
        peak_mb=memory.peak,
        left_mb=left,
        p50=statistics.median(times),
        p99=sorted(times)[int(len(times) * 0.99)],
        events=0 if held is None else held.events,
    )


class Memory:
    """Resident memory in MB beyond what there was when this was made."""

    def __init__(self) -> None:
        self._warm = resident_mb()
        self.peak = 0.0

    def now(self) -> float:
        """Return what there is now."""
        return resident_mb() - self._warm

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Have ``peak`` hold the largest value that is seen during a block."""
        sampling = asyncio.create_task(self._sample())
        try:
            yield
        finally:
            sampling.cancel()
            self.peak = max(self.peak, self.now())

    async def _sample(self) -> None:
        while True:
            self.peak = max(self.peak, self.now())
            await asyncio.sleep(_SAMPLE_SECONDS)


async def _timed(loop: Loop, times: list[float]) -> None:
    began = time.perf_counter()
    await answered(loop)
    times.append(time.perf_counter() - began)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one cell and print it as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("cell", choices=sorted(CELLS))
    parser.add_argument("url")
    parser.add_argument("--turns", type=int, required=True)
    parser.add_argument("--runs", type=int, required=True)
    chosen = parser.parse_args(arguments)
    found = asyncio.run(crowd(chosen.cell, chosen.url, turns=chosen.turns, runs=chosen.runs))
    sys.stdout.write(found.model_dump_json() + "\n")


if __name__ == "__main__":
    main()
