"""Sabotage of data files: each changes a copy in one way, so that the check that is meant for it must fail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from agent.domain.errors import UsageError
from agent.verification.artefacts.data.cells import Cell, fits, is_blank, key_text, moment_of, number_of
from agent.verification.artefacts.data.counts import rows_where
from agent.verification.artefacts.data.reading import Table
from agent.verification.artefacts.world import TrialImpossible

CORRUPT: Final = "\ufffd corrupt \ufffd"
"""What stands in a corrupted cell: no number, no date, and the name of nothing."""

LONG_NUMBER: Final = "0123456789012345678901"

_ODD: Final = Decimal("1009.37")

_WRONG: Final[Mapping[str, Cell]] = {
    "integer": "n/a",
    "number": "n/a",
    "boolean": "maybe",
    "date": "2026-02-30",
    "text": 12345,
}


def corrupt_cell(table: Table, given: Mapping[str, Any]) -> Table:
    """Put nonsense into a cell in the middle of ``column``, or of the first column."""
    return _set(table, _column(table, given), _middle(table), CORRUPT)


def blank_cell(table: Table, given: Mapping[str, Any]) -> Table:
    """Empty a cell that is filled, in the first of ``columns`` that is there."""
    place = _any(table, given)
    for row, cells in enumerate(table.rows):
        if not is_blank(cells[place]):
            return _set(table, place, row, None if table.typed else "")
    return replace(table)


def change_type(table: Table, given: Mapping[str, Any]) -> Table:
    """Put something into a cell that its column cannot hold; ``types`` tells what it can."""
    for column, wanted in given.get("types", {}).items():
        place = table.place(column)
        wrong = _WRONG.get(wanted)
        if place is not None and not fits(wrong, wanted, typed=table.typed):
            return _set(table, place, _middle(table), wrong)
    raise TrialImpossible("there is no column in which a cell could be of a wrong type")


def push_out(table: Table, given: Mapping[str, Any]) -> Table:
    """Put a value just beyond ``greatest``, or else just below ``least``, into the middle of ``column``."""
    bound, step = (given["greatest"], 1) if given.get("greatest") is not None else (given.get("least"), -1)
    number, moment = number_of(bound), moment_of(bound)
    if number is not None:
        beyond = number + step
        value: Cell = str(beyond) if not table.typed else int(beyond) if beyond == int(beyond) else float(beyond)
    elif moment is not None:
        try:
            value = (moment + timedelta(days=step)).date().isoformat()
        except OverflowError:
            raise TrialImpossible(f"there is no day beyond {bound}") from None
    else:
        raise TrialImpossible("there is no bound to go beyond")
    return _set(table, _column(table, given), _middle(table), value)


def drop_rows(table: Table, given: Mapping[str, Any]) -> Table:
    """Leave out ``count`` rows from the middle of those ``where`` columns hold given texts; all of them without it."""
    rows = rows_where(table, given.get("where", {}))
    count = given.get("count", len(rows))
    start = max(0, (len(rows) - count) // 2)
    gone = set(rows[start : start + count])
    return replace(table, rows=tuple(row for number, row in enumerate(table.rows) if number not in gone))


def repeat_rows(table: Table, given: Mapping[str, Any]) -> Table:
    """Put the last row in ``count`` times more."""
    if not table.rows:
        raise TrialImpossible("there is no row to repeat")
    return replace(table, rows=(*table.rows, *[table.rows[-1]] * int(given.get("count", 1))))


def duplicate_key(table: Table, given: Mapping[str, Any]) -> Table:
    """Give the last row the key of the first row with another, in all of ``columns``."""
    places = [place for place in map(table.place, given.get("columns", table.header[:1])) if place is not None]
    last = len(table.rows) - 1
    if last < 1 or not places:
        raise TrialImpossible("there are no two rows with keys")
    for row in table.rows[:-1]:
        if any(key_text(row[place]) != key_text(table.rows[last][place]) for place in places):
            for place in places:
                table = _set(table, place, last, row[place])
            return table
    return replace(table)


def swap_columns(table: Table, given: Mapping[str, Any]) -> Table:
    """Exchange what two columns hold, under unchanged headers."""
    one, other = (table.place(str(given.get(name))) for name in ("first", "second"))
    if one is None or other is None or one == other:
        raise TrialImpossible("there are no two columns to swap")
    order = list(range(len(table.header)))
    order[one], order[other] = other, one
    return replace(table, rows=tuple(tuple(row[place] for place in order) for row in table.rows))


def blank_header(table: Table, given: Mapping[str, Any]) -> Table:
    """Take the name from the first of ``columns`` that is there."""
    if not any(name in table.header for name in given.get("columns", table.header)):
        return replace(table)
    place = _any(table, given)
    return replace(table, header=tuple("" if number == place else name for number, name in enumerate(table.header)))


def change_number(table: Table, given: Mapping[str, Any]) -> Table:
    """Add ``by`` to the number in the middle of ``column``; without it a half of the number and something odd.

    A round number might be just what is wrong with the file already, and the control would then repair it.
    """
    place, row = _column(table, given), _middle(table)
    number = number_of(table.rows[row][place])
    if number is None:
        raise TrialImpossible("there is no number to change")
    by = number_of(given.get("by"))
    changed = number + (abs(number) / 2 + _ODD if by is None else by)
    return _set(table, place, row, str(changed) if not table.typed else float(changed))


def unsort(table: Table, given: Mapping[str, Any]) -> Table:
    """Exchange the first row with the last one that has something else in ``column``."""
    place = _column(table, given)
    rows = list(table.rows)
    for last in range(len(rows) - 1, 0, -1):
        if key_text(rows[last][place]) != key_text(rows[0][place]):
            rows[0], rows[last] = rows[last], rows[0]
            return replace(table, rows=tuple(rows))
    raise TrialImpossible("there are no two rows that differ in it")


def long_number(table: Table, given: Mapping[str, Any]) -> Table:
    """Put a number that no spreadsheet keeps into the middle of the first of ``columns`` that is there."""
    return _set(table, _any(table, given), _middle(table), int(LONG_NUMBER) if table.typed else LONG_NUMBER)


MUTATIONS: Final[Mapping[str, Callable[[Table, Mapping[str, Any]], Table]]] = {
    function.__name__: function
    for function in (
        corrupt_cell,
        blank_cell,
        change_type,
        push_out,
        drop_rows,
        repeat_rows,
        duplicate_key,
        swap_columns,
        blank_header,
        change_number,
        unsort,
        long_number,
    )
}


def mutated(table: Table, name: str, parameters: Mapping[str, Any]) -> Table:
    """Return a changed copy of a table; an equal one where it already is what the mutation makes of it.

    Raises:
        UsageError: there is no such mutation, or its parameters do not fit.
        TrialImpossible: the change cannot be made, such as that of a column that is not there.
    """
    function = MUTATIONS.get(name)
    if function is None:
        raise UsageError(f"there is no mutation {name!r} of data files; there are {', '.join(MUTATIONS)}")
    try:
        return function(table, parameters)
    except (TypeError, ValueError, AttributeError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"the parameters of {name} do not fit: {error}") from None


def _set(table: Table, place: int, row: int, value: Cell) -> Table:
    changed = (*table.rows[row][:place], value, *table.rows[row][place + 1 :])
    return replace(table, rows=(*table.rows[:row], changed, *table.rows[row + 1 :]))


def _column(table: Table, given: Mapping[str, Any]) -> int:
    name = str(given.get("column", table.header[0]))
    place = table.place(name)
    if place is None:
        raise TrialImpossible(f"there is no column {name!r}")
    return place


def _any(table: Table, given: Mapping[str, Any]) -> int:
    wanted: Sequence[str] = given.get("columns", table.header)
    for name in wanted:
        place = table.place(name)
        if place is not None:
            return place
    raise TrialImpossible(f"there is none of the columns {', '.join(map(str, wanted))}")


def _middle(table: Table) -> int:
    if not table.rows:
        raise TrialImpossible("there is no row to change")
    return len(table.rows) // 2
