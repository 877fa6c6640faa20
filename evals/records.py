"""What measurements of suites came to, kept in the user's data folder so that they can be seen over time."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import fmean
from typing import Final, Literal, NamedTuple

from pydantic import Field, ValidationError

from agent.domain.base import Fact
from agent.domain.errors import OutputUnavailable, UsageError
from evals.intervals import interval

_SUITE: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_FAILURES: Final = 100
"""Failures that are kept with a measurement; ``samples`` and ``passed`` count all."""


class Failure(Fact):
    """A sample that did not pass.

    Attributes:
        kind: class of what went wrong, such as ``wrong`` or ``withheld``.
        told: what was asked or what went wrong, in one line.
        run_id: the run that shows it; empty where there is none in the ledger.
    """

    sample: str
    kind: str = ""
    told: str = Field(default="", max_length=500)
    run_id: str = ""


class Figure(Fact):
    """A number that a benchmark printed.

    Attributes:
        name: its place in what was printed, which tells its unit too.
    """

    name: str = Field(max_length=200)
    value: float


class Measurement(Fact):
    """One measurement of a suite.

    Attributes:
        version: of the suite; measurements of different versions are not compared.
        model: as it was named, or the sandbox where the suite needs no model.
        at: when it ended.
        passed: samples that passed.
        mean: share of these, with ``low`` and ``high`` as its 95 % interval.
        seconds: that its samples took in sum.
        batch: the batch whose runs it is; empty where it is none.
        figures: of a benchmark, whose one sample passes when what must hold held.
    """

    schema_version: Literal[1] = 1
    suite: str = Field(pattern=rf"^{_SUITE.pattern}$")
    version: str = Field(default="1", min_length=1, max_length=80)
    model: str
    at: datetime
    samples: int = Field(ge=1)
    passed: int = Field(ge=0)
    mean: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)
    cost: Decimal = Decimal(0)
    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    seconds: float = Field(default=0, ge=0)
    failures: tuple[Failure, ...] = ()
    batch: str = ""
    figures: tuple[Figure, ...] = ()


class Kept(NamedTuple):
    """The measurements of a suite, oldest first, and how many lines of its file are of no version that is known."""

    measurements: tuple[Measurement, ...]
    unreadable: int


def measured(
    suite: str,
    model: str,
    passed: Sequence[bool],
    *,
    failures: Iterable[Failure] = (),
    version: str = "1",
    seconds: float = 0,
    cost: Decimal = Decimal(0),
    input_tokens: int = 0,
    output_tokens: int = 0,
    figures: Iterable[Figure] = (),
) -> Measurement:
    """Return the measurement that has just been made.

    Args:
        suite: its name.
        model: what was measured.
        passed: whether each sample passed; one at least.
        failures: of those that did not.
        version: of the suite.
        seconds: of all samples together.
        cost: of all samples together, in the currency of the price table.
        input_tokens: of all samples together.
        output_tokens: of all samples together.
        figures: of a benchmark.
    """
    shares = [float(one) for one in passed]
    low, high = interval(shares)
    return Measurement(
        suite=suite,
        version=version,
        model=model,
        at=datetime.now(UTC),
        samples=len(passed),
        passed=sum(passed),
        mean=fmean(shares),
        low=low,
        high=high,
        cost=cost,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        seconds=round(seconds, 3),
        failures=tuple(failures)[:_FAILURES],
        figures=tuple(figures),
    )


def one_line(text: str) -> str:
    """Return a text as a failure tells it: on one line, and not too long."""
    line = " ".join(text.split())
    return line if len(line) <= 500 else f"{line[:499]}…"


def keep(home: Path, measurement: Measurement) -> Path:
    """Add a measurement to those of its suite and return their file.

    Raises:
        OutputUnavailable: it cannot be written.
    """
    path = _file(home, measurement.suite)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # one write of a line at the end: processes that measure at the same time do not mix
        with path.open("ab", buffering=0) as file:
            file.write(measurement.model_dump_json().encode() + b"\n")
    except OSError as error:
        raise OutputUnavailable(f"cannot keep the measurement in {path}: {error.strerror or error}") from error
    return path


def suites(home: Path) -> tuple[str, ...]:
    """Return the names of the suites that were ever measured."""
    return tuple(sorted(path.stem for path in _folder(home).glob("*.jsonl") if _SUITE.fullmatch(path.stem)))


def kept(home: Path, suite: str) -> Kept:
    """Return the measurements of a suite.

    Raises:
        UsageError: it was never measured.
    """
    path = _file(home, suite)
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        raise UsageError(f"the suite {suite!r} was never measured; plumbline bench and plumbline eval do") from None
    except OSError as error:
        raise OutputUnavailable(f"cannot read {path}: {error.strerror or error}") from error
    found: list[Measurement] = []
    for line in lines:
        try:
            found.append(Measurement.model_validate_json(line))
        except ValidationError:
            continue
    return Kept(tuple(sorted(found, key=lambda one: one.at)), len(lines) - len(found))


def _folder(home: Path) -> Path:
    return home / "measurements"


def _file(home: Path, suite: str) -> Path:
    if not _SUITE.fullmatch(suite):
        raise UsageError(f"there is no suite {suite[:80]!r}")
    return _folder(home) / f"{suite}.jsonl"
