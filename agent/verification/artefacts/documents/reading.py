"""Reading documents into blocks: Markdown and HTML here, DOCX and PDF by way of a sandbox that takes them apart."""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Final, Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from agent.verification.artefacts.world import BuildFailed
from agent.verification.words import CJK

Format = Literal["markdown", "html", "text", "docx", "pdf"]
BlockKind = Literal["heading", "text", "item", "table", "code"]

FORMATS: Final[dict[str, Format]] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".txt": "text",
    ".docx": "docx",
    ".pdf": "pdf",
}
LARGEST_BYTES: Final = 20_000_000
LARGEST_TEXT: Final = 2_000_000

_WORD: Final = re.compile(rf"[{CJK}]|[^\W_{CJK}](?:[^\W{CJK}]|['\u2019.,-](?=[^\W_{CJK}]))*")
_HEADING: Final = re.compile(r"Heading (\d)|Title")
_BAR: Final = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Block:
    """A part of a document, in order.

    Attributes:
        level: of a heading, from 1.
        rows: cells of a table, the header first.
        uneven: rows of a table with more or fewer cells than its header.
        links: text and target; ``pictures`` alt text and target.
        anchors: places that links can point to.
    """

    kind: BlockKind
    text: str
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()
    uneven: int = 0
    links: tuple[tuple[str, str], ...] = ()
    pictures: tuple[tuple[str, str], ...] = ()
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextPart:
    """A page, paragraph or table, as whoever takes a document apart names it."""

    name: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] | None = None


TakeApart = Callable[[str, bytes], Awaitable[Sequence[TextPart]]]
"""Returns the parts of a DOCX or PDF document; raises BuildFailed where it cannot be read."""


def words_of(text: str) -> int:
    """Count words; each character of Chinese and Japanese is one."""
    return len(_WORD.findall(text))


def format_of(name: str) -> Format:
    """Return the format that a name stands for.

    Raises:
        BuildFailed: it is none that is read here.
    """
    found = FORMATS.get(PurePosixPath(name).suffix.lower())
    if found is None:
        raise BuildFailed(f"{name} is no document that can be checked; write {', '.join(FORMATS)}")
    return found


def read_text(name: str, data: bytes) -> tuple[Block, ...]:
    """Return the blocks of a Markdown, HTML or plain text document; of plain text there are only paragraphs.

    Raises:
        BuildFailed: it is too large, no text, or empty.
    """
    if len(data) > LARGEST_TEXT:
        raise BuildFailed(f"{name} has {len(data):,} bytes; at most {LARGEST_TEXT:,} are checked")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BuildFailed(f"{name} is not UTF-8; save it as that") from None
    form = format_of(name)
    blocks = _with_slugs(_markdown(text)) if form == "markdown" else _html(text) if form == "html" else _text(text)
    if not blocks:
        raise BuildFailed(f"{name} is empty")
    return blocks


def blocks_of(parts: Sequence[TextPart]) -> tuple[Block, ...]:
    """Return the blocks of a document that was taken apart. Of PDF there are no headings, tables or links."""
    blocks = []
    for part in parts:
        if part.rows is not None:
            blocks.append(_table(part.rows))
        elif match := _HEADING.search(part.name):
            blocks.append(Block("heading", part.text.strip(), level=int(match[1] or 1)))
        elif part.text.strip():
            blocks.append(Block("text", part.text.strip()))
    return tuple(blocks)


def _table(rows: Sequence[Sequence[str]], links: tuple[tuple[str, str], ...] = ()) -> Block:
    kept = tuple(tuple(" ".join(cell.split()) for cell in row) for row in rows)
    uneven = sum(len(row) != len(kept[0]) for row in kept)
    return Block("table", "\n".join(" | ".join(row) for row in kept), rows=kept, uneven=uneven, links=links)


def _text(text: str) -> tuple[Block, ...]:
    parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    return tuple(Block("text", part) for part in parts if part)


def _markdown(text: str) -> tuple[Block, ...]:
    # raw HTML inside of it is text: what a reader of the source sees
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    lines = text.splitlines()
    return tuple(_blocks(parser.parse(text), lines))


def _blocks(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[Block]:
    level, items, table = 0, 0, None
    for token in tokens:
        if token.type == "table_open" and token.map:
            table = token.map
        elif token.type == "table_close" and table:
            yield _bars(lines[table[0] : table[1]], [one for one in tokens if _lies_in(one, table)])
            table = None
        elif table:
            continue
        elif token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "heading_close":
            level = 0
        elif token.type in ("list_item_open", "list_item_close"):
            items += 1 if token.nesting > 0 else -1
        elif token.type in ("fence", "code_block"):
            yield Block("code", token.content)
        elif token.type == "inline":
            links, pictures = _targets(token)
            kind: BlockKind = "heading" if level else "item" if items else "text"
            yield Block(kind, _plain(token), level=level, links=links, pictures=pictures)


def _lies_in(token: Token, place: Sequence[int]) -> bool:
    return token.type == "inline" and token.map is not None and place[0] <= token.map[0] < place[1]


def _bars(lines: Sequence[str], cells: Sequence[Token]) -> Block:
    """Return a table as its source has it: whoever renders it leaves out cells that are too many, in silence."""
    rows = [
        tuple(cell.strip().replace("\\|", "|") for cell in _BAR.split(line.strip().removeprefix("|").removesuffix("|")))
        for line in (lines[0], *lines[2:])
        if line.strip()
    ]
    return _table(rows, tuple(link for cell in cells for link in _targets(cell)[0]))


def _targets(inline: Token) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    links, pictures, at = [], [], ""
    said: list[str] = []
    for child in inline.children or ():
        if child.type == "link_open":
            at, said = str(child.attrGet("href") or ""), []
        elif child.type == "link_close":
            links.append(("".join(said), at))
        elif child.type == "image":
            pictures.append((child.content, str(child.attrGet("src") or "")))
        else:
            said.append(child.content)
    return tuple(links), tuple(pictures)


def _plain(inline: Token) -> str:
    parts = [" " if child.type.endswith("break") else child.content for child in inline.children or ()]
    return "".join(parts)


def _with_slugs(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return blocks with the anchors that Markdown viewers give to headings."""
    seen: dict[str, int] = {}
    out = []
    for block in blocks:
        if block.kind == "heading":
            slug = re.sub(r"[^\w\- ]", "", block.text.strip().lower()).replace(" ", "-")
            times = seen.get(slug, 0)
            seen[slug] = times + 1
            out.append(replace(block, anchors=(slug if not times else f"{slug}-{times}",)))
        else:
            out.append(block)
    return tuple(out)


class _Reader(HTMLParser):
    """Collects the blocks of an HTML document; scripts and styles are left out."""

    _BREAKS: Final = frozenset(
        ("p", "div", "section", "article", "header", "footer", "main", "nav", "ul", "ol", "li", "dl", "dt", "dd", "pre")
    ) | {"blockquote"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._links: list[tuple[str, str]] = []
        self._pictures: list[tuple[str, str]] = []
        self._anchors: list[str] = []
        self._level = 0
        self._item = False
        self._link: tuple[str, int] | None = None
        self._rows: list[list[str]] | None = None
        self._cell = False
        self._hidden = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        breaks = tag in self._BREAKS or tag == "table" or (tag[0] == "h" and tag[1:].isdigit())
        if breaks:
            self._end()
        self._anchors += [given[name] for name in ("id", "name") if given.get(name)]
        if tag in ("script", "style", "title", "template"):
            self._hidden = tag
        elif tag == "table":
            self._rows = []
        elif tag == "tr" and self._rows is not None:
            self._end_cell()
            self._rows.append([])
        elif tag in ("td", "th") and self._rows:
            self._end_cell()
            self._cell, self._text = True, []
        elif breaks:
            self._level = int(tag[1:]) if tag[1:].isdigit() else 0
            self._item = tag == "li"
        elif tag == "a" and "href" in given:
            self._link = given["href"], len(self._text)
        elif tag == "img":
            self._pictures.append((given.get("alt", ""), given.get("src", "")))
        elif tag == "br":
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""
        elif tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._rows is not None:
            self._end_cell()
            if self._rows:
                table = _table([row for row in self._rows if row] or [[]], tuple(self._links))
                self.blocks.append(replace(table, anchors=tuple(self._anchors), pictures=tuple(self._pictures)))
                self._links, self._anchors, self._pictures = [], [], []
            self._rows = None
        elif tag == "a" and self._link is not None:
            href, start = self._link
            self._links.append(("".join(self._text[start:]).strip(), href))
            self._link = None
        elif tag in self._BREAKS or (tag[0] == "h" and tag[1:].isdigit()):
            self._end()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._text.append(data)

    def _end_cell(self) -> None:
        # its end need not be written
        if self._cell and self._rows:
            self._rows[-1].append("".join(self._text))
            self._cell, self._text = False, []

    def _end(self) -> None:
        if self._rows is not None:
            return
        text = " ".join("".join(self._text).split())
        if text or self._pictures or self._links or self._anchors:
            kind: BlockKind = "heading" if self._level else "item" if self._item else "text"
            links, pictures, anchors = tuple(self._links), tuple(self._pictures), tuple(self._anchors)
            self.blocks.append(Block(kind, text, self._level, links=links, pictures=pictures, anchors=anchors))
        self._text, self._links, self._pictures, self._anchors = [], [], [], []
        self._level, self._item = 0, False


def _html(text: str) -> tuple[Block, ...]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.handle_endtag("p")
    return tuple(block for block in reader.blocks if block.text or block.pictures or block.links or block.anchors)
