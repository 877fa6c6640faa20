"""What ``plumbline bench all`` found, as one Markdown document."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

from evals.benchmarks.everything import Outcome

_ROWS: Final = 40
"""Longer lists are single measurements; the JSON of their command has them."""
_PACKAGES: Final = ("plumbline-agent", "openai", "aiohttp", "langgraph", "pydantic", "SQLAlchemy")


def report(outcomes: Sequence[Outcome], *, machine: str, day: str, quick: bool) -> str:
    """Return the report of all benchmarks."""
    versions = ", ".join(f"{package} {version(package)}" for package in _PACKAGES)
    manner = " with `--quick`: few repetitions, so take its figures as rough" if quick else ""
    head = [
        "# Benchmarks",
        f"Made by `plumbline bench all` on {day}{manner}. {machine}. {versions}.",
        _summary(outcomes),
    ]
    return "\n\n".join([*head, *(_section(one) for one in outcomes if one.found)]) + "\n"


def _summary(outcomes: Iterable[Outcome]) -> str:
    lines = ["| benchmark | measures | seconds | |", "|---|---|---:|---|"]
    for one in outcomes:
        seconds = f"{one.seconds:.0f}" if one.found else ""
        lines.append(f"| {one.benchmark.name} | {one.benchmark.about} | {seconds} | {_cell(one.told)} |")
    return "\n".join(lines)


def _section(one: Outcome) -> str:
    head = f"## {one.benchmark.about[0].upper()}{one.benchmark.about[1:]}"
    if one.markdown:
        return f"{head}\n\n{one.markdown.strip()}"
    found = {key: value for key, value in one.found.items() if key != "machine"}
    return "\n\n".join([head, f"`plumbline bench {one.benchmark.name}`", *_tables(found)])


def _tables(found: Mapping[str, Any], title: str = "") -> list[str]:
    """Return the tables of an object: its single values, then each list of objects and each object in it."""
    parts: list[str] = []
    single = {key: value for key, value in found.items() if _is_single(value) and value not in ("", None)}
    if single:
        rows = [[key.replace("_", " "), _cell(value)] for key, value in single.items()]
        parts += [*([f"**{title}**"] if title else []), _table(["", "value"], rows)]
    for key, value in found.items():
        name = f"{title} {key}".strip().replace("_", " ")
        if isinstance(value, Mapping) and value and all(isinstance(item, Mapping) for item in value.values()):
            parts += _objects(name, [{"": label, **item} for label, item in value.items()])
        elif isinstance(value, Mapping) and value:
            parts += _tables(value, name)
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            parts += _objects(name, value)
    return parts


def _objects(name: str, items: Sequence[Mapping[str, Any]]) -> list[str]:
    if len(items) > _ROWS:
        return _named(name, [f"{len(items)} rows; `--json` prints them."])
    columns = [key for key in dict.fromkeys(key for item in items for key in item) if _shown(items, key)]
    if columns == [""]:
        # names without figures
        return []
    rows = [[_cell(item.get(column, "")) for column in columns] for item in items]
    return _named(name, [_table([column.replace("_", " ") for column in columns], rows)])


def _shown(items: Iterable[Mapping[str, Any]], key: str) -> bool:
    return all(_is_single(item.get(key, "")) for item in items)


def _named(name: str, parts: list[str]) -> list[str]:
    return [f"**{name}**", *parts] if parts else []


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _is_single(value: object) -> bool:
    numbers = isinstance(value, list) and 0 < len(value) <= 12 and all(isinstance(one, int | float) for one in value)
    return numbers or value is None or isinstance(value, str | int | float)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return " ".join(_cell(one) for one in value)
    return "" if value is None else " ".join(str(value).replace("|", "\\|").split())
