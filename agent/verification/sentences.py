"""Sentences of a text as exact spans.

A block is found first: a heading, a list item, a table row and a line of code are sentences of their own, and the lines
of a hard-wrapped paragraph belong together. The borders inside Latin prose are nupunkt's (Kiss and Strunk,
"Unsupervised Multilingual Sentence Boundary Detection", 2006); Chinese and Japanese mark theirs by full stops.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import nupunkt

LONGEST_SENTENCE = 1000
"""Characters after which a sentence is cut at a clause or word border."""


class Span(NamedTuple):
    """Code-point offsets into a text: ``text[start:end]``."""

    start: int
    end: int


class _Block(NamedTuple):
    start: int
    end: int
    prose: bool
    marker: int = 0


_LINE = re.compile(r"[^\n\f]+")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+\S")
_RULE = re.compile(r"[-=*_~^+#|: \t]{3,}$")
_LIST_ITEM = re.compile(r"\s*(?:[-*+\u2022\u2023\u25e6]|\(?\d{1,3}[.)]|\(?[A-Za-z]\))\s+(?=\S)")
_TABLE_ROW = re.compile(r"\s*\||.*?\S(?:\t+| {3,}| \| ?)\S")
_CODE_LINE = re.compile(
    r"(?:\t| {4})(?:\s*(?:import|from|def|class|return|elif|else)\b|.*?(?:[{}=$\\]|\w\([^)\d]|\w\(\)|;\s*$))"
)

_CJK_END = re.compile(r"[\u3002\uff01\uff1f\uff61]+[\u201d\u2019\u300d\u300f\uff09\u3011\u300b\u3009\u3015\"')\]]*")
_MAY_SPLIT = re.compile(r"[.!?\u2026][^\w\s]{0,40}\s")
"""Bounded, since a text of nothing but full stops would be read once for each of them."""
_AFTER_UNIT = re.compile(
    r"\d\s?(?:[kmc\u00b5n]?[gml]|[kmg]?[hsVAW]|t|ha|lb|oz|ft|mi|min|sec|hrs?|km/h|m/s|k[NW]h?)\.\s+(?=[A-Z\d])"
)
"""A unit that ends a sentence, which looks like an abbreviation: "weighs 2 kg. The tower"."""
_CLAUSE_BORDER = re.compile(r"[;:,](?=\s)|[\uff0c\u3001\uff1b\uff1a]")
_WORD_BORDER = re.compile(r"\s+")


def split_sentences(text: str, *, by_line: bool = False, longest: int = LONGEST_SENTENCE) -> tuple[Span, ...]:
    """Return the sentences of a text in order.

    The spans do not overlap, have no white space at either end, and together hold every character that is not white
    space. A sentence longer than ``longest`` characters is cut.

    Args:
        text: the text; lines end with a line feed, pages with a form feed.
        by_line: each line is a sentence, as in code and tables.
        longest: characters after which a sentence is cut at a clause or word border.
    """
    spans: list[Span] = []
    for block in _lines(text) if by_line else _blocks(text):
        for span in _prose(text, block) if block.prose else (_stripped(text, block.start, block.end),):
            spans.extend(_cut(text, span, longest))
    return tuple(spans)


def _lines(text: str) -> Iterator[_Block]:
    for line in _LINE.finditer(text):
        if not line[0].isspace():
            yield _Block(line.start(), line.end(), prose=False)


def _blocks(text: str) -> Iterator[_Block]:
    """Yield the blocks of a Markdown or plain text; blank ones are left out."""
    open_block: _Block | None = None
    fenced = False
    line_end = 0
    for match in _LINE.finditer(text):
        line, start, end = match[0], match.start(), match.end()
        adjacent = text[line_end:start] == "\n"
        line_end = end
        if line.isspace():
            adjacent = False
        if open_block and not adjacent:
            yield open_block
            open_block = None
        if line.isspace():
            line_end = -1
            continue
        if _RULE.match(line) and open_block and not fenced:
            # an underline or a table's separator belongs to the line above it
            yield open_block._replace(end=end)
            open_block = None
            continue
        is_fence = _FENCE.match(line) is not None
        if fenced or is_fence or _stands_alone(line):
            if open_block:
                yield open_block
            open_block = _Block(start, end, prose=False)
            fenced = fenced != is_fence
        elif item := _LIST_ITEM.match(line):
            if open_block:
                yield open_block
            open_block = _Block(start, end, prose=True, marker=item.end())
        elif open_block and open_block.prose:
            open_block = open_block._replace(end=end)
        else:
            if open_block:
                yield open_block
            open_block = _Block(start, end, prose=True)
    if open_block:
        yield open_block


def _stands_alone(line: str) -> bool:
    return any(pattern.match(line) for pattern in (_HEADING, _TABLE_ROW, _CODE_LINE))


def _prose(text: str, block: _Block) -> Iterator[Span]:
    """Yield the sentences of a paragraph or list item; a list item's marker belongs to its first sentence."""
    first = True
    for start, end in _borders(text, block.start + block.marker, block.end):
        yield _stripped(text, block.start if first else start, end)
        first = False


def _borders(text: str, start: int, end: int) -> list[tuple[int, int]]:
    pieces: list[tuple[int, int]] = []
    for piece_start, piece_end in _cjk_pieces(text, start, end):
        piece = text[piece_start:piece_end]
        spans = nupunkt.sent_spans(piece) if _MAY_SPLIT.search(piece) else [(0, len(piece))]
        for left, right in spans:
            cuts = [left, *(unit.end() for unit in _AFTER_UNIT.finditer(piece, left, right)), right]
            for one, other in pairwise(cuts):
                _add(text, pieces, piece_start + one, piece_start + other)
    return pieces


def _add(text: str, pieces: list[tuple[int, int]], start: int, end: int) -> None:
    """Append a piece, or join it to the one before where the border between them is none."""
    piece = text[start:end].strip()
    if not piece:
        return
    bare = not any(character.isalnum() for character in piece)
    # a few characters are enough to see how the piece before ends; all of it would make this quadratic
    if pieces and (bare or _goes_on(text[max(pieces[-1][0], pieces[-1][1] - 16) : pieces[-1][1]], piece)):
        pieces[-1] = (pieces[-1][0], end)
    else:
        pieces.append((start, end))


def _goes_on(before: str, piece: str) -> bool:
    """Whether a question or exclamation mark stands inside a sentence: the next word has a small letter."""
    return piece[0].islower() and before.rstrip().rstrip("\"'\u201d\u2019)]").endswith(("!", "?"))


def _cjk_pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for stop in _CJK_END.finditer(text, start, end):
        yield start, stop.end()
        start = stop.end()
    if start < end:
        yield start, end


def _stripped(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip()))


def _cut(text: str, span: Span, longest: int) -> Iterator[Span]:
    start, end = span
    while end - start > longest:
        border = _border_before(text, start, start + longest)
        yield _stripped(text, start, border)
        start = border
        while text[start].isspace():
            start += 1
    yield Span(start, end)


def _border_before(text: str, start: int, limit: int) -> int:
    """Return the last good place for a cut in the second half of a window, or its end where there is none."""
    middle = start + (limit - start) // 2
    for pattern in (_CLAUSE_BORDER, _WORD_BORDER):
        borders = [match.end() for match in pattern.finditer(text, middle, limit)]
        if borders:
            return borders[-1]
    while limit > middle and unicodedata.combining(text[limit]):
        limit -= 1
    return limit
