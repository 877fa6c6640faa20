"""Which blobs belong to a run: blobs of all runs lie in one store, and a run's reader may see its own alone."""

from typing import Any, Final

from agent.domain.events import Event, EventKind
from agent.ledger.looking import events_naming, runs_naming
from agent.ledger.store import Ledger

_NAMES: Final = frozenset({"sha256", "text_sha256", "raw_sha256", "screenshot_sha256", "criteria", "exemplars"})
"""Fields that name a blob."""

_WRITTEN_BY_OTHERS: Final = frozenset({"arguments", "calls", "data", "messages", "measures", "parameters", "request"})
"""Fields whose content a model or a program wrote, who could name there whatever blob they had heard of."""

_OWN: Final[frozenset[EventKind]] = frozenset({"design", "report", "run", "subtask", "tool", "action"})
"""Kinds of events in which we name blobs that we have stored for this run, outside of those fields."""

_DEPTH: Final = 60


async def belongs(ledger: Ledger, run_id: str, sha256: str) -> bool:
    """Return whether a run has a blob: its input, artefact, picture, the text of a page that it read, or a screenshot.

    That a hash stands somewhere in a run's events is not enough: what programs print and models write is there too. It
    must stand where only we write.
    """
    async for event in events_naming(ledger, run_id, sha256, _OWN):
        if _names(_written_by_us(event), sha256, _DEPTH):
            return True
    return False


async def belongs_to_some(ledger: Ledger, sha256: str, *, owner: str | None) -> bool:
    """Return whether one of an owner's runs has a blob, or any run at all where no owner is named."""
    for run_id in await runs_naming(ledger, sha256, _OWN, owner=owner):
        if await belongs(ledger, run_id, sha256):
            return True
    return False


def _written_by_us(event: Event) -> Any:
    payload = event.payload
    if event.kind == "design":
        # what stands of a design is kept under "data" by ourselves
        return payload.get("data")
    if event.kind == "tool":
        return payload.get("result")
    return payload


def _names(value: Any, sha256: str, depth: int) -> bool:
    if depth == 0:
        return False
    if isinstance(value, dict):
        return any(
            item == sha256 if name in _NAMES and isinstance(item, str) else _names(item, sha256, depth - 1)
            for name, item in value.items()
            if name not in _WRITTEN_BY_OTHERS
        )
    if isinstance(value, list):
        return any(_names(item, sha256, depth - 1) for item in value)
    return False
