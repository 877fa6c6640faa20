"""Pictures as part of a page: their bytes in its text, made smaller where they are large, left out where too many."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from agent.domain.errors import LedgerUnavailable, NotDrawn
from agent.domain.messages import Picture
from agent.execution.picture_files import picture_size
from agent.ledger.blobs import BlobStore
from agent.runtime.drawing import smaller

MOST_BYTES: Final = 16_000_000
"""Of all pictures of a page together."""

_LARGE: Final = 300_000
"""Bytes from which on a picture is made smaller."""

_SIDE: Final = 1_400
"""Pixels of the longer side of such a picture."""

_REDRAWN: Final = 60
"""Pictures that are made smaller for one page; each takes a process."""


@dataclass
class Embedded:
    """Pictures of a page.

    Attributes:
        sources: addresses with the data in them, by the hash of the picture as it was.
        left_out: how many are not there: there were too many, or they are missing or damaged.
        shrunk: how many are smaller than they were.
    """

    sources: dict[str, str] = field(default_factory=dict)
    left_out: int = 0
    shrunk: int = 0


async def embedded(pictures: Iterable[Picture], blobs: BlobStore, *, room: int = MOST_BYTES) -> Embedded:
    """Return pictures for a page, the first ones first, as far as there is room."""
    found = Embedded()
    seen: set[str] = set()
    for picture in pictures:
        if picture.sha256 in seen:
            continue
        seen.add(picture.sha256)
        try:
            data = await blobs.get(picture.sha256)
        except LedgerUnavailable:
            found.left_out += 1
            continue
        if len(data) > _LARGE and found.shrunk < _REDRAWN:
            data = await _smaller(data, found)
        # what it is, is told by its own first bytes
        known = picture_size(data)
        if known is None or len(data) > room:
            found.left_out += 1
            continue
        room -= len(data)
        found.sources[picture.sha256] = f"data:{known[0]};base64,{base64.b64encode(data).decode()}"
    return found


async def _smaller(data: bytes, found: Embedded) -> bytes:
    try:
        drawn = await smaller(data, side=_SIDE)
    except NotDrawn:
        return data
    if len(drawn.data) >= len(data):
        return data
    found.shrunk += 1
    return drawn.data
