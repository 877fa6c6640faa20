"""What is asked of the ten data files."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from evals.made.asked.measuring import Asked


def _none(scenario: str, measure: str, wish: str, **parameters: Any) -> Asked:
    return Asked(wish, scenario, measure, parameters)


def _columns(*names: str) -> Sequence[Asked]:
    return (
        _none("columns", "missing", "all columns are there", columns=list(names)),
        _none("columns", "extra", "no others are", columns=list(names)),
    )


def _rows(count: int, **where: str) -> Asked:
    given = {"where": where} if where else {}
    return Asked(f"there are {count} rows", "rows", "rows", given, "==", count)


def _filled(*names: str) -> Asked:
    return _none("filled", "blank_cells", "nothing is left out", columns=list(names))


def _unique(*names: str) -> Asked:
    return _none("unique", "duplicates", "no key is there twice", columns=list(names))


def _matches(column: str, pattern: str) -> Asked:
    return _none("matches", "unmatched", f"{column} is written as it should be", column=column, pattern=pattern)


def _within(column: str, least: float | str, greatest: float | str) -> Asked:
    wish = f"{column} lies within its bounds"
    return _none("within", "outside", wish, column=column, least=least, greatest=greatest)


def _types(**types: str) -> Asked:
    return _none("types", "wrong_cells", "columns hold what they should", types=types)


def _sorted(column: str) -> Asked:
    return _none("sorted", "out_of_order", f"rows are in the order of {column}", column=column)


DATA_FILES: Final[Mapping[str, Sequence[Asked]]] = {
    "expenses": (
        *_columns("id", "date", "category", "amount"),
        _rows(10),
        _types(id="integer", date="date", amount="number"),
        _filled("id", "date", "category", "amount"),
        _unique("id"),
        _within("date", "2026-03-01", "2026-03-31"),
        _sorted("date"),
        Asked("all amounts together", "total", "total", {"column": "amount"}, "==", 881.05),
    ),
    "grades_zh": (
        *_columns("学号", "姓名", "语文", "数学", "英语", "总分"),
        _rows(8),
        _types(语文="integer", 数学="integer", 英语="integer", 总分="integer"),
        _unique("学号"),
        _matches("学号", r"\d{8}"),
        _filled("姓名"),
        _within("语文", 0, 100),
        _within("数学", 0, 100),
        _within("英语", 0, 100),
        _none("adds_up", "rows_off", "总分等于三科之和", parts=["语文", "数学", "英语"], total="总分"),
    ),
    "planets": (
        *_columns("name", "order", "radius_km", "moons", "rings"),
        _rows(8),
        _types(name="text", order="integer", radius_km="number", moons="integer", rings="boolean"),
        _unique("name"),
        _within("radius_km", 2000, 80_000),
        _none("sorted", "out_of_order", "in their order", column="order", strict=True),
        _rows(4, rings="true"),
    ),
    "timetable": (
        *_columns("train", "from", "to", "departs", "arrives"),
        _rows(7),
        _types(train="integer", departs="date", arrives="date"),
        _unique("train"),
        _sorted("departs"),
        _none("refers", "dangling", "from a station", column="from", to_file="stations.csv", to_column="code"),
        _none("refers", "dangling", "to a station", column="to", to_file="stations.csv", to_column="code"),
        _none("at_most", "rows_reversed", "arrives after it departs", first="departs", second="arrives"),
    ),
    "stock": (
        *_columns("sku", "name", "quantity", "price"),
        _rows(6),
        _types(sku="text", name="text", quantity="integer", price="number"),
        _unique("sku"),
        _matches("sku", r"[A-Z]-\d{3}"),
        _within("quantity", 0, 1_000_000),
        _within("price", 0.01, 1_000_000),
    ),
    "sensor": (
        *_columns("time", "temperature", "humidity"),
        _rows(8),
        _types(time="date", temperature="number", humidity="number"),
        _filled("time", "temperature", "humidity"),
        _none("sorted", "out_of_order", "in the order of time", column="time", strict=True),
        _within("temperature", -30, 45),
        _within("humidity", 0, 100),
    ),
    "contacts": (
        *_columns("name", "email", "phone", "since"),
        _rows(5),
        _types(since="date"),
        _filled("name", "email"),
        _unique("email"),
        _matches("email", r"[^@\s]+@[^@\s]+\.[^@\s]+"),
        _matches("phone", r"\+\d[\d ]+"),
    ),
    "election": (
        *_columns("district", "registered", "valid", "invalid", "voted"),
        _rows(5),
        _types(registered="integer", valid="integer", invalid="integer", voted="integer"),
        _unique("district"),
        _none("adds_up", "rows_off", "valid and invalid are voted", parts=["valid", "invalid"], total="voted"),
        _none("at_most", "rows_reversed", "who voted is registered", first="voted", second="registered"),
        Asked("16363 voted", "total", "total", {"column": "voted"}, "==", 16363),
    ),
    "invoices": (
        *_columns("number", "customer", "net", "vat", "gross", "due"),
        _rows(4),
        _types(number="text", net="number", vat="number", gross="number", due="date"),
        _unique("number"),
        _matches("number", r"\d{4}-\d{3}"),
        _none("refers", "dangling", "customers are known", column="customer", to_file="customers.json", to_column="id"),
        _none("adds_up", "rows_off", "net and vat are gross", parts=["net", "vat"], total="gross", within=0.001),
    ),
    "members": (
        *_columns("number", "last name", "first name", "postcode", "fee"),
        _rows(6),
        _filled("number", "last name", "first name", "postcode", "fee"),
        _unique("number"),
        _matches("number", r"\d{4}"),
        _matches("postcode", r"\d{5}"),
        _matches("fee", r"35\.00|17\.50"),
    ),
}
