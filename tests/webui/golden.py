"""What the client's reducer must give: events of runs, and the state that ``RunView`` comes to after each of them.

``python -m tests.webui.golden`` writes one file for each cassette among the tests. Where ``PLUMBLINE_GOLDEN`` names a
folder, tests that work with ``tests.studio`` leave a file there for each of their runs.

A file holds the events as the server sends them, and for each of them what it changes in the state: fields as a whole,
but of steps, results and questions only the entries that are new, changed or gone.
"""

import asyncio
import gzip
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from agent.domain.events import Event
from agent.domain.view import RunView
from agent.ledger.cassette import import_run
from agent.ledger.store import Ledger

TESTS: Final = Path(__file__).parent.parent
CASSETTES: Final = tuple(
    sorted(TESTS.glob("browsing/cassettes/*.jsonl")) + sorted(TESTS.glob("runtime/designs/*.jsonl"))
)
"""Every recorded run among the tests."""

KEPT: Final = TESTS.parent / "webui" / "client" / "tests" / "golden"
"""Folder of the files that the client's own tests read."""

_BY_KEY: Final = ("steps", "results", "questions")


async def write(ledger: Ledger, run_id: str, path: Path) -> None:
    """Write the golden file of a run."""
    path.write_bytes(await asyncio.to_thread(golden, [event async for event in ledger.events(run_id)]))


async def write_cassettes(folder: Path, cassettes: Sequence[Path] = CASSETTES) -> None:
    """Write the golden file of each cassette, by the cassette's name."""
    with tempfile.TemporaryDirectory() as home:
        ledger = await Ledger.open(Path(home))
        try:
            for cassette in cassettes:
                imported = await import_run(ledger, cassette)
                await write(ledger, imported.run_id, folder / f"{cassette.stem}.json.gz")
        finally:
            await ledger.close()


async def leave(ledger: Ledger, name: str) -> None:
    """Write the golden files of a ledger's runs where ``PLUMBLINE_GOLDEN`` says, if it says."""
    if folder := os.environ.get("PLUMBLINE_GOLDEN"):
        for run in await ledger.newest(limit=1_000):
            await write(ledger, run.id, Path(folder) / f"{name}-{run.id}.json.gz")


def golden(events: Sequence[Event]) -> bytes:
    """Return the golden file of a run's events."""
    view, before, changes = RunView(), RunView().model_dump(mode="json"), []
    for event in events:
        view.apply(event)
        now = view.model_dump(mode="json")
        changes.append(_difference(before, now))
        before = now
    sent = [event.model_dump(mode="json") for event in events]
    return gzip.compress(orjson.dumps({"events": sent, "changes": changes}), mtime=0)


def states(data: bytes) -> list[dict[str, Any]]:
    """Return the states that a golden file holds, one after each event."""
    state, found = RunView().model_dump(mode="json"), []
    for change in orjson.loads(gzip.decompress(data))["changes"]:
        state = {**state, **change["fields"]}
        for name in _BY_KEY:
            kept = {key: value for key, value in state[name].items() if key not in change["gone"].get(name, ())}
            state[name] = {**kept, **change["entries"].get(name, {})}
        found.append(state)
    return found


def _difference(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    entries = {name: {k: v for k, v in now[name].items() if before[name].get(k) != v} for name in _BY_KEY}
    return {
        "fields": {name: value for name, value in now.items() if name not in _BY_KEY and before[name] != value},
        "entries": {name: changed for name, changed in entries.items() if changed},
        "gone": {name: gone for name in _BY_KEY if (gone := sorted(before[name].keys() - now[name].keys()))},
    }


if __name__ == "__main__":
    asyncio.run(write_cassettes(KEPT))
