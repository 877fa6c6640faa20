"""Read the files of a workspace: list them, describe a table, answer a typed query over it.

This file is sent to the sandbox as it is, with one line added that calls one of its functions.
"""

import csv
import io
import json
import re
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

MAX_FILES = 40
MAX_BYTES = 20_000_000
DISTINCT = 12
MAX_OUTPUT = 12_000
"""Longer outputs of a program are cut by the ToolServer."""

NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
UNIT = re.compile(r"[^\W\d_]+|[%$\u20ac\u00a3]")
DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2})?(?:[T ]\d{2}:\d{2}(?::\d{2})?)?")

Row = dict[str, str]


def listing(asked: list[str]) -> list[dict[str, Any]]:
    """Return the files with their kind, a line about what is in them, and which of the asked words they have."""
    found: list[dict[str, Any]] = []
    for path in sorted(Path().rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.parts) and len(found) < MAX_FILES:
            found.append({"path": path.as_posix(), **_sketch(path, asked)})
    return found


def _sketch(path: Path, asked: list[str]) -> dict[str, Any]:
    try:
        rows = load(path.as_posix())
        content = path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, ValueError, OSError):
        return {"kind": "other", "about": "not readable as text", "has": []}
    # a word counts where another one begins with it, so that a stem finds its forms
    known = re.sub(r"[\W_]+", " ", f" {path.as_posix()} {content}".casefold())
    has = [word for word in asked if f" {word}" in known]
    if rows is not None:
        return {"kind": "table", "about": ", ".join(rows[0]) if rows else "no rows", "has": has}
    return {"kind": "text", "about": " ".join(content.split())[:240], "has": has}


def text(path: str) -> str:
    """Return the text of a file, of a long one the beginning."""
    return Path(path).read_text(encoding="utf-8-sig")[: MAX_OUTPUT // 2]


def load(path: str) -> list[Row] | None:
    """Return the rows of a table file as texts, or None for a file that is no table.

    Tables are CSV and its relatives, JSON with a list of objects somewhere on top, JSON lines, and log files, whose
    one column is called ``line``.
    """
    file = Path(path)
    if file.stat().st_size > MAX_BYTES:
        raise ValueError("the file is too large")
    suffix = file.suffix.lower()
    if suffix not in (".csv", ".tsv", ".json", ".jsonl", ".log"):
        return None
    content = file.read_text(encoding="utf-8-sig")
    if suffix == ".log":
        return [{"line": line} for line in content.splitlines() if line.strip()]
    if suffix == ".json":
        return _records(json.loads(content))
    if suffix == ".jsonl":
        return _records([json.loads(line) for line in content.splitlines() if line.strip()])
    delimiter = _delimiter(content.split("\n", 1)[0])
    table = [row for row in csv.reader(io.StringIO(content), delimiter=delimiter) if any(cell.strip() for cell in row)]
    if not table:
        return []
    header = [name.strip() or f"column {number}" for number, name in enumerate(table[0], 1)]
    return [dict(zip(header, (cell.strip() for cell in [*row, *[""] * len(header)]))) for row in table[1:]]  # noqa: B905


def _records(data: object) -> list[Row] | None:
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
        data = max(lists, key=len, default=None)
    if not isinstance(data, list) or not data or not all(isinstance(item, dict) for item in data):
        return None
    names = list(dict.fromkeys(name for item in data for name in _flat(item)))
    return [{name: _flat(item).get(name, "") for name in names} for item in data]


def _flat(item: dict[str, Any], prefix: str = "") -> Row:
    flat: Row = {}
    for name, value in item.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = _plain(value)
    return flat


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def number(text: str) -> float | None:
    """Return the number a cell holds: currency signs, thousands separators and one unit beside it do not matter."""
    bare = re.sub(r"^[$\u20ac\u00a3]\s*|\s*(?:%|[^\W\d_]{1,12}|[$\u20ac\u00a3])$", "", text.strip())
    return float(bare.replace(",", "")) if NUMBER.fullmatch(bare) else None


def profile(path: str, question: str) -> dict[str, Any]:
    """Return what a table has: its size, repeated rows, and type, range and values of each column.

    Values that the question mentions are named even where a column has too many to name them all.
    """
    rows = load(path) or []
    names = list(rows[0]) if rows else []
    whole = [tuple(row.values()) for row in rows]
    columns = [_column(name, [row[name] for row in rows], question.casefold()) for name in names]
    if len(json.dumps(columns)) > MAX_OUTPUT:
        columns = [{**column, "values": []} for column in columns]
    return {"rows": len(rows), "repeated": len(whole) - len(set(whole)), "columns": columns}


def _delimiter(first: str) -> str:
    return max("\t;,|", key=lambda sign: (first.count(sign), sign == ","))


def _column(name: str, cells: list[str], question: str) -> dict[str, Any]:
    filled = [cell for cell in cells if cell]
    distinct = list(dict.fromkeys(filled))
    numbers = [value for cell in filled if (value := number(cell)) is not None]
    kind = "text"
    if filled and len(numbers) == len(filled):
        kind = "number"
    elif filled and all(DATE.fullmatch(cell) for cell in filled):
        kind = "date"
    ends = []
    if kind == "number":
        ends = [min(filled, key=_order), max(filled, key=_order)]
    elif kind == "date":
        ends = [min(filled), max(filled)]
    return {
        "name": name,
        "kind": kind,
        "blanks": len(cells) - len(filled),
        "values": [cell[:60] for cell in distinct] if len(distinct) <= DISTINCT else [],
        "mentioned": [cell for cell in distinct if kind == "text" and _mentions(question, cell)][:8],
        "distinct": len(distinct),
        "ends": ends,
        "units": sorted({unit[0] for cell in filled if (unit := UNIT.search(cell))}) if kind == "number" else [],
    }


def _mentions(question: str, cell: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(cell.casefold())}(?:s|es)?(?!\w)", question) is not None


def typed(path: str) -> list[dict[str, Any]]:
    """Return the rows with numbers as numbers and blank cells as None, for a program that a model writes."""
    rows = load(path) or []
    names = list(rows[0]) if rows else []
    numeric = {
        name
        for name in names
        if any(row[name] for row in rows) and all(number(row[name]) is not None for row in rows if row[name])
    }
    return [{name: number(cell) if name in numeric else cell or None for name, cell in row.items()} for row in rows]


def _order(cell: str) -> float:
    return number(cell) or 0.0


def query(path: str, spec: dict[str, Any]) -> dict[str, Any]:
    """Return the value of a typed query, how many rows it used, and whether another row or group ties with it."""
    rows = [row for row in load(path) or [] if all(_passes(row, test) for test in spec["tests"])]
    total = len(load(path) or [])
    operation, column = spec["operation"], spec["column"]
    if operation == "count":
        return {"value": len(rows), "used": len(rows), "tie": False}
    if operation == "percent":
        return {"value": 100 * len(rows) / total, "used": len(rows), "tie": False}
    if operation == "distinct":
        return {"value": len({row[column] for row in rows if row[column]}), "used": len(rows), "tie": False}
    if operation in ("largest", "smallest"):
        return _extreme(rows, spec)
    values = [value for row in rows if (value := _value(row, spec)) is not None]
    if not values:
        return {"value": None, "used": 0, "tie": False}
    functions: dict[str, Callable[[list[float]], float]] = {
        "sum": sum,
        "average": statistics.fmean,
        "median": statistics.median,
        "minimum": min,
        "maximum": max,
    }
    return {"value": functions[operation](values), "used": len(values), "tie": False}


def _value(row: Row, spec: dict[str, Any]) -> float | None:
    value = number(row[spec["column"]])
    if spec["times"] == "none" or value is None:
        return value
    factor = number(row[spec["times"]])
    return None if factor is None else value * factor


def _extreme(rows: list[Row], spec: dict[str, Any]) -> dict[str, Any]:
    """Return the row's or group's name with the largest or smallest value; groups are compared by their sums."""
    label, column = spec["label"], spec["column"]
    measured: dict[str, Any] = {}
    for position, row in enumerate(rows):
        # without a column, the rows of a group are counted
        value: float | str | None = 1.0 if column == "none" else _value(row, spec)
        if value is None:
            value = row[column] if column != "none" and DATE.fullmatch(row[column]) else None
        if value is None:
            continue
        key = row[label] if spec["grouped"] else f"{position}\0{row[label]}"
        before = measured.get(key, 0.0)
        numbers = isinstance(value, float) and isinstance(before, float)
        measured[key] = before + value if spec["grouped"] and numbers else value
    if not measured or len({type(value) for value in measured.values()}) > 1:
        return {"value": None, "used": 0, "tie": False}
    pick = max if spec["operation"] == "largest" else min
    best = pick(measured.values())
    winners = [key for key, value in measured.items() if value == best]
    return {"value": winners[0].split("\0")[-1], "used": len(rows), "tie": len(winners) > 1}


def _passes(row: Row, test: dict[str, Any]) -> bool:
    cell, value, kind = row[test["column"]].strip().casefold(), str(test["value"]).strip().casefold(), test["test"]
    if kind == "is":
        return cell == value or (number(cell) is not None and number(cell) == number(value))
    if kind == "is not":
        return cell != value
    if kind == "contains":
        return value in cell
    left, right = number(cell), number(value)
    if left is not None and right is not None:
        return _compared(left, right, kind)
    return bool(cell) and _compared(cell, value, kind)


def _compared(left: Any, right: Any, kind: str) -> bool:
    """Compare two numbers, or two texts that sort as they should, such as dates."""
    return bool(
        {"above": left > right, "at least": left >= right, "below": left < right, "at most": left <= right}[kind]
    )
