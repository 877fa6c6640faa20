"""Replays cassettes over the code and prompts of today: which recorded runs still come to the same report."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final, Literal

from agent.domain.base import Fact
from agent.domain.errors import PlumblineError, RecordEnded, ReplayDivergence, UsageError
from agent.ledger.cassette import import_run
from agent.ledger.store import Ledger
from agent.runtime.history import read_view
from agent.runtime.replay import replayed_report

State = Literal["same", "other_report", "diverged", "unfinished", "unreadable"]
"""``diverged``: a request differs from what was recorded. ``unfinished``: the record ends before there is a report."""

GOOD: Final[frozenset[State]] = frozenset({"same", "unfinished"})


class Replayed(Fact):
    """What became of a cassette; ``detail`` is one line."""

    file: str
    run_id: str
    state: State
    detail: str = ""


def cassettes_in(places: Sequence[Path]) -> tuple[Path, ...]:
    """Return the cassettes named, and those of the folders named.

    Raises:
        UsageError: there are none.
    """
    found: dict[Path, None] = {}
    for place in places:
        if not place.exists():
            raise UsageError(f"there is no file or folder {str(place)!r}")
        for path in sorted(place.rglob("*.jsonl")) if place.is_dir() else [place]:
            if not place.is_dir() or _begins_like_a_cassette(path):
                found[path] = None
    if not found:
        raise UsageError(f"there is no cassette in {', '.join(map(str, places))}; make some with plumbline export")
    return tuple(found)


async def replayed(paths: Sequence[Path]) -> AsyncIterator[Replayed]:
    """Replay cassettes one after the other, in a ledger of their own."""
    with tempfile.TemporaryDirectory(prefix="plumbline-regress-") as folder:
        ledger = await Ledger.open(Path(folder))
        try:
            for number, path in enumerate(paths):
                yield await _replayed(ledger, path, f"r{number}")
        finally:
            await ledger.close()


async def _replayed(ledger: Ledger, path: Path, name: str) -> Replayed:
    try:
        run_id = (await import_run(ledger, path, run_id=name)).run_id
        recorded = (await read_view(ledger, run_id)).report
    except PlumblineError as error:
        return Replayed(file=str(path), run_id="", state="unreadable", detail=str(error))
    try:
        report = await replayed_report(ledger, run_id)
    except RecordEnded as error:
        # of a run that never came to its end this is all that can be asked for
        state: State = "unfinished" if recorded is None else "diverged"
        return Replayed(file=str(path), run_id=run_id, state=state, detail=str(error))
    except (ReplayDivergence, PlumblineError) as error:
        return Replayed(file=str(path), run_id=run_id, state="diverged", detail=str(error))
    if report != recorded:
        return Replayed(file=str(path), run_id=run_id, state="other_report", detail=_difference(report, recorded))
    return Replayed(file=str(path), run_id=run_id, state="same")


def _difference(report: Fact, recorded: Fact | None) -> str:
    if recorded is None:
        return "there is a report now and there was none"
    differing = [name for name in type(report).model_fields if getattr(report, name) != getattr(recorded, name, None)]
    return f"it differs in {', '.join(differing)}"


def _begins_like_a_cassette(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return b'"plumbline-cassette"' in file.read(200)
    except OSError:
        return False
