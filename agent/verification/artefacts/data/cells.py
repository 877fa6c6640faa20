"""What a cell of a data file holds: nothing, a number, a date, a truth value, or text."""

import math
import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

Cell = str | int | float | bool | None
"""As it was read: text of CSV and TSV files, values of JSON. None where a row lacks the column."""

Kind = Literal["blank", "nan", "boolean", "integer", "number", "date", "text"]
ColumnKind = Literal["empty", "boolean", "integer", "number", "date", "text", "mixed"]

TYPES: Final = ("integer", "number", "boolean", "date", "text")
"""What a column can be asked to hold. Integers are numbers too; dates are ISO 8601, with or without a time."""

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,400}")
_NUMBER: Final = re.compile(r"[+-]?([0-9]{1,400}(\.[0-9]{0,400})?|\.[0-9]{1,400})([eE][+-]?[0-9]{1,3})?")
_DATE: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_NAN: Final = frozenset({"nan", "NaN", "NAN", "inf", "-inf", "Infinity", "-Infinity"})
_EXACT: Final = 2**53


def kind_of(cell: Cell, *, typed: bool) -> Kind:
    """Return what a cell holds.

    Args:
        cell: the cell.
        typed: whether the format tells numbers from text, as JSON does; otherwise the text decides.
    """
    if is_blank(cell):
        return "blank"
    if isinstance(cell, bool):
        return "boolean"
    if isinstance(cell, int):
        return "integer"
    if isinstance(cell, float):
        return "number" if math.isfinite(cell) else "nan"
    text = str(cell).strip()
    if text in _NAN:
        return "nan"
    if not typed:
        if _INTEGER.fullmatch(text):
            return "integer"
        if _NUMBER.fullmatch(text):
            return "number"
        if text.lower() in ("true", "false"):
            return "boolean"
    return "date" if moment_of(text) is not None else "text"


def column_kind(kinds: Iterable[Kind]) -> ColumnKind:
    """Return what the filled cells of a column hold."""
    found = set(kinds) - {"blank", "nan"}
    if not found:
        return "empty"
    if found == {"integer", "number"}:
        return "number"
    if len(found) > 1:
        return "mixed"
    (only,) = found
    return only  # type: ignore[return-value]


def fits(cell: Cell, wanted: str, *, typed: bool) -> bool:
    """Return whether a cell holds what its column should; a blank one fits everything."""
    kind = kind_of(cell, typed=typed)
    if kind == "blank":
        return True
    if wanted == "text":
        return isinstance(cell, str)
    if wanted == "number":
        return kind in ("integer", "number")
    return kind == wanted


def is_blank(cell: Cell) -> bool:
    """Return whether a cell is missing, or has white space alone."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def number_of(cell: Cell) -> Decimal | None:
    """Return the exact number in a cell, as it is written; None where there is none."""
    if isinstance(cell, bool) or cell is None:
        return None
    text = str(cell).strip()
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def moment_of(cell: Cell) -> datetime | None:
    """Return the date or time in a cell, without its zone; None where there is none, or one that no calendar has."""
    if not isinstance(cell, str) or not _DATE.fullmatch(cell.strip()):
        return None
    text = cell.strip()
    try:
        if len(text) == len("2026-11-01"):
            return datetime.combine(date.fromisoformat(text), datetime.min.time())
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def survives(cell: Cell, *, typed: bool) -> bool:
    """Return whether a number is still the same after a program has read it as a number of its own.

    Spreadsheets and data frames read ``007`` as 7, and keep about 16 digits of a number.
    """
    number = number_of(cell)
    if number is None or (typed and isinstance(cell, str)):
        return True
    text = str(cell).strip().lstrip("+-")
    if len(text) > 1 and text[0] == "0" and text[1].isdigit():
        return False
    if _INTEGER.fullmatch(str(cell).strip()):
        return abs(number) <= _EXACT
    as_float = float(number)
    return math.isfinite(as_float) and Decimal(repr(as_float)) == number


def key_text(cell: Cell) -> str:
    """Return a cell as keys are compared: white space around it does not count, 7 is ``7``, true is ``true``."""
    if isinstance(cell, bool):
        return str(cell).lower()
    return "" if cell is None else str(cell).strip()
