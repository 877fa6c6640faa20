"""What of a page of a PDF document nobody sees: beside the page, too small, without ink, white on nothing.

Text that is not painted at all is kept over pictures only, where programs that recognise writing put it.
"""

import ctypes
from collections.abc import Iterator
from typing import Final, NamedTuple

import pypdfium2
from pypdfium2 import raw

SMALLEST: Final = 2.0
"""Points of the larger side of a letter's box."""

_CLEAR: Final = 13
"""Of 255: how opaque ink must be."""

_WHITE: Final = 765 - 24
"""Sum of three channels from which on no eye tells a colour from white paper."""

_UNPAINTED: Final = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_FILLED: Final = (
    raw.FPDF_TEXTRENDERMODE_FILL,
    raw.FPDF_TEXTRENDERMODE_FILL_CLIP,
)

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


class _Run(NamedTuple):
    """Characters in a row that one object of a page paints; None where nothing does, as at the ends of lines."""

    painter: raw.FPDF_PAGEOBJECT | None
    start: int
    end: int


def shown_text(page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage) -> tuple[str, bool]:
    """Return the text of a page that can be seen, and whether a part of it is kept that is only recognised writing."""
    paper = page.get_bbox()
    runs = list(_runs(text))
    # what lies below is looked up only where it matters
    grounds: list[tuple[Box, bool]] | None = None
    kept: list[tuple[int, int]] = []
    recognised = False
    for run in runs:
        if run.painter is None:
            kept.append((run.start, run.end))
            continue
        mode = raw.FPDFTextObj_GetTextRenderMode(run.painter)
        ink = _ink(text, run.start)
        unpainted = mode in _UNPAINTED
        if unpainted or (mode in _FILLED and (ink[3] < _CLEAR or sum(ink[:3]) > _WHITE)):
            grounds = _grounds(page) if grounds is None else grounds
            box = text.get_charbox(run.start, loose=True)
            below = any(_within(box, ground) and (picture or not unpainted) for ground, picture in grounds)
            if not below or (ink[3] < _CLEAR and not unpainted):
                continue
            recognised = recognised or unpainted
        kept.extend(_on_paper(text, run, paper))
    if sum(end - start for start, end in kept) == text.count_chars():
        return str(text.get_text_range()), recognised
    return "".join(str(text.get_text_range(start, end - start)) for start, end in _joined(kept)), recognised


def _runs(text: pypdfium2.PdfTextPage) -> Iterator[_Run]:
    # asked once for each letter, so as numbers, which are faster than pointers
    function = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
    painter_of = function(ctypes.cast(raw.FPDFText_GetTextObject, ctypes.c_void_p).value or 0)
    place = ctypes.cast(text.raw, ctypes.c_void_p)
    before: int | None = None
    start = 0
    count = text.count_chars()
    for index in range(count):
        found = painter_of(place, index)
        if found != before:
            if index:
                yield _Run(_object(before), start, index)
            start, before = index, found
    if count:
        yield _Run(_object(before), start, count)


def _object(place: int | None) -> raw.FPDF_PAGEOBJECT | None:
    return ctypes.cast(place, raw.FPDF_PAGEOBJECT) if place else None


def _on_paper(text: pypdfium2.PdfTextPage, run: _Run, paper: Box) -> list[tuple[int, int]]:
    """Return the parts of a run that stand on the page and can be read."""
    ends = {_legible(text, run.start, paper), _legible(text, run.end - 1, paper)}
    if len(ends) == 1:
        return [(run.start, run.end)] if ends == {True} else []
    return [(index, index + 1) for index in range(run.start, run.end) if _legible(text, index, paper)]


def _legible(text: pypdfium2.PdfTextPage, index: int, paper: Box) -> bool:
    left, bottom, right, top = text.get_charbox(index, loose=True)
    if right <= left or top <= bottom:
        return True  # a font that does not tell how large it is
    if right <= paper[0] or left >= paper[2] or top <= paper[1] or bottom >= paper[3]:
        return False
    return bool(max(right - left, top - bottom) >= SMALLEST)


def _joined(parts: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    start, end = 0, 0
    for part in parts:
        if part[0] == end:
            end = part[1]
            continue
        if end > start:
            yield start, end
        start, end = part
    if end > start:
        yield start, end


def _ink(text: pypdfium2.PdfTextPage, index: int) -> tuple[int, int, int, int]:
    channels = [ctypes.c_uint() for _ in range(4)]
    if not raw.FPDFText_GetFillColor(text, index, *channels):
        return 0, 0, 0, 255
    return channels[0].value, channels[1].value, channels[2].value, channels[3].value


def _grounds(page: pypdfium2.PdfPage) -> list[tuple[Box, bool]]:
    """Return what is painted besides text and is not white, with whether it may be a picture.

    What a form holds is not told apart: it may be anything.
    """
    found: list[tuple[Box, bool]] = []
    for thing in page.get_objects(max_depth=1):
        if thing.type == raw.FPDF_PAGEOBJ_TEXT:
            continue
        if thing.type == raw.FPDF_PAGEOBJ_PATH:
            channels = [ctypes.c_uint() for _ in range(4)]
            known = raw.FPDFPageObj_GetFillColor(thing, *channels)
            filled, stroked = ctypes.c_int(), raw.FPDF_BOOL()
            raw.FPDFPath_GetDrawMode(thing, filled, stroked)
            pale = sum(channel.value for channel in channels[:3]) > _WHITE or channels[3].value < _CLEAR
            if not filled.value or (known and pale):
                continue
        found.append((thing.get_bounds(), thing.type in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM)))
    return found


def _within(box: Box, ground: Box) -> bool:
    """Return whether the middle of a box lies on a ground."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return ground[0] <= x <= ground[2] and ground[1] <= y <= ground[3]
