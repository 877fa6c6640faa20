"""Events as pages get them: as they are stored, with very long strings cut.

Most events are passed on as the stored text, without being taken apart, so that a run of ten thousand events is
answered in a fraction of a second.
"""

import json
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from pydantic import Field
from sqlalchemy import Row

from agent.domain.errors import LedgerUnavailable
from agent.domain.events import Event
from agent.ledger.blobs import MAY_REFER, REFERENCE, BlobStore, plain_key

CUT_FROM = 4_000
"""Longest string, in characters, that is passed on whole."""

_FIRST, _LAST = 3_000, 500
_MAY_REFER = MAY_REFER.decode()


class SlimEvent(Event):
    """An event whose strings of more than 4,000 characters are cut to their beginning and their end."""

    cut: bool = Field(default=False, description="whether a string was cut; the whole event has an address of its own")


class Slimmer:
    """Encodes events for pages. What was read of long texts is kept for the next page that wants it.

    Args:
        blobs: where long texts are.
        kept: number of excerpts that are kept, of some 3,500 characters each.
    """

    def __init__(self, blobs: BlobStore, *, kept: int = 2_000) -> None:
        self._blobs = blobs
        self._kept = kept
        self._excerpts: OrderedDict[str, str] = OrderedDict()

    async def encode(self, rows: "Sequence[Row[Any]]") -> list[bytes]:
        """Return each row of the table of events as the JSON of a ``SlimEvent``."""
        return [await self._encode(row) for row in rows]

    async def _encode(self, row: "Row[Any]") -> bytes:
        payload: str = row.payload
        if len(payload) <= CUT_FROM and _MAY_REFER not in payload:
            return _event(row, orjson.Fragment(payload), cut=False)
        value = _parsed(payload)
        wanted: set[str] = set()
        _referred(value, wanted)
        excerpts = {sha256: await self._excerpt(sha256) for sha256 in sorted(wanted)}
        cut = _Cut(excerpts)
        return _event(row, cut.slim(value), cut=cut.cut)

    async def _excerpt(self, sha256: str) -> str:
        """Return what is passed on of a blob, or a line that says why it cannot be read."""
        if (known := self._excerpts.get(sha256)) is not None:
            self._excerpts.move_to_end(sha256)
            return known
        try:
            text = (await self._blobs.get(sha256)).decode("utf-8", "replace")
        except LedgerUnavailable as error:
            return f"[{error}]"
        self._excerpts[sha256] = excerpt = excerpt_of(text)
        if len(self._excerpts) > self._kept:
            self._excerpts.popitem(last=False)
        return excerpt


def excerpt_of(text: str) -> str:
    """Return a text, cut in its middle where it is long."""
    if len(text) <= CUT_FROM:
        return text
    left_out = len(text) - _FIRST - _LAST
    return f"{text[:_FIRST]}\n[... {left_out:,} characters left out ...]\n{text[-_LAST:]}"


class _Cut:
    """Cuts the strings of one payload and notes whether any was cut."""

    def __init__(self, excerpts: dict[str, str]) -> None:
        self._excerpts = excerpts
        self.cut = False

    def slim(self, value: Any) -> Any:
        """Return a stored JSON value with its references replaced and its strings cut."""
        if isinstance(value, str):
            self.cut = self.cut or len(value) > CUT_FROM
            return excerpt_of(value)
        if isinstance(value, dict):
            if REFERENCE in value:
                self.cut = True
                return self._excerpts[str(value[REFERENCE])]
            return {plain_key(key): self.slim(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.slim(item) for item in value]
        return value


def _parsed(payload: str) -> Any:
    """Return a stored JSON value. A record from elsewhere may hold halves of characters, which are shown as marks.

    One that is not even JSON shows nothing, and keeps no other event back.
    """
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        try:
            text = json.dumps(json.loads(payload), ensure_ascii=False)
            return orjson.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        except (ValueError, RecursionError):
            return {}


def _referred(value: Any, found: set[str]) -> None:
    """Collect the hashes of the long strings of a stored JSON value."""
    if isinstance(value, dict):
        if REFERENCE in value:
            found.add(str(value[REFERENCE]))
            return
        for item in value.values():
            _referred(item, found)
    elif isinstance(value, list):
        for item in value:
            _referred(item, found)


def _event(row: "Row[Any]", payload: Any, *, cut: bool) -> bytes:
    event = {
        "run_id": row.run_id,
        "seq": row.seq,
        "at": datetime.fromtimestamp(row.at, UTC),
        "kind": row.kind,
        "key": row.key,
        "phase": row.phase,
        "payload": payload,
        "cut": cut,
    }
    return orjson.dumps(event, option=orjson.OPT_UTC_Z)
