"""Says whether the cells of a table bear out what a claim says of them."""

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from statistics import median
from types import MappingProxyType
from typing import NamedTuple

from agent.domain.claims import Verdict
from agent.verification.arithmetic.comparing import shown
from agent.verification.negation import unshared_scope
from agent.verification.tables.linking import Column, Linked, Links
from agent.verification.tables.reading import Row
from agent.verification.tables.values import Amount, Scale, cell_amount, compare_amounts
from agent.verification.words import stems, tokens

LONGEST_CLAIM = 600
"""Characters of a claim that is looked up in tables: what one cell can decide is short."""

_AGGREGATES: Mapping[str, str] = MappingProxyType(
    {"highest": "max", "largest": "max", "maximum": "max", "max": "max", "greatest": "max", "biggest": "max"}
    | {"lowest": "min", "smallest": "min", "minimum": "min", "min": "min"}
    | {"total": "sum", "sum": "sum", "average": "mean", "mean": "mean", "median": "median"}
)
_OF: Mapping[str, Callable[[Sequence[Fraction]], Fraction]] = MappingProxyType(
    {
        "max": max,
        "min": min,
        "sum": lambda values: sum(values, Fraction(0)),
        "mean": lambda values: sum(values, Fraction(0)) / len(values),
        "median": lambda values: Fraction(median(values)),
    }
)
_TIMES = (10**3, 10**6, 10**9)
_COMPARED: Mapping[str, str] = MappingProxyType(
    {"at least": ">=", "no less than": ">=", "at most": "<=", "no more than": "<=", "up to": "<="}
    | {"more than": ">", "greater than": ">", "over": ">", "above": ">"}
    | {"less than": "<", "fewer than": "<", "under": "<", "below": "<"}
)
_COMPARISON = re.compile(rf"\b({'|'.join(sorted(_COMPARED, key=len, reverse=True))})(?=\s+[$€£¥]?\d)", re.IGNORECASE)
_COUNT = re.compile(
    r"\b(?:has|have|had|contains?|holds?|lists?|there\s+(?:are|were))\s+(?P<count>\d{1,7})\s+(?:data\s+)?"
    r"(?:rows|entries|records|lines)\b(?P<rest>.*)",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"[,;/&+]|\band\b|\bor\b", re.IGNORECASE)
"""A cell that may hold several values."""
_TOTALS = re.compile(r"\W*(?:sub-?|grand\s+)?(?:totals?|sum|all|overall|average|mean)\b", re.IGNORECASE)


class Found(NamedTuple):
    """What a table says of a claim, in one line, and the lines of the text this rests on."""

    verdict: Verdict
    detail: str
    lines: tuple[int, ...] = ()


def judge_by_table(text: str, links: Links, title: str = "") -> Found | None:
    """Return what a table says of a claim.

    Every word and number of the claim must be a cell, the name of a column, the value, or one of a few words that
    count and compare. Otherwise the claim may say something else, and stays open.

    Args:
        text: the claim.
        links: the table.
        title: of what the table stands in; its words may be used freely.

    Returns:
        None where the claim does not speak of one row and one column, or of a value of a whole column.
    """
    if len(text) > LONGEST_CLAIM or text.rstrip().endswith(("?", "\uff1f")):
        return None
    if (count := _COUNT.search(text)) is not None:
        return _counted(text, count, links)
    compared = [match[1].lower() for match in _COMPARISON.finditer(text)]
    plain = _COMPARISON.sub(" ", text)
    named = {stem for column in links.columns for stem in column.words}
    asked = [word for word in _plain_words(plain) if word in _AGGREGATES and not set(stems([word])) & named]
    without = re.sub(rf"\b(?:{'|'.join(asked)})\b", " ", plain, flags=re.IGNORECASE) if asked else plain
    if unshared_scope(" ".join(named), without) or len(compared) > 1 or len(asked) > 1:
        return None
    linked = links.link(without, frozenset(stems(_plain_words(re.sub(r"\.\w+$", "", title)))))
    if linked.column is None or linked.column.unclear or linked.numbers or not linked.rows:
        return None
    if links.table.cut:
        return Found(
            "unverifiable", f"the table has more than {len(links.table.rows):,} rows, too many to be looked at"
        )
    found = _of_all(links, linked, asked[0], compared) if asked else _of_cell(links, linked, compared)
    if found is not None and linked.left:
        return Found("unverifiable", f"{found.detail}; the claim also says: {', '.join(linked.left)}", found.lines)
    return found


def _of_cell(links: Links, linked: Linked, compared: Sequence[str]) -> Found | None:
    """Judge a claim about one cell."""
    column, row = linked.column, linked.rows[0]
    if column is None or len(linked.rows) != 1 or not linked.keys:
        return None
    cell = row.cells[column.place]
    where = f"line {row.line}, column {column.name!r}: {cell!r}"
    if not links.tell_apart(linked.keys):
        return Found("unverifiable", f"{where}, but the claim does not name what the row is about", (row.line,))
    if linked.said:
        return _of_words(linked, cell, where, row, compared)
    if linked.value is None or not cell:
        return None
    held = cell_amount(cell)
    if held is None:
        return Found("unverifiable", f"{where} is no number that is understood", (row.line,))
    return _compared(linked.value, held, column, compared, where, (row.line,))


def _of_words(linked: Linked, cell: str, where: str, row: Row, compared: Sequence[str]) -> Found | None:
    """Judge a claim that names a cell of the column it speaks of, in the row it speaks of."""
    if linked.value is not None or compared:
        return None
    held, said = _plain_words(cell), linked.said.split()
    if held == said:
        return Found("supported", where, (row.line,))
    if not held or _SEVERAL.search(cell) or set(held) & set(said):
        return Found("unverifiable", f"{where} may be another name, or one of several", (row.line,))
    return Found("contradicted", where, (row.line,))


def _of_all(links: Links, linked: Linked, word: str, compared: Sequence[str]) -> Found | None:
    """Judge a claim about a largest, smallest, average or total value of a column, or who has it."""
    column, table = linked.column, links.table
    if column is None or linked.said:
        return None
    if table.cut or table.bad:
        return Found(
            "unverifiable", "the table has rows that cannot be read or are too many, so nothing is said of all"
        )
    if any(_TOTALS.match(cell) for row in table.rows for cell in row.cells[:2]):
        return Found("unverifiable", "the table has a row of totals, so its rows are not of one kind")
    holder = linked.value is None
    rows = table.rows if holder else linked.rows
    amounts = [cell_amount(row.cells[column.place]) for row in rows]
    held = [amount for amount in amounts if amount is not None]
    if len(held) != len(rows) or len({amount.unit for amount in held}) != 1:
        return Found("unverifiable", f"column {column.name!r} has cells that are no numbers of one unit")
    operation = _AGGREGATES[word]
    value = _OF[operation]([amount.value for amount in held])
    where = f"{operation} of {column.name!r} over {len(rows)} rows is {shown(value)}"
    if not holder and linked.value is not None:
        exact = Amount(value, held[0].step, held[0].unit)
        return _compared(linked.value, exact, column, compared, where, (table.first, table.last))
    # another key would say among which rows it is the first
    if operation not in ("max", "min") or len(linked.rows) != 1 or len(linked.keys) != 1 or compared:
        return None
    holders = [row for row, amount in zip(rows, held, strict=True) if amount.value == value]
    lines = tuple(row.line for row in holders[:5])
    if linked.rows[0] not in holders:
        return Found("contradicted", f"{where}, in line {lines[0]}", (*lines, linked.rows[0].line))
    verdict: Verdict = "supported" if len(holders) == 1 else "qualified"
    return Found(verdict, f"{where}, in line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines))}", lines)


def _counted(text: str, count: re.Match[str], links: Links) -> Found | None:
    """Judge a claim about how many rows there are; the claim must say nothing else."""
    rest = [word for word in _plain_words(f"{text[: count.start()]} {count['rest']}") if word not in _TABLE_WORDS]
    if rest or unshared_scope("", text):
        return None
    table = links.table
    if table.cut or table.bad:
        return Found("unverifiable", "the table has rows that cannot be read or are too many to be counted")
    same = int(count["count"]) == len(table.rows)
    detail = f"the table has {len(table.rows)} rows besides its header"
    if not same and int(count["count"]) == len(table.rows) + 1:
        return Found("qualified", f"{detail}, which is counted in", (table.first, table.last))
    return Found("supported" if same else "contradicted", detail, (table.first, table.last))


_TABLE_WORDS = frozenset(["the", "a", "this", "table", "file", "csv", "data", "dataset", "sheet", "in", "it", "of"])


def _compared(
    said: Amount, held: Amount, column: Column, compared: Sequence[str], where: str, lines: tuple[int, ...]
) -> Found:
    """Compare a number that is said with one that is held, in the unit of the column."""
    scale = column.scale or Scale(1, "")
    if held.unit and scale.unit and held.unit != scale.unit:
        return Found("unverifiable", f"{where}: cell and column name different units", lines)
    unit = held.unit or scale.unit
    value = held.value * scale.times
    told = said.scaled or abs(said.value) * 10 >= scale.times
    if not said.unit and (unit or (scale.times != 1 and not told)):
        return _without_unit(said, held.value, value, compared, where, lines)
    relation = compare_amounts(said, value, unit)
    if relation == "unlike":
        return Found("unverifiable", f"{where}: the units of claim and table cannot be compared", lines)
    if compared:
        return _ordered(said, value, unit, compared[0], where, lines)
    match relation:
        case "same":
            return Found("supported", where, lines)
        case "rounded":
            return Found("qualified", f"{where}, which the claim rounds", lines)
    if held.step < 1 and abs(said.value - value) <= held.step * scale.times / 2 and said.unit == unit:
        return Found("qualified", f"{where}, which is rounded itself", lines)
    if column.scale is None and any(_is_scaled(said, held.value, times) for times in _TIMES):
        return Found("unverifiable", f"{where}: the column does not say what it counts in", lines)
    return Found("contradicted", where, lines)


def _is_scaled(said: Amount, held: Fraction, times: int) -> bool:
    """Whether a number would be the one that is held if one of them were counted in thousands, say."""
    readings = ((said.value / times, said.step / times), (said.value * times, said.step * times))
    return any(abs(value - held) <= min(step, abs(held)) / 2 for value, step in readings)


def _without_unit(
    said: Amount, raw: Fraction, value: Fraction, compared: Sequence[str], where: str, lines: tuple[int, ...]
) -> Found:
    """A number without the unit that the table names: it may be meant in it, and proves nothing where it differs."""
    plain = said._replace(unit="")
    if not compared and "same" in (compare_amounts(plain, raw, ""), compare_amounts(plain, value, "")):
        return Found("qualified", f"{where}, in the unit that the column names", lines)
    return Found("unverifiable", f"{where}: the claim does not name the unit", lines)


def _ordered(said: Amount, value: Fraction, unit: str, word: str, where: str, lines: tuple[int, ...]) -> Found:
    if said.unit != unit:
        return Found("unverifiable", f"{where}: the units of claim and table differ", lines)
    holds = {">=": value >= said.value, "<=": value <= said.value, ">": value > said.value, "<": value < said.value}
    return Found("supported" if holds[_COMPARED[word]] else "contradicted", where, lines)


def _plain_words(text: str) -> list[str]:
    return [token.text for token in tokens(text) if token.kind != "mark"]
