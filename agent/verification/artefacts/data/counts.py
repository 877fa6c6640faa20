"""What can be counted in data files. What cannot, such as the sum of a column with words in it, is no measurement."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from agent.verification.artefacts.data.cells import (
    Cell,
    fits,
    is_blank,
    key_text,
    moment_of,
    number_of,
    survives,
)
from agent.verification.artefacts.data.reading import Table
from agent.verification.artefacts.world import TrialImpossible

Tables = Sequence[Table]
"""The file that is tried, and after it those that it may refer to."""

Measure = Callable[[Tables, Mapping[str, Any]], Mapping[str, float]]
"""Takes the tables and a scenario's parameters, and returns everything that the scenario measures."""


def missing_columns(tables: Tables, given: Mapping[str, Any]) -> Mapping[str, float]:
    """Count columns that are asked for and missing, and those that are there and not asked for."""
    wanted, there = set(given["columns"]), set(tables[0].header)
    return {"missing": len(wanted - there), "extra": len(there - wanted)}


def wrong_cells(tables: Tables, given: Mapping[str, Any]) -> Mapping[str, float]:
    """Count cells that hold something else than their column should; blank ones are no matter of this."""
    table, wrong = tables[0], 0
    for column, wanted in given["types"].items():
        cells = _cells(table, column)
        wrong += len(table.rows) if cells is None else sum(not fits(cell, wanted, typed=table.typed) for cell in cells)
    return {"wrong_cells": wrong}


def blank_cells(tables: Tables, given: Mapping[str, Any]) -> Mapping[str, float]:
    """Count cells with nothing in them."""
    found = (_cells(tables[0], column) for column in given["columns"])
    return {"blank_cells": sum(len(tables[0].rows) if cells is None else sum(map(is_blank, cells)) for cells in found)}


def outside(tables: Tables, given: Mapping[str, Any]) -> Mapping[str, float]:
    """Count filled cells below or above a bound, and those that are no number or date at all."""
    cells = _cells(tables[0], given["column"])
    if cells is None:
        return {"outside": len(tables[0].rows)}
    least, greatest = (bound_of(given.get(name), name) for name in ("least", "greatest"))
    if least is None and greatest is None:
        raise TrialImpossible("neither a least nor a greatest value is given")
    return {"outside": sum(not _between(cell, least, greatest) for cell in cells if not is_blank(cell))}


def counted_rows(tables: Tables, given: Mapping[str, Any]) -> Mapping[str, float]:
    """Count rows, or those that hold given texts in given columns."""
    return {"rows": len(rows_where(tables[0], given.get("where", {})))}


def duplicates(tables: Tables, given: Mapping[str, Any]) -> Mapping[str, float]:
    """Count rows whose key an earlier row has already, and those with a key of which a part is blank."""
    columns = [_cells(tables[0], column) for column in given["columns"]]
    if any(cells is None for cells in columns):
        return {"duplicates": len(tables[0].rows)}
    seen: set[tuple[str, ...]] = set()
    again = 0
    for cells in zip(*(cells for cells in columns if cells is not None), strict=True):
        key = tuple(map(key_text, cells))
        again += key in seen or "" in key
        seen.add(key)
    return {"duplicates": again}


def dangling(tables: Tables, given: Mapping[str, Any]) -> Mapping[str, float]:
    """Count filled cells that stand nowhere in another column, of this file or of another."""
    table = tables[0]
    target = table if "to_file" not in given else _named(tables, given["to_file"])
    known = _cells(target, given["to_column"])
    if known is None:
        raise TrialImpossible(f"{target.name} has no column {given['to_column']!r} to refer to")
    keys = {key_text(cell) for cell in known if not is_blank(cell)}
    cells = _cells(table, given["column"])
    if cells is None:
        return {"dangling": len(table.rows)}
    return {"dangling": sum(key_text(cell) not in keys for cell in cells if not is_blank(cell))}


def total(tables: Tables, given: Mapping[str, Any]) -> Mapping[str, float]:
    """Add up a column, exactly; blank cells count nothing."""
    return {"total": float(sum(_numbers(tables[0], given["column"]), Decimal(0)))}


def rows_off(tables: Tables, given: Mapping[str, Any]) -> Mapping[str, float]:
    """Count rows in which the parts do not add up to the total, or one of them is no number."""
    table = tables[0]
    columns = [_cells(table, column) for column in (*given["parts"], given["total"])]
    if any(cells is None for cells in columns):
        return {"rows_off": len(table.rows)}
    within, off = Decimal(str(given.get("within", 0))), 0
    for cells in zip(*(cells for cells in columns if cells is not None), strict=True):
        numbers = [number for number in map(number_of, cells) if number is not None]
        off += len(numbers) < len(cells) or abs(sum(numbers[:-1], Decimal(0)) - numbers[-1]) > within
    return {"rows_off": off}


def out_of_order(tables: Tables, given: Mapping[str, Any]) -> Mapping[str, float]:
    """Count neighbours in the wrong order: as numbers or dates where all cells are, else by their characters."""
    cells = _cells(tables[0], given["column"])
    if cells is None:
        return {"out_of_order": len(tables[0].rows)}
    if any(map(is_blank, cells)):
        raise TrialImpossible(f"the column {given['column']!r} has blank cells, which have no order")
    keys = _sortable(cells)
    strict = given.get("strict", False)
    ordered = pairwise(reversed(keys) if given.get("descending", False) else keys)
    return {"out_of_order": sum(one > other or (strict and one == other) for one, other in ordered)}


def rows_reversed(tables: Tables, given: Mapping[str, Any]) -> Mapping[str, float]:
    """Count rows in which a first column is greater than a second, or either is no number or date."""
    first, second = (_cells(tables[0], given[name]) for name in ("first", "second"))
    if first is None or second is None:
        return {"rows_reversed": len(tables[0].rows)}
    wrong = 0
    for one, other in zip(first, second, strict=True):
        low, high = _amount(one), _amount(other)
        wrong += low is None or high is None or type(low) is not type(high) or low > high  # type: ignore[operator]
    return {"rows_reversed": wrong}


def lossy_cells(tables: Tables, given: Mapping[str, Any]) -> Mapping[str, float]:
    """Count numbers that are others after a spreadsheet or data frame has read and written them."""
    table = tables[0]
    found = (_cells(table, column) for column in given.get("columns", table.header))
    return {
        "lossy_cells": sum(
            len(table.rows) if cells is None else sum(not survives(cell, typed=table.typed) for cell in cells)
            for cells in found
        )
    }


def unmatched(tables: Tables, given: Mapping[str, Any]) -> Mapping[str, float]:
    """Matched in a process of its own, by ``matching.unmatched``; a pattern may take for ever."""
    raise TrialImpossible("patterns are matched in a process of their own")


def rows_where(table: Table, where: Mapping[str, str]) -> list[int]:
    """Return the numbers of the rows that hold given texts in given columns.

    Raises:
        TrialImpossible: there is no such column.
    """
    rows = list(range(len(table.rows)))
    for column, text in where.items():
        cells = _cells(table, column)
        if cells is None:
            raise TrialImpossible(f"{table.name} has no column {column!r}")
        rows = [row for row in rows if key_text(cells[row]) == text]
    return rows


def bound_of(bound: float | str | None, name: str) -> Decimal | datetime | None:
    """Return a bound as a number or date.

    Raises:
        TrialImpossible: it is neither.
    """
    if bound is None:
        return None
    amount = _amount(bound)
    if amount is None:
        raise TrialImpossible(f"{name} is neither a number nor a date: {bound!r}")
    return amount


def _between(cell: Cell, least: Decimal | datetime | None, greatest: Decimal | datetime | None) -> bool:
    amount: Any = _amount(cell)
    return all(isinstance(amount, type(bound)) for bound in (least, greatest) if bound is not None) and (
        (least is None or amount >= least) and (greatest is None or amount <= greatest)
    )


def _amount(cell: Cell) -> Decimal | datetime | None:
    number = number_of(cell)
    return number if number is not None else moment_of(cell)


def _sortable(cells: Sequence[Cell]) -> list[Any]:
    for reader in (number_of, moment_of):
        amounts = [reader(cell) for cell in cells]
        if all(amount is not None for amount in amounts):
            return amounts
    return [key_text(cell) for cell in cells]


def _cells(table: Table, column: str) -> list[Cell] | None:
    place = table.place(column)
    return None if place is None else [row[place] for row in table.rows]


def _numbers(table: Table, column: str) -> Iterable[Decimal]:
    cells = _cells(table, column)
    if cells is None:
        raise TrialImpossible(f"{table.name} has no column {column!r}")
    for number, cell in enumerate(cells, 1):
        if is_blank(cell):
            continue
        amount = number_of(cell)
        if amount is None:
            raise TrialImpossible(f"{column} of row {number} is no number")
        yield amount


def _named(tables: Tables, name: str) -> Table:
    for table in tables:
        if table.name == name:
            return table
    raise TrialImpossible(f"there is no file {name!r}; there are {', '.join(table.name for table in tables)}")
