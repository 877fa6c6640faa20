"""The text of a tree of elements: every word that is shown, in order, with the places of links and anchors in it.

Paragraphs and headings are lines of their own with an empty line between them, code stays line by line, a row of a
table is a line with bars between its cells.
"""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml import etree

from toolserver.browsing.hidden import INVISIBLE
from toolserver.browsing.names import names

BLOCKS: Final = names(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup p pre search "
    "section summary table tbody td tfoot th thead tr ul caption"
)
PARAGRAPHS: Final = names("p h1 h2 h3 h4 h5 h6 pre blockquote table dl ul ol figure hr dt section article")
"""Blocks with an empty line before and after them."""

CONTROLS: Final = names("select option input textarea button progress meter")
"""Elements that are handled, not read."""

LISTED_CHARACTERS: Final = 500_000
"""Characters of all links and anchors of a page together; those that come after are not told."""

LONGEST_ANCHOR: Final = 200
"""Characters of an anchor's name; no address points to longer ones."""

ENDLESS: Final = 20_000
"""Characters of one text from which on it is cut where the page ends, and not left out as a whole."""

_SPACE: Final = re.compile(r"[ \t\n\r\f]+")
_MARKS: Final = frozenset(["¶", "#", "§", "🔗", "⚓", "[link]", "permalink"])
"""Texts of links beside headings that point at the heading itself."""


@dataclass
class Block:
    """A line or paragraph of a rendered text and the element it is from."""

    element: etree._Element
    start: int
    end: int


@dataclass
class Rendered:
    """The text of a tree.

    Attributes:
        links: text, address and offset.
        anchors: name and offset.
        blocks: where each innermost block stands.
        cut: there would have been more.
    """

    text: str
    links: list[tuple[str, str, int]]
    anchors: list[tuple[str, int]]
    blocks: list[Block]
    cut: bool


@dataclass
class _Writer:
    """Puts text together; white space is written only once something follows it."""

    longest: int
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    breaks: int = 0
    space: bool = False
    prefix: str = ""
    waiting: list[str] = field(default_factory=list)
    anchors: list[tuple[str, int]] = field(default_factory=list)
    full: bool = False

    def _put(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def line(self, empty: int = 0) -> None:
        """End the line, with empty lines after it."""
        self.breaks = max(self.breaks, 1 + empty)
        self.space = False

    def begin(self) -> int:
        """Write what waits before a text that comes now and return the text's offset."""
        if self.length and self.breaks:
            self._put("\n" * self.breaks)
        elif self.length and self.space:
            self._put(" ")
        self.breaks, self.space = 0, False
        if self.prefix:
            self._put(self.prefix)
            self.prefix = ""
        for name in self.waiting:
            self.anchors.append((name, self.length))
        self.waiting.clear()
        return self.length

    def words(self, text: str) -> None:
        """Write text in which runs of white space are one space."""
        text = _SPACE.sub(" ", INVISIBLE.sub("", text))
        if text.startswith(" "):
            self.space = True
        body = self._fitting(text.strip(" "))
        if not body:
            return
        self.begin()
        self._put(body)
        self.space = text.endswith(" ")

    def verbatim(self, text: str) -> None:
        """Write text as it is, line by line."""
        text = self._fitting(INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", ""))
        if not text:
            return
        self.begin()
        self._put(text)

    def _fitting(self, text: str) -> str:
        """Return a text if there is room for it, nothing once it was too much; of an endless one its beginning."""
        left = 0 if self.full else max(self.longest - self.length, 0)
        self.full = self.full or len(text) > left
        return text[:left] if len(text) <= left or len(text) > ENDLESS else ""


def render(root: etree._Element, base: str, *, skip: frozenset[etree._Element], longest: int, links: int) -> Rendered:
    """Return the text of a tree.

    Args:
        root: the tree; hidden elements are already taken out of it.
        base: address that links are relative to.
        skip: elements that are left out.
        longest: characters at which the text ends.
        links: how many links and anchors are told, as far as ``LISTED_CHARACTERS`` are enough for them.
    """
    writer = _Writer(longest)
    state = _State(writer, base, links)
    # not by recursion: pages nest as deep as they like
    skipping: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if skipping is not None:
            if event == "end" and element is skipping:
                skipping = None
                state.tail(element, root)
            continue
        if event == "start":
            if element in skip or element.tag in CONTROLS or _is_mark(element):
                skipping = element
                continue
            state.start(element)
        else:
            state.end(element)
            state.tail(element, root)
        if writer.full:
            break
    for name in writer.waiting:
        writer.anchors.append((name, writer.length))
    # the end of code may have been taken off after an anchor in it was met
    anchors = [(name, min(offset, writer.length)) for name, offset in writer.anchors[:links]]
    return Rendered("".join(writer.pieces), state.links, anchors, state.blocks, writer.full)


class _State:
    """Where in a tree its reader is."""

    def __init__(self, writer: _Writer, base: str, most: int) -> None:
        self._writer = writer
        self._base = base
        self._most = most
        self._left = LISTED_CHARACTERS
        self._verbatim = 0
        self._rows: list[bool] = []
        self._open: list[tuple[str, int, int]] = []
        self._block: tuple[etree._Element, int] | None = None
        self.links: list[tuple[str, str, int]] = []
        self.blocks: list[Block] = []

    def start(self, element: etree._Element) -> None:
        """Enter an element."""
        tag, writer = element.tag, self._writer
        if tag in BLOCKS and not self._in_row:
            self._end_block()
            writer.line(1 if tag in PARAGRAPHS and not _tight(element) else 0)
            self._block = (element, writer.length)
        for name in dict.fromkeys(filter(None, (element.get("id"), element.get("name") if tag == "a" else None))):
            few = len(writer.anchors) + len(writer.waiting) < self._most
            if few and len(name) <= LONGEST_ANCHOR and self._afford(len(name)):
                writer.waiting.append(name)
        if tag == "table":
            self._rows.append(_is_data(element))
        elif tag in ("td", "th") and self._in_row:
            before = element.getprevious()
            if before is not None:
                writer.words(" | ")
        elif tag == "li" and not self._in_row:
            writer.prefix = "- "
        elif tag == "br":
            if self._in_row:
                writer.words(" ")
            elif self._verbatim:
                writer.verbatim("\n")
            else:
                writer.line()
        elif tag in BLOCKS and self._in_row and tag != "tr":
            writer.words(" ")
        if tag == "tr" and self._rows and self._rows[-1]:
            self._end_block()
            writer.line()
            self._block = (element, writer.length)
        if tag == "pre":
            self._verbatim += 1
        if tag == "a" and element.get("href"):
            self._open.append((element.get("href", ""), writer.length, len(writer.pieces)))
        self._text(element.text)

    def end(self, element: etree._Element) -> None:
        """Leave an element."""
        tag, writer = element.tag, self._writer
        if tag == "a" and element.get("href") and self._open:
            self._link(*self._open.pop())
        if tag == "pre":
            self._verbatim -= 1
            self._trim()
        if tag == "table" and self._rows:
            self._rows.pop()
        if tag in BLOCKS and not self._in_row:
            self._end_block()
            writer.line(1 if tag in PARAGRAPHS and not _tight(element) else 0)
        if tag == "li":
            writer.prefix = ""

    def tail(self, element: etree._Element, root: etree._Element) -> None:
        """Read the text after an element."""
        if element is not root:
            self._text(element.tail)

    @property
    def _in_row(self) -> bool:
        return bool(self._rows) and self._rows[-1]

    def _text(self, text: str | None) -> None:
        if not text:
            return
        if self._verbatim and not self._in_row:
            self._writer.verbatim(text)
        else:
            self._writer.words(text)

    def _trim(self) -> None:
        """Take white space off the end of code that has just been read."""
        writer = self._writer
        while writer.pieces and not writer.pieces[-1].rstrip(" \n\t"):
            writer.length -= len(writer.pieces.pop())
        if writer.pieces:
            last = writer.pieces[-1].rstrip(" \n\t")
            writer.length -= len(writer.pieces[-1]) - len(last)
            writer.pieces[-1] = last

    def _end_block(self) -> None:
        if self._block is not None and self._writer.length > self._block[1]:
            self.blocks.append(Block(self._block[0], self._block[1], self._writer.length))
        self._block = None

    def _link(self, href: str, start: int, first: int) -> None:
        # pieces are taken off only at the end of code, which may lie inside of a link
        text = "".join(self._writer.pieces[first:])
        if not text.strip() or len(self.links) >= self._most:
            return
        url = absolute(self._base, href)
        if url:
            lead = len(text) - len(text.lstrip())
            if text[lead:].startswith("- "):
                lead += 2
            said = " ".join(text[lead:].split())[:200]
            if self._afford(len(said) + len(url)):
                self.links.append((said, url, start + lead))

    def _afford(self, characters: int) -> bool:
        """Return whether so much more may be told of links and anchors, and count it."""
        if characters > self._left:
            return False
        self._left -= characters
        return True


def absolute(base: str, href: str) -> str:
    """Return the whole address of a link; empty where it is none of the web."""
    try:
        url = urljoin(base, href.strip())
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.hostname and len(url) <= 8000 else ""
    except ValueError:
        return ""


def _tight(element: etree._Element) -> bool:
    """Return whether a block stands close to what surrounds it, as paragraphs of list items and cells do."""
    parent = element.getparent()
    if parent is None or parent.tag not in ("li", "dd", "td", "th", "dt"):
        return False
    return element.tag in ("p", "ul", "ol") and element.getprevious() is None


def _is_data(table: etree._Element) -> bool:
    """Return whether a table holds rows of data, and not the layout of a page."""
    if table.get("role") in ("presentation", "none") or next(table.iterdescendants("table", "pre"), None) is not None:
        return False
    widest, longest = 0, 0
    for row in table.iterdescendants("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        widest = max(widest, len(cells))
        longest = max([longest, *(len("".join(cell.itertext())) for cell in cells)])
    return widest > 1 and longest <= 2000


def _is_mark(element: etree._Element) -> bool:
    if element.tag != "a" or len(element) or not element.get("href", "").startswith("#"):
        return False
    return (element.text or "").strip().lower() in _MARKS
