"""Pictures of PDF pages, and pictures made smaller, each drawn in a process of its own.

What takes a file apart that somebody else made may crash, hang or eat memory. So it happens in a child with limits on
time and memory, which gets the file on its standard input and has nothing else to do with us.
"""

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Final, NamedTuple

from agent.domain.errors import NotDrawn

LARGEST: Final = 64_000_000
"""Bytes of a file that is drawn."""

_PROGRAM: Final = Path(__file__).with_name("drawing_program.py")
_SECONDS: Final = 30.0
_ANSWER: Final = 40_000_000
"""Bytes of a picture that is taken back."""


class Drawing(NamedTuple):
    """A picture as PNG or JPEG.

    Attributes:
        pages: of the document that it was drawn from; 1 for a picture.
    """

    data: bytes
    media_type: str
    width: int
    height: int
    pages: int


async def pdf_page(data: bytes, page: int, *, width: int) -> Drawing:
    """Return a page of a PDF document, counted from 1, as PNG of a width in pixels.

    Raises:
        NotDrawn: it is damaged or encrypted, has no such page, or takes too long or too much memory.
    """
    return await _drawn("pdf", data, page, width)


async def smaller(data: bytes, *, side: int) -> Drawing:
    """Return a picture of at most ``side`` pixels in either direction: as JPEG, or as PNG where it lets see through.

    Raises:
        NotDrawn: it is damaged, or takes too long or too much memory.
    """
    return await _drawn("picture", data, 1, side)


async def _drawn(what: str, data: bytes, page: int, size: int) -> Drawing:
    if len(data) > LARGEST:
        raise NotDrawn(f"it has {len(data):,} bytes, and at most {LARGEST:,} are drawn; download it instead")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(_PROGRAM),
        what,
        str(page),
        str(size),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # nothing of ours is told to what reads a hostile file
        env={name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
    )
    try:
        answer, _ = await asyncio.wait_for(process.communicate(data), _SECONDS)
    except TimeoutError:
        raise NotDrawn(f"it takes longer than {_SECONDS:g} seconds to draw; download it instead") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return _read(answer)


def _read(answer: bytes) -> Drawing:
    head, _, data = answer[:_ANSWER].partition(b"\n")
    words = head.decode("utf-8", "replace").split(" ", 4)
    if words[0] == "failed":
        raise NotDrawn(" ".join(words[1:]))
    if len(words) != 5 or words[0] != "drawn":
        raise NotDrawn(
            "it takes more memory or time than drawing may take, or breaks what draws it; download it instead"
        )
    return Drawing(data, words[1], int(words[2]), int(words[3]), int(words[4]))
