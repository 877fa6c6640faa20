"""Links a claim to the cells of a table: exactly, word for word, or not at all."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from agent.verification.knowledge.names import apart
from agent.verification.lexicon import STOP_WORDS
from agent.verification.tables.reading import Row, Table
from agent.verification.tables.values import NUMBER, Amount, Scale, amount_of, cell_amount, scale_of, unit_of
from agent.verification.words import stems, tokens

_REMARK = re.compile(r"[(\[]([^()\[\]]*)[)\]]|\s+in\s+(\S+(?:\s+of\s+\S+)?)\s*$")
_DECIMAL_COMMA = re.compile(r"\D{0,4}(?:\d+,(?:\d{1,2}|\d{4,})|\d{1,3}(?:\.\d{3})+,\d+)\D{0,4}")
_SEPARATED = re.compile(r"\D{0,4}\d+(?:[.,]\d+)+\D{0,4}")
_YEAR = re.compile(r"1\d{3}|20\d{2}")
_YEARS = frozenset({"year", "date"})
_FILLERS = frozenset(
    {"valu", "amount", "number", "figur", "tabl", "row", "entri", "accord", "equal", "show", "list", "give"}
)
"""Stems of words that say nothing of their own."""


class Column(NamedTuple):
    """A column that can be spoken of.

    Attributes:
        words: stems of its name, all of which a claim must have; empty where it cannot be named.
        scale: what its numbers are counted in; None where its name does not say.
        unclear: its name has a remark that is no unit, or it is not known what the dots in its numbers mean.
    """

    place: int
    name: str
    words: frozenset[str]
    scale: Scale | None
    unclear: bool


class Words(NamedTuple):
    """The words of a claim besides its numbers, as stems, with stop words."""

    stems: tuple[str, ...]
    plain: tuple[str, ...]


class Linked(NamedTuple):
    """What of a table a claim speaks of.

    Attributes:
        rows: the rows that all cells which the claim names are in; all rows where it names none.
        keys: columns of these cells.
        column: the column that the claim names; None where it names none.
        value: the number that the claim gives for it; None where it gives none.
        said: the cell of the column that the claim names, where it gives words.
        left: words of the claim that are none of the table's.
        numbers: numbers that are neither a key nor the value.
    """

    rows: tuple[Row, ...]
    keys: frozenset[int]
    column: Column | None
    value: Amount | None
    said: str
    left: tuple[str, ...]
    numbers: int


class Links:
    """A table's names, ready to be found in claims."""

    def __init__(self, table: Table) -> None:
        self.table = table
        names = [" ".join(apart(name).lower().split()) for name in table.header]
        found = [
            _column(index, name) for index, name in enumerate(table.header) if name and names.count(names[index]) == 1
        ]
        foreign = any(_DECIMAL_COMMA.fullmatch(cell) for row in table.rows for cell in row.cells)
        self.columns = tuple(
            one._replace(unclear=True) if foreign and self._is_separated(one.place) else one for one in found
        )

    def _is_separated(self, place: int) -> bool:
        """Whether a column has numbers with dots or commas, which mean something else where commas are decimal."""
        return any(_SEPARATED.fullmatch(row.cells[place]) for row in self.table.rows)

    @cached_property
    def cells(self) -> dict[tuple[str, ...], dict[int, set[int]]]:
        """Lines by column, by the words of a cell that is no number."""
        found: dict[tuple[str, ...], dict[int, set[int]]] = {}
        for row in self.table.rows:
            for place, cell in enumerate(row.cells):
                key = _words(cell).plain if cell and cell_amount(cell) is None else ()
                if key:
                    found.setdefault(key, {}).setdefault(place, set()).add(row.line)
        return found

    @cached_property
    def longest(self) -> int:
        """Words of the cell that has the most."""
        return max(map(len, self.cells), default=0)

    @cached_property
    def years(self) -> dict[str, dict[int, set[int]]]:
        """Lines by column, by the year in a column of years."""
        found: dict[str, dict[int, set[int]]] = {}
        for column in self.columns:
            cells = [row.cells[column.place] for row in self.table.rows]
            if column.words & _YEARS and all(_YEAR.fullmatch(cell) for cell in cells):
                for row in self.table.rows:
                    found.setdefault(row.cells[column.place], {}).setdefault(column.place, set()).add(row.line)
        return found

    @cached_property
    def subject(self) -> int:
        """The first column that holds names alone, which is what a row is about; -1 where there is none."""
        for place in range(len(self.table.header)):
            cells = [row.cells[place] for row in self.table.rows]
            if any(cells) and all(cell_amount(cell) is None for cell in cells):
                return place
        return -1

    def tell_apart(self, keys: frozenset[int]) -> bool:
        """Whether cells in some columns name one row, as what it is about.

        The country of a city is in one row by chance where the table has one city of it: what the row says is said of
        the city. A thing that has a row for each year is not named without the year.
        """
        if self.subject in keys:
            dated = {place for where in self.years.values() for place in where}
            return not dated or bool(dated & keys) or self._differ(frozenset({self.subject}))
        alone = self.subject >= 0 and self._differ(frozenset({self.subject}))
        return bool(keys) and not alone and self._differ(keys)

    def _differ(self, places: frozenset[int]) -> bool:
        """Whether no two rows have the same cells in some columns."""
        cells = [tuple(row.cells[place].casefold() for place in sorted(places)) for row in self.table.rows]
        return len(set(cells)) == len(cells)

    def link(self, text: str, known: frozenset[str]) -> Linked:
        """Return what a claim speaks of.

        Args:
            text: the claim, without words that compare or aggregate.
            known: stems that may be in the claim although the table has none of them, as its title.
        """
        matches = list(NUMBER.finditer(text))
        years = [match for match in matches if match["digits"] in self.years and not _marked(match)]
        amounts = [match for match in matches if match not in years]
        words = _words(_without_numbers(text, matches))
        places = tuple(self._named(words))
        columns = self._columns_in(words, places)
        column = columns[0] if len(columns) == 1 else None
        held = [(rows, index) for start, end, rows, index in places if column is None or index != column.place]
        held.extend((rows, index) for match in years for index, rows in self.years[match["digits"]].items())
        said = next(
            (" ".join(words.plain[s:e]) for s, e, _, i in places if column is not None and i == column.place), ""
        )
        covered = {at for start, end, _, _ in places for at in range(start, end)}
        spoken = {index for _, index in held} | ({column.place} if column is not None else set())
        named = frozenset(word for one in self.columns if one.place in spoken for word in one.words)
        left = tuple(
            plain
            for at, (stem, plain) in enumerate(zip(words.stems, words.plain, strict=True))
            if at not in covered and stem not in named | known | _FILLERS and plain not in STOP_WORDS
        )
        rows = (
            tuple(row for row in self.table.rows if all(row.line in one for one, _ in held))
            if held
            else self.table.rows
        )
        value = amount_of(amounts[0]) if len(amounts) == 1 else None
        more = len(amounts) - (value is not None)
        return Linked(rows, frozenset(index for _, index in held), column, value, said, left, more)

    def _named(self, words: Words) -> Iterator[tuple[int, int, set[int], int]]:
        """Yield the cells that a claim names, the longest at each place: from, to, lines and column."""
        at = 0
        while at < len(words.stems):
            for size in range(min(self.longest, len(words.plain) - at), 0, -1):
                where = self.cells.get(words.plain[at : at + size])
                if where is not None and any(word not in STOP_WORDS for word in words.plain[at : at + size]):
                    # a word that two columns have names neither
                    index = next(iter(where)) if len(where) == 1 else -1
                    yield at, at + size, where[index] if index >= 0 else set(), index
                    at += size - 1
                    break
            at += 1

    def _columns_in(self, words: Words, places: Sequence[tuple[int, int, set[int], int]]) -> list[Column]:
        """Return the columns whose whole name a claim has; one that is a part of another's name gives way to it."""
        covered = {at for start, end, _, _ in places for at in range(start, end)}
        there = {stem for at, stem in enumerate(words.stems) if at not in covered}
        found = [column for column in self.columns if column.words and column.words <= there]
        found = [one for one in found if not any(one.words < other.words for other in found)]
        # the column that keys are in may be named too: "the city of Berlin"
        keys = {index for _, _, _, index in places}
        others = [column for column in found if column.place not in keys]
        return others if len(found) > 1 and others else found


def _column(index: int, name: str) -> Column:
    remark = _REMARK.search(name)
    said = (remark[1] or remark[2] or "") if remark else ""
    scale = scale_of(said) if remark else None
    bare = name if remark is None or (scale is None and remark[1] is None) else name.replace(remark[0], " ")
    words = frozenset(stem for stem in _stems_of(apart(bare)) if stem not in STOP_WORDS)
    return Column(index, name, words, scale, remark is not None and remark[1] is not None and scale is None)


def _marked(match: re.Match[str]) -> bool:
    """Whether a number has a sign, a magnitude or a unit, so that it is no year."""
    return bool(match["sign"] or match["money"] or match["scale"] or unit_of(match["unit"] or ""))


def _without_numbers(text: str, matches: Sequence[re.Match[str]]) -> str:
    """Return a text without its numbers, their magnitudes and units; a word behind a number that is no unit stays."""
    parts, end = [], 0
    for match in matches:
        parts.append(text[end : match.start()])
        unit = match["unit"] or ""
        end = match.end() - (0 if not unit or unit_of(unit) else len(unit))
    return " ".join((*parts, text[end:]))


def _words(text: str) -> Words:
    plain = [token.text for token in tokens(text) if token.kind != "mark"]
    return Words(tuple(stems(plain)), tuple(plain))


def _stems_of(text: str) -> tuple[str, ...]:
    return _words(text).stems
