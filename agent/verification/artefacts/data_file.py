"""Data files as artefacts: CSV, TSV, JSON and JSONL, read within limits, profiled, tried out and sabotaged."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from agent.domain.artefacts import ArtefactKind, Gate, Inspection, Mutation, Part, Scenario, Trial, View
from agent.models.templates import render
from agent.verification.artefacts.data.cells import Cell, column_kind, is_blank, key_text, kind_of, number_of
from agent.verification.artefacts.data.matching import unmatched
from agent.verification.artefacts.data.mutations import mutated
from agent.verification.artefacts.data.reading import Table, read_table, written
from agent.verification.artefacts.data.scenarios import SCENARIOS
from agent.verification.artefacts.templates import template_of
from agent.verification.artefacts.world import BuildFailed, MadeFile, ScenarioTemplate

MOST_FILES: Final = 20
"""How many files one artefact may refer to."""

VERSIONS: Final = {"data file measures": "1"}
"""Raised when a measure changes its meaning."""

_MEDIA_TYPES: Final = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "jsonl": "application/jsonl",
}
_HEAD: Final = 5
_COLUMNS_SHOWN: Final = 60
_LONGEST_CELL: Final = 40

Read = Callable[[str], Awaitable[bytes]]
"""Returns the bytes of a file of the workspace by its path; raises OSError where there is none."""


@dataclass(frozen=True)
class DataFile:
    """A data file, and those that it may refer to.

    Attributes:
        data: its bytes, where it was read; None for a changed copy.
    """

    table: Table
    others: tuple[Table, ...] = ()
    data: bytes | None = None


class DataFileWorld:
    """The world of data files. Implements ``World``.

    A program is a list of paths, one a line: first the artefact, then the files that it may refer to. A line ``---``
    may end the list; what follows it is then the content of the first file, which need not lie anywhere yet.
    """

    kind: ArtefactKind = "data_file"

    def __init__(self, read: Read) -> None:
        """Read files through a port, since they lie in the run's workspace."""
        self._read = read

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> "DataFileWorld":
        """Return a world whose files are given."""

        async def read(path: str) -> bytes:
            if path not in files:
                raise FileNotFoundError(path)
            return files[path]

        return cls(read)

    def guide(self) -> str:
        """Return how a data file is given, and which formats are read."""
        return render("agent.verification.artefacts", "data_file_guide")

    async def build(self, program: str) -> DataFile:
        """Read the files that a program names. See ``World``."""
        named, content = _parted(program)
        paths = [line.strip() for line in named.splitlines() if line.strip()]
        if not paths:
            raise BuildFailed("no file is named; name the data file")
        if len(paths) > MOST_FILES or len(set(paths)) != len(paths):
            raise BuildFailed(f"name at most {MOST_FILES} files, each of them once")
        data = await self._bytes(paths[0]) if content is None else content.encode()
        first = await asyncio.to_thread(read_table, paths[0], data)
        others = [await asyncio.to_thread(read_table, path, await self._bytes(path)) for path in paths[1:]]
        return DataFile(first, tuple(others), data)

    async def inspect(self, build: DataFile) -> Inspection:
        """Return the columns as parts, each with what it holds. See ``World``."""
        return await asyncio.to_thread(inspected, build.table)

    async def look(self, build: DataFile) -> tuple[View, ...]:
        """Return the first rows and a profile of the columns, as text. See ``World``."""
        inspection = await self.inspect(build)
        return (
            View(name="head", description=_head(build.table)),
            View(name="profile", description=_profile(inspection)),
        )

    def scenarios(self) -> tuple[ScenarioTemplate, ...]:
        """Return what can be tried with data files."""
        return SCENARIOS

    async def simulate(self, build: DataFile, scenario: Scenario, measure: str, seed: int) -> Trial:
        """Count what a scenario counts. Nothing is left to chance, so the seed is only noted. See ``World``."""
        template = template_of(SCENARIOS, scenario, measure, of="data files")
        if scenario.name == "matches":
            value, detail = await _matched(build.table, scenario.parameters)
        else:
            tables = (build.table, *build.others)
            counted = await asyncio.to_thread(template.counts, tables, scenario.parameters)
            value, detail = counted[measure], f"{len(build.table.rows)} rows of {build.table.name}"
        whole = all(table.whole for table in (build.table, *build.others))
        said = "every cell was read as it stands" if whole else "cells may be misplaced or misread; repair the file"
        return Trial(
            value=value,
            detail=detail,
            seed=seed,
            gates=(Gate(name="read_whole", holds=whole, detail=said),),
            versions=VERSIONS,
        )

    async def mutate(self, build: DataFile, mutation: Mutation) -> DataFile:
        """Return a copy that was changed in one way. See ``World``."""
        table = await asyncio.to_thread(mutated, build.table, mutation.name, mutation.parameters)
        return DataFile(table, build.others)

    async def files(self, build: DataFile) -> tuple[MadeFile, ...]:
        """Return the file as it was read; a changed copy is written anew. See ``World``."""
        data = await asyncio.to_thread(written, build.table) if build.data is None else build.data
        return (MadeFile(build.table.name, data, _MEDIA_TYPES[build.table.format]),)

    async def _bytes(self, path: str) -> bytes:
        try:
            return await self._read(path)
        except OSError as error:
            raise BuildFailed(f"{path} cannot be read: {error.strerror or 'there is no such file'}") from None


def _parted(program: str) -> tuple[str, str | None]:
    """Return the paths of a program, and the content of the first where it is given after a line ``---``."""
    lines = program.splitlines(keepends=True)
    for number, line in enumerate(lines[: MOST_FILES + 1]):
        if line.strip() == "---":
            return "".join(lines[:number]), "".join(lines[number + 1 :])
    return program, None


def inspected(table: Table) -> Inspection:
    """Return what a table is like, whatever is wished of it."""
    names = [name for name in table.header if name]
    doubled = sorted({name for name in names if names.count(name) > 1})
    problems = list(table.faults)
    if doubled:
        problems.append(f"several columns have the same name: {', '.join(map(_shown, doubled[:5]))}")
    if len(names) < len(table.header):
        problems.append(f"{len(table.header) - len(names)} columns have no name")
    parts = tuple(
        Part(name=name or f"column {place + 1}", measures=_column(table, place))
        for place, name in enumerate(table.header)
    )
    measures: dict[str, float | str | bool] = {
        "rows": len(table.rows),
        "columns": len(table.header),
        "encoding": table.encoding,
        "format": table.format,
        "mixed_columns": sum(part.measures["holds"] == "mixed" for part in parts),
        "nan_cells": sum(float(part.measures["nan"]) for part in parts),
    }
    return Inspection(parts=parts, measures=measures, problems=tuple(problems))


def _column(table: Table, place: int) -> dict[str, float | str | bool]:
    cells = [row[place] for row in table.rows]
    kinds = [kind_of(cell, typed=table.typed) for cell in cells]
    measures: dict[str, float | str | bool] = {
        "holds": column_kind(kinds),
        "blank": kinds.count("blank"),
        "nan": kinds.count("nan"),
        "distinct": len({key_text(cell) for cell in cells if not is_blank(cell)}),
    }
    if measures["holds"] in ("integer", "number"):
        numbers = [number for number in map(number_of, cells) if number is not None]
        measures |= {"least": _bounded(float(min(numbers))), "greatest": _bounded(float(max(numbers)))}
    return measures


def _bounded(value: float) -> float | str:
    """Return a number that JSON can hold, or in words that it cannot."""
    return value if abs(value) != float("inf") else "beyond all floating point numbers"


async def _matched(table: Table, given: Mapping[str, Any]) -> tuple[float, str]:
    place = table.place(given["column"])
    if place is None:
        return len(table.rows), f"there is no column {_shown(given['column'])}"
    texts = [key_text(row[place]) for row in table.rows]
    return await unmatched(given["pattern"], texts), f"{len(texts)} cells of {table.name}"


def _head(table: Table) -> str:
    rows = [table.header, *table.rows[:_HEAD]]
    lines = [" | ".join(_shown(cell) for cell in row[:_COLUMNS_SHOWN]) for row in rows]
    return "\n".join([*lines, f"{len(table.rows)} rows, {len(table.header)} columns, {table.format}, {table.encoding}"])


def _profile(inspection: Inspection) -> str:
    lines = []
    for part in islice(inspection.parts, _COLUMNS_SHOWN):
        said = ", ".join(f"{name} {value:g}" if isinstance(value, float | int) else f"{name} {value}"
                         for name, value in part.measures.items())  # fmt: skip
        lines.append(f"{_shown(part.name)}: {said}")
    hidden = len(inspection.parts) - len(lines)
    return "\n".join([*lines, f"and {hidden} more columns"] if hidden else lines)


def _shown(cell: Cell) -> str:
    """Return a cell as JSON, shortened, so that it can pretend to be nothing else."""
    text = json.dumps(cell, ensure_ascii=False)
    return text if len(text) <= _LONGEST_CELL else f'{text[: _LONGEST_CELL - 4]}..."'
