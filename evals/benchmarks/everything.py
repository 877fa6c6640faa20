"""The benchmarks that ``plumbline bench all`` runs, each as a command of its own, so that none disturbs another."""

import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field

from agent.cli.console import one_line
from agent.domain.base import Fact
from evals.records import Figure

_SECONDS: Final = 3_600
"""A benchmark that takes longer has hung."""
_BROKEN: Final = frozenset({"InternalError", "UsageError"})
"""Kinds of errors that tell of a benchmark that is broken, or called wrongly, and not of what this machine lacks."""
_FIGURES: Final = 200
"""Figures that are kept of one benchmark; longer lists are single measurements, not figures."""


class Benchmark(Fact):
    """A benchmark of the list.

    Attributes:
        name: its command.
        about: what it measures.
        options: of the command.
        quick: options with which it takes a fraction of the time.
        data: whether it needs the folder of test data.
        markdown: whether the command writes tables of its own as Markdown.
    """

    name: str
    about: str
    options: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    data: bool = False
    markdown: bool = False


BENCHMARKS: Final = (
    Benchmark(name="startup", about="start-up of the command line"),
    Benchmark(name="overhead", about="overhead per turn", quick=("--rounds", "2")),
    Benchmark(name="turns", about="overhead per turn in long sessions", quick=("--rounds", "1")),
    Benchmark(
        name="peers",
        about="overhead per turn beside other libraries",
        quick=("--rounds", "2", "--sessions", "2"),
        markdown=True,
    ),
    Benchmark(
        name="concurrency",
        about="many runs in one process, memory per run",
        quick=("--runs", "50,200", "--rounds", "1"),
    ),
    Benchmark(name="growth", about="storage and resuming"),
    Benchmark(name="parallel", about="independent subtasks"),
    Benchmark(name="skeleton", about="long answers by points"),
    Benchmark(name="toolserver", about="sandboxes", quick=("--opens", "2", "--calls", "60")),
    Benchmark(name="browsing", about="questions over pages in a browser", quick=("--count", "5"), data=True),
    Benchmark(name="claims", about="verification of claims by rules"),
    Benchmark(
        name="index", about="finding documents", quick=("--documents", "2000", "--queries", "40", "--pages", "60")
    ),
    Benchmark(name="cad", about="CAD: building, looking, trying out"),
    Benchmark(name="web", about="the server and who watches it", quick=("--watchers", "50", "--seconds", "4")),
)


class Outcome(Fact):
    """What came of a benchmark.

    Attributes:
        ended: ``held``: it ran, and what must hold held; ``failed``: something did not hold, or it broke or hung;
            ``not run``: this machine lacks what it needs.
        reason: why there are no figures, in one line.
        seconds: that it took.
        found: what it printed as JSON.
        markdown: its own tables, where it writes them.
    """

    benchmark: Benchmark
    ended: Literal["held", "failed", "not run"]
    reason: str = ""
    seconds: float = 0.0
    found: dict[str, Any] = Field(default_factory=dict)
    markdown: str = ""

    @property
    def told(self) -> str:
        """What is to be said of it in a line; empty where all is well."""
        if self.ended == "held":
            return ""
        return f"{self.ended}: {self.reason or 'something that must hold did not'}"

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All numbers in what it printed, by their place in it."""
        return tuple(figures_of(self.found))[:_FIGURES]


def run_benchmark(
    benchmark: Benchmark,
    folder: Path,
    *,
    quick: bool = False,
    data: Path | None = None,
    command: Sequence[str] = (sys.executable, "-m", "agent.cli.main", "bench"),
) -> Outcome:
    """Run a benchmark in a process of its own.

    Args:
        benchmark: what is to be run.
        folder: for files in between.
        quick: with fewer repetitions.
        data: folder of the test data.
        command: that runs benchmarks by their names.
    """
    if benchmark.data and data is None:
        return Outcome(benchmark=benchmark, ended="not run", reason="needs test data: --data, or PLUMBLINE_TEST_DATA")
    options = [*benchmark.options, *(benchmark.quick if quick else ())]
    if benchmark.data:
        options += ["--data", str(data)]
    tables = folder / f"{benchmark.name}.md"
    if benchmark.markdown:
        options += ["--markdown", str(tables)]
    began = time.monotonic()
    try:
        done = subprocess.run(
            [*command, benchmark.name, *options, "--json"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return Outcome(benchmark=benchmark, ended="failed", reason=f"no end within {_SECONDS} s", seconds=_SECONDS)
    seconds = time.monotonic() - began
    found = _object(done.stdout)
    if found is None or "error" in found:
        error = found["error"] if found else {"kind": "InternalError", "message": _last(done.stderr)}
        reason = one_line(error["message"]) or f"exit code {done.returncode} without a message"
        ended: Literal["failed", "not run"] = "failed" if error["kind"] in _BROKEN else "not run"
        return Outcome(benchmark=benchmark, ended=ended, reason=reason, seconds=seconds)
    return Outcome(
        benchmark=benchmark,
        ended="held" if done.returncode == 0 else "failed",
        seconds=seconds,
        found=found,
        markdown=tables.read_text("utf-8") if tables.is_file() else "",
    )


def figures_of(value: object, place: str = "") -> Iterator[Figure]:
    """Yield all numbers in a JSON value; lists of objects are told apart by the texts in them."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from figures_of(item, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from figures_of(item, f"{place}[{_label(item) or number}]")
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        yield Figure(name=place[-200:], value=float(value))


def _label(item: object) -> str:
    if not isinstance(item, Mapping):
        return ""
    return next((value for value in item.values() if isinstance(value, str) and len(value) < 80), "")


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
