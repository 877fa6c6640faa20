"""Sabotage of documents: each changes a copy in one way, so that the check that is meant for it must fail."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from agent.domain.errors import UsageError
from agent.verification.artefacts.documents.reading import Block
from agent.verification.artefacts.documents.scenarios import (
    COUNTED,
    PLACEHOLDERS,
    Document,
    amount,
    plain,
    section_of,
)
from agent.verification.artefacts.world import TrialImpossible


def empty(document: Document, _: Mapping[str, Any]) -> Document:
    """Leave nothing in it."""
    return replace(document, blocks=())


def repeat(document: Document, given: Mapping[str, Any]) -> Document:
    """Put everything in ``times`` times, 10 unless told."""
    return replace(document, blocks=document.blocks * min(int(given.get("times", 10)), 1000))


def drop_section(document: Document, given: Mapping[str, Any]) -> Document:
    """Take out the first of ``sections``, with all under it."""
    gone = {id(block) for block in section_of(document, str(given.get("sections", [""])[0]))}
    return replace(document, blocks=tuple(block for block in document.blocks if id(block) not in gone))


def break_link(document: Document, _: Mapping[str, Any]) -> Document:
    """Put in a link to a file that is not there."""
    return _with(document, Block("text", "more", links=(("more", "nowhere-at-all.md"),)))


def drop_text(document: Document, given: Mapping[str, Any]) -> Document:
    """Take out all that has the first of ``texts``."""
    text = plain(str(given.get("texts", [""])[0]))
    kept = tuple(block for block in document.blocks if text not in plain(block.text))
    return replace(document, blocks=() if text in plain("\n".join(one.text for one in kept)) else kept)


def add_text(document: Document, given: Mapping[str, Any]) -> Document:
    """Put in the first of ``texts``, or a usual placeholder."""
    return _with(document, Block("text", str(given.get("texts", PLACEHOLDERS)[0])))


def tear_row(document: Document, _: Mapping[str, Any]) -> Document:
    """Put in a table of which one row has a cell too few."""
    return _with(document, Block("table", "a | b", rows=(("a", "b"), ("1",)), uneven=1))


def drop_all(document: Document, given: Mapping[str, Any]) -> Document:
    """Take out all of ``what``."""
    what = str(given.get("what"))
    if what not in COUNTED:
        raise UsageError(f"drop_all takes what: one of {', '.join(COUNTED)}")
    if what == "links":
        return replace(document, blocks=tuple(replace(block, links=()) for block in document.blocks))
    if what == "pictures":
        return replace(document, blocks=tuple(replace(block, pictures=()) for block in document.blocks))
    return replace(document, blocks=tuple(block for block in document.blocks if not COUNTED[what](block)))


def change_number(document: Document, given: Mapping[str, Any]) -> Document:
    """Change the number in the last row of a ``column`` of a ``table`` by something odd."""
    tables, number = document.tables, int(given.get("table", 1))
    if not 1 <= number <= len(tables):
        raise TrialImpossible(f"there is no table {number}")
    table = tables[number - 1]
    names = [plain(name.strip("*_ ")) for name in table.rows[0]]
    column = plain(str(given.get("column", "")))
    row = table.rows[-1]
    if column not in names or len(row) <= names.index(column) or amount(row[names.index(column)]) is None:
        raise TrialImpossible("there is no number to change")
    place = names.index(column)
    changed = (*row[:place], str(amount(row[place]) * 2 + 1009), *row[place + 1 :])
    spoilt = replace(table, rows=(*table.rows[:-1], changed))
    return replace(document, blocks=tuple(spoilt if block is table else block for block in document.blocks))


MUTATIONS: Final[Mapping[str, Callable[[Document, Mapping[str, Any]], Document]]] = {
    function.__name__: function
    for function in (
        empty,
        repeat,
        drop_section,
        break_link,
        drop_text,
        add_text,
        tear_row,
        drop_all,
        change_number,
    )
}


def mutated(document: Document, name: str, parameters: Mapping[str, Any]) -> Document:
    """Return a changed copy of a document.

    Raises:
        UsageError: there is no such mutation, or its parameters do not fit.
        TrialImpossible: the change cannot be made.
    """
    function = MUTATIONS.get(name)
    if function is None:
        raise UsageError(f"there is no mutation {name!r} of documents; there are {', '.join(MUTATIONS)}")
    try:
        return function(document, parameters)
    except (TypeError, ValueError, IndexError) as error:
        raise UsageError(f"the parameters of {name} do not fit: {error}") from None


def _with(document: Document, block: Block) -> Document:
    return replace(document, blocks=(*document.blocks, block))
