"""What can be tried with a data file: what its columns hold, how many rows there are, and what refers to what.

Each scenario counts what is wrong, so that ``== 0`` is the usual threshold. A column that is missing is wrong in every
row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.domain.artefacts import Mutation
from agent.verification.artefacts.data.cells import TYPES
from agent.verification.artefacts.data.counts import (
    Measure,
    blank_cells,
    counted_rows,
    dangling,
    duplicates,
    lossy_cells,
    missing_columns,
    out_of_order,
    outside,
    rows_off,
    rows_reversed,
    total,
    unmatched,
    wrong_cells,
)

_COLUMN: Final = {"type": "string", "minLength": 1, "maxLength": 1000}
_COLUMNS: Final = {"type": "array", "items": _COLUMN, "minItems": 1, "maxItems": 1000}
_BOUND: Final = {"type": ["number", "string"]}
_YES_NO: Final = {"type": "boolean"}


@dataclass(frozen=True)
class DataScenario:
    """One scenario of data files. Implements ``ScenarioTemplate``.

    Attributes:
        counts: takes the tables and the parameters; returns every measure.
    """

    name: str
    description: str
    measures: Mapping[str, str]
    parameters: Mapping[str, Any]
    control: Mutation
    counts: Measure


def _scenario(
    counts: Measure,
    name: str,
    measures: Sequence[str],
    description: str,
    required: Mapping[str, Any],
    optional: Mapping[str, Any],
    control: Mutation,
) -> DataScenario:
    parameters = {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }
    return DataScenario(name, description, dict.fromkeys(measures, ""), parameters, control, counts)


def _control(name: str, **parameters: Any) -> Mutation:
    return Mutation(name=name, parameters=parameters)


_TYPES_OF: Final = {"type": "object", "additionalProperties": {"enum": list(TYPES)}, "minProperties": 1}
_WHERE: Final = {"type": "object", "additionalProperties": {"type": "string"}}

SCENARIOS: Final = (
    _scenario(
        missing_columns,
        "columns",
        ["missing", "extra"],
        "which columns there are",
        {"columns": _COLUMNS},
        {},
        _control("blank_header", columns="$columns"),
    ),
    _scenario(
        wrong_cells,
        "types",
        ["wrong_cells"],
        f"what each column holds: {', '.join(TYPES)}",
        {"types": _TYPES_OF},
        {},
        _control("change_type", types="$types"),
    ),
    _scenario(
        blank_cells,
        "filled",
        ["blank_cells"],
        "that cells of the columns are filled",
        {"columns": _COLUMNS},
        {},
        _control("blank_cell", columns="$columns"),
    ),
    _scenario(
        outside,
        "within",
        ["outside"],
        "that numbers or ISO dates of a column lie between bounds",
        {"column": _COLUMN},
        {"least": _BOUND, "greatest": _BOUND},
        _control("push_out", column="$column", least="$least", greatest="$greatest"),
    ),
    _scenario(
        counted_rows,
        "rows",
        ["rows"],
        "how many rows there are, or rows with given texts in given columns",
        {},
        {"where": _WHERE},
        _control("drop_rows", where="$where"),
    ),
    _scenario(
        duplicates,
        "unique",
        ["duplicates"],
        "that no two rows have the same key",
        {"columns": _COLUMNS},
        {},
        _control("duplicate_key", columns="$columns"),
    ),
    _scenario(
        dangling,
        "refers",
        ["dangling"],
        "that what stands in a column also stands in another column, of this or of another file",
        {"column": _COLUMN, "to_column": _COLUMN},
        {"to_file": {"type": "string", "minLength": 1}},
        _control("corrupt_cell", column="$column"),
    ),
    _scenario(
        total,
        "total",
        ["total"],
        "what a column adds up to",
        {"column": _COLUMN},
        {},
        _control("change_number", column="$column"),
    ),
    _scenario(
        rows_off,
        "adds_up",
        ["rows_off"],
        "that in each row the parts add up to the total",
        {"parts": _COLUMNS, "total": _COLUMN},
        {"within": {"type": "number", "minimum": 0}},
        _control("change_number", column="$total"),
    ),
    _scenario(
        out_of_order,
        "sorted",
        ["out_of_order"],
        "that the rows are in the order of a column",
        {"column": _COLUMN},
        {"descending": _YES_NO, "strict": _YES_NO},
        _control("unsort", column="$column"),
    ),
    _scenario(
        rows_reversed,
        "at_most",
        ["rows_reversed"],
        "that in each row the first column is not greater than the second",
        {"first": _COLUMN, "second": _COLUMN},
        {},
        _control("swap_columns", first="$first", second="$second"),
    ),
    _scenario(
        unmatched,
        "matches",
        ["unmatched"],
        "that the cells of a column match a regular expression of Python as a whole",
        {"column": _COLUMN, "pattern": {"type": "string", "minLength": 1, "maxLength": 1000}},
        {},
        _control("corrupt_cell", column="$column"),
    ),
    _scenario(
        lossy_cells,
        "round_trip",
        ["lossy_cells"],
        "that numbers are the same after a spreadsheet has read and written them: no leading zeros, no 17 digits",
        {},
        {"columns": _COLUMNS},
        _control("long_number", columns="$columns"),
    ),
)
