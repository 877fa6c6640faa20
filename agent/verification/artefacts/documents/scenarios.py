"""What can be tried with a document: its sections, length, links, tables and sums, and what must not stand in it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote

from agent.domain.artefacts import Mutation
from agent.verification.artefacts.data.cells import number_of
from agent.verification.artefacts.data.counts import rows_off
from agent.verification.artefacts.data.reading import Table
from agent.verification.artefacts.documents.reading import Block, Format, words_of
from agent.verification.artefacts.world import TrialImpossible

PLACEHOLDERS: Final = (
    "lorem ipsum",
    "todo",
    "tbd",
    "fixme",
    "xxx",
    "[insert",
    "[your",
    "to be written",
    "待补充",
    "占位",
)


@dataclass(frozen=True)
class Document:
    """A document that was read.

    Attributes:
        others: paths of files that it may refer to.
        data: the file as it is handed over.
    """

    name: str
    format: Format
    blocks: tuple[Block, ...]
    others: tuple[str, ...]
    data: bytes

    @property
    def text(self) -> str:
        """All that can be read, a line for each block."""
        return "\n".join(block.text for block in self.blocks)

    @property
    def tables(self) -> tuple[Block, ...]:
        """Its tables, in order."""
        return tuple(block for block in self.blocks if block.kind == "table")


Measured = tuple[float | None, str]
"""A value, and what was found, in one line; None where there was nothing to measure."""


@dataclass(frozen=True)
class DocumentScenario:
    """One scenario of documents. Implements ``ScenarioTemplate``."""

    name: str
    description: str
    measures: Mapping[str, str]
    parameters: Mapping[str, Any]
    control: Mutation
    reads: Callable[[Document, Mapping[str, Any]], Measured]


def missing_sections(document: Document, given: Mapping[str, Any]) -> Measured:
    """Count the sections that no heading names, or under which nothing stands."""
    found = [section for section in given["sections"] if words_of(_body(section_of(document, section))) == 0]
    return _counted(found)


def words(document: Document, given: Mapping[str, Any]) -> Measured:
    """Count the words of a document or of one section; code counts too."""
    blocks = section_of(document, given["section"]) if "section" in given else document.blocks
    count = sum(words_of(block.text) for block in blocks)
    return float(count), f"{count} words"


def broken_links(document: Document, given: Mapping[str, Any]) -> Measured:
    """Count links and pictures that lead to no place of the document and to no file beside it."""
    del given
    anchors = {anchor for block in document.blocks for anchor in block.anchors}
    targets = [target for block in document.blocks for _, target in (*block.links, *block.pictures)]
    known = {*document.others, PurePosixPath(document.name).name, document.name}
    broken = [target or "(nothing)" for target in targets if not _leads(target, anchors, known)]
    value, detail = _counted(broken)
    return value, f"{detail}, of {len(targets)}; other sites are not followed"


def missing_texts(document: Document, given: Mapping[str, Any]) -> Measured:
    """Count the texts that stand nowhere in it, whatever their case."""
    text = plain(document.text)
    return _counted(one for one in given["texts"] if plain(one) not in text)


def placeholders(document: Document, given: Mapping[str, Any]) -> Measured:
    """Count what was left to be written: the usual placeholders, or the texts that are given. Code does not count."""
    text = plain("\n".join(block.text for block in document.blocks if block.kind != "code"))
    wanted = [plain(one) for one in given.get("texts", PLACEHOLDERS)]
    return _counted(one for one in wanted if holds_word(text, one))


def uneven_rows(document: Document, given: Mapping[str, Any]) -> Measured:
    """Count rows of tables with more or fewer cells than the header."""
    del given
    uneven = sum(table.uneven for table in document.tables)
    return float(uneven), f"{uneven} rows of {len(document.tables)} tables"


def counted(document: Document, given: Mapping[str, Any]) -> Measured:
    """Count tables, pictures, links, headings, code blocks or list items."""
    count = sum(COUNTED[given["what"]](block) for block in document.blocks)
    return float(count), f"{count} {given['what']}"


def sum_off(document: Document, given: Mapping[str, Any]) -> Measured:
    """Return by how much the last row of a column differs from the sum of the rows above it."""
    table, place = _column(document, given["table"], given["column"])
    numbers = [(row, amount(row[place]) if place < len(row) else None) for row in table.rows[1:]]
    wrong = [row for row, number in numbers if number is None]
    if wrong or len(numbers) < 2:
        raise TrialImpossible(f"{given['column']} has cells without a number, or no row above its sum")
    values = [number for _, number in numbers if number is not None]
    off = abs(float(sum(values[:-1]) - values[-1]))
    return off, f"{sum(values[:-1])} above {values[-1]}"


def rows_that_are_off(document: Document, given: Mapping[str, Any]) -> Measured:
    """Count rows of a table whose parts do not add up to their total; as in data files."""
    table, _ = _column(document, given["table"], given["total"])
    width = len(table.rows[0])
    rows = tuple(tuple(_number_text(cell) for cell in (*row, *[""] * width)[:width]) for row in table.rows[1:])
    data = Table(document.name, "csv", "utf-8", table.rows[0], rows)
    off = rows_off((data,), given)["rows_off"]
    return float(off), f"{off:g} of {len(rows)} rows"


def section_of(document: Document, section: str) -> tuple[Block, ...]:
    """Return a heading that contains a text, and all that stands under it; nothing where there is none."""
    for start, block in enumerate(document.blocks):
        if block.kind == "heading" and plain(section) in plain(block.text):
            rest = document.blocks[start + 1 :]
            after = (place for place, one in enumerate(rest) if one.kind == "heading" and one.level <= block.level)
            return document.blocks[start : start + 1 + next(after, len(rest))]
    return ()


def plain(text: str) -> str:
    """Return a text as it is compared."""
    return " ".join(text.split()).casefold()


def holds_word(text: str, word: str) -> bool:
    """Return whether a text has a word that is no part of a longer one."""
    at = text.find(word)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
        latin = word[0].isascii()
        if not latin or not ((before.isalnum() and word[0].isalnum()) or (after.isalnum() and word[-1].isalnum())):
            return True
        at = text.find(word, at + 1)
    return False


def amount(cell: str) -> Any:
    """Return the number in a cell, whatever currency, percent sign or separators of thousands stand with it."""
    return number_of(_number_text(cell))


def _number_text(cell: str) -> str:
    kept = "".join(sign for sign in cell if sign not in "*_` \u00a0\u202f%$€£¥")
    return kept.replace(",", "") if "." in kept or kept.count(",") == kept.replace("-", "").count(",") else kept


def _column(document: Document, number: int, column: str) -> tuple[Block, int]:
    tables = document.tables
    if number > len(tables) or not tables[number - 1].rows:
        raise TrialImpossible(f"there is no table {number}; there are {len(tables)}")
    table = tables[number - 1]
    names = [plain(name.strip("*_ ")) for name in table.rows[0]]
    if plain(column) not in names:
        raise TrialImpossible(f"table {number} has no column {column!r}; it has {', '.join(table.rows[0])[:150]}")
    return table, names.index(plain(column))


def _leads(target: str, anchors: set[str], known: set[str]) -> bool:
    if target.startswith(("http://", "https://", "mailto:", "tel:")):
        return "." in target or "@" in target or "localhost" in target
    path, _, fragment = unquote(target).partition("#")
    path = path.removeprefix("./")
    if not path:
        return bool(fragment) and fragment in anchors
    return path in known


def _body(blocks: Sequence[Block]) -> str:
    return "\n".join(block.text for block in blocks[1:] if block.kind != "heading")


def _counted(found: Iterable[str]) -> Measured:
    listed = list(found)
    return float(len(listed)), "; ".join(listed[:5]) or "none"


COUNTED: Final[Mapping[str, Callable[[Block], int]]] = {
    "headings": lambda block: block.kind == "heading",
    "tables": lambda block: block.kind == "table",
    "code_blocks": lambda block: block.kind == "code",
    "list_items": lambda block: block.kind == "item",
    "links": lambda block: len(block.links),
    "pictures": lambda block: len(block.pictures),
}

_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 1000}
_LIST: Final = {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": 100}
_TABLE: Final = {"type": "integer", "minimum": 1, "maximum": 1000, "description": "which table, from 1"}


def _scenario(
    reads: Callable[[Document, Mapping[str, Any]], Measured],
    name: str,
    measure: str,
    description: str,
    required: Mapping[str, Any],
    control: Mutation,
    **optional: Any,
) -> DocumentScenario:
    parameters = {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }
    return DocumentScenario(name, description, {measure: ""}, parameters, control, reads)


def _control(name: str, **parameters: Any) -> Mutation:
    return Mutation(name=name, parameters=parameters)


SCENARIOS: Final = (
    _scenario(
        missing_sections,
        "has_sections",
        "missing",
        "which sections there are, with something under their heading",
        {"sections": _LIST},
        _control("drop_section", sections="$sections"),
    ),
    _scenario(
        words,
        "words",
        "words",
        "how long it is, or one section; a bound from above needs the control repeat",
        {},
        _control("empty"),
        section=_TEXT,
    ),
    _scenario(
        broken_links,
        "links",
        "broken_links",
        "where links and pictures lead: places of the document, and files beside it",
        {},
        _control("break_link"),
    ),
    _scenario(
        missing_texts,
        "mentions",
        "missing_texts",
        "what it says, in these words",
        {"texts": _LIST},
        _control("drop_text", texts="$texts"),
    ),
    _scenario(
        placeholders,
        "finished",
        "placeholders",
        "that nothing was left to be written, such as TODO or lorem ipsum",
        {},
        _control("add_text", texts="$texts"),
        texts=_LIST,
    ),
    _scenario(
        uneven_rows,
        "tables",
        "uneven_rows",
        "that rows of tables have the cells of the header",
        {},
        _control("tear_row"),
    ),
    _scenario(
        counted,
        "counts",
        "count",
        "how many there are of something",
        {"what": {"enum": list(COUNTED)}},
        _control("drop_all", what="$what"),
    ),
    _scenario(
        sum_off,
        "column_sum",
        "off",
        "that the last row of a table is the sum of those above it",
        {"table": _TABLE, "column": _TEXT},
        _control("change_number", table="$table", column="$column"),
    ),
    _scenario(
        rows_that_are_off,
        "row_sums",
        "rows_off",
        "that in each row of a table the parts add up to the total",
        {"table": _TABLE, "parts": _LIST, "total": _TEXT},
        _control("change_number", table="$table", column="$total"),
    ),
)  # fmt: skip
