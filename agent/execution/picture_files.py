"""Pictures as files: what their first bytes say, and how they are kept. Nothing in them is decoded here."""

import base64
import binascii
import struct
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from pydantic import ValidationError

from agent.domain.messages import Picture
from agent.ledger.blobs import BlobStore

LARGEST: Final = 5 << 20
"""Longest picture in bytes, as most model servers have it."""

MOST: Final = 16
"""Pictures kept of one tool call."""


class GivenImage(Protocol):
    """A picture as a tool gave it."""

    @property
    def media_type(self) -> str:
        """What it says it is."""

    @property
    def data(self) -> str:
        """Its bytes in base64."""


async def kept_pictures(given: Iterable[GivenImage], blobs: BlobStore) -> tuple[tuple[Picture, ...], list[str]]:
    """Store pictures and return references to them, with a note for each that is left out."""
    kept: list[Picture] = []
    notes: list[str] = []
    for number, image in enumerate(given, 1):
        if len(kept) == MOST:
            notes.append(f"only the first {MOST} pictures were kept")
            break
        try:
            data = base64.b64decode(image.data, validate=True)
        except (binascii.Error, ValueError):
            data = b""
        size = picture_size(data)
        if len(data) > LARGEST:
            notes.append(
                f"picture {number} has {len(data):,} bytes, more than the {LARGEST:,} allowed; make it smaller"
            )
        elif size is None or size[0] != image.media_type:
            notes.append(f"picture {number} is no {image.media_type[:40]} and was left out")
        else:
            sha256 = await blobs.put(data)
            try:
                fields: Mapping[str, object] = {"media_type": size[0], "width": size[1], "height": size[2]}
                kept.append(Picture.model_validate({"sha256": sha256, **fields}))
            except ValidationError:
                notes.append(f"picture {number} has no width or no height and was left out")
    return tuple(kept), notes


def picture_size(data: bytes) -> tuple[str, int, int] | None:
    """Return media type, width and height in pixels as the first bytes of a picture tell them; None if they do not."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
            width, height = struct.unpack_from(">II", data, 16)
            return "image/png", width, height
        if data[:6] in (b"GIF87a", b"GIF89a"):
            width, height = struct.unpack_from("<HH", data, 6)
            return "image/gif", width, height
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp_size(data)
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg_size(data)
    except (struct.error, IndexError):
        # it ends before it says its size
        return None
    return None


def _webp_size(data: bytes) -> tuple[str, int, int] | None:
    match data[12:16]:
        case b"VP8X":
            width = int.from_bytes(data[24:27], "little") + 1
            height = int.from_bytes(data[27:30], "little") + 1
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 21)
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
        case _:
            return None
    return "image/webp", width, height


def _jpeg_size(data: bytes) -> tuple[str, int, int] | None:
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return "image/jpeg", width, height
        if marker == 0xFF:
            at += 1
        else:
            (length,) = struct.unpack_from(">H", data, at + 2)
            at += 2 + length
    return None
