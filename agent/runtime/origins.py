"""Which events of a run's ledger brought up the evidence of its report."""

from collections.abc import Iterable, Mapping
from typing import Any

from agent.domain.evidence import Evidence, ToolResult
from agent.ledger.store import Ledger


async def origins_of(ledger: Ledger, run_id: str, evidence: Iterable[Evidence]) -> Mapping[str, int]:
    """Return the number of the event that ended the effect each piece of evidence comes from, by evidence id.

    The output of a tool comes from its call. A quote or a triple comes from the first effect that told of its source's
    text. What the run was given from elsewhere has no event here, and is left out.
    """
    wanted = list(evidence)
    calls = {item.key: item.id for item in wanted if isinstance(item, ToolResult)}
    texts: dict[str, list[str]] = {}
    for item in wanted:
        if not isinstance(item, ToolResult) and item.source is not None:
            texts.setdefault(item.source.text_sha256, []).append(item.id)
    found: dict[str, int] = {}
    async for event in ledger.events(run_id):
        if event.phase != "done":
            continue
        if event.key in calls:
            found.setdefault(calls[event.key], event.seq)
        for digest in _texts_in(event.payload, texts):
            for name in texts.pop(digest):
                found.setdefault(name, event.seq)
    return found


def _texts_in(payload: Mapping[str, Any], texts: Mapping[str, object]) -> list[str]:
    """Return the hashes of wanted texts that a payload names, in order and each once."""
    named: dict[str, None] = {}
    pending: list[Any] = [payload]
    while pending and texts:
        value = pending.pop()
        if isinstance(value, dict):
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, str) and value in texts:
            named[value] = None
    return list(named)
