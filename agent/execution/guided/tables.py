"""Tables of the workspace as a model and the checks see them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.domain.base import Form
from agent.execution.guided.words import content

Operation = Literal[
    "sum", "average", "median", "minimum", "maximum", "count", "percent", "distinct", "largest", "smallest"
]
NONE = "none"
_YES = frozenset({"yes", "true", "y"})


class _Read(BaseModel):
    """What a program of ours printed in the sandbox."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class File(_Read):
    """A workspace file: ``about`` are a table's columns or the beginning of a text, ``has`` words of the question."""

    path: str
    kind: Literal["table", "text", "other"]
    about: str
    has: tuple[str, ...]


class Column(_Read):
    """A column: ``values`` are all its values where they are few, ``mentioned`` those that the question names.

    Attributes:
        kind: what all its filled cells are.
        ends: smallest and largest value of numbers and dates.
        units: signs and units beside the numbers.
    """

    name: str
    kind: Literal["number", "date", "text"]
    blanks: int
    values: tuple[str, ...]
    mentioned: tuple[str, ...]
    distinct: int
    ends: tuple[str, ...]
    units: tuple[str, ...]

    def described(self, *, blanks: bool) -> str:
        """Return the line a model reads, with the number of blank cells where a program must skip them."""
        note = f", {self.blanks} blank" if blanks and self.blanks else ""
        if self.kind != "text":
            return f"- {self.name}: {self.kind}, {' to '.join(self.ends)}{note}"
        if self.values and sum(map(len, self.values)) <= 120:
            return f"- {self.name}: text: {', '.join(self.values)}"
        examples = ", ".join(self.mentioned[:3] or self.values[:1])
        return f"- {self.name}: text" + (f", such as {examples}" if examples else "")


class Table(_Read):
    """A table file."""

    path: str
    rows: int
    repeated: int
    columns: tuple[Column, ...]

    def described(self, *, blanks: bool = False) -> str:
        """Return what a model reads: size and columns."""
        lines = [column.described(blanks=blanks) for column in self.columns]
        return "\n".join([f"{self.path}, {self.rows} rows", *lines])

    def column(self, name: str) -> Column | None:
        """Return a column by name."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def identifying(self) -> list[str]:
        """The names of the columns that name each row, which people also use for the rows themselves."""
        return [column.name for column in self.columns if column.kind == "text" and column.distinct == self.rows]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]


class Test(Form):
    """A condition on a row."""

    column: str
    test: Literal["is", "is not", "contains", "above", "at least", "below", "at most"]
    value: str = Field(max_length=60)


class Query(Form):
    """A value asked of a table."""

    tests: list[Test] = Field(max_length=3)
    operation: Operation
    column: str
    times: str
    label: str

    def completed(self, table: Table) -> "Query":
        """Return the query with the condition that a share or count of a yes-or-no column leaves unsaid."""
        column = table.column(self.column)
        said = [value for value in column.values if value.casefold() in _YES] if column else []
        if (
            self.operation not in ("percent", "count")
            or self.tests
            or column is None
            or not said
            or column.distinct > 2
        ):
            return self
        return self.model_copy(update={"tests": [Test(column=column.name, test="is", value=said[0])], "column": NONE})

    def problem(self, table: Table) -> str:
        """Return why the query makes no sense for a table, or nothing."""
        column, label = table.column(self.column), table.column(self.label)
        if self.operation in ("largest", "smallest"):
            if label is None:
                return "it is not clear what is to be named"
            return "" if column is None or column.kind != "text" else f"{self.column} has no order"
        if self.operation in ("count", "percent"):
            return "" if self.operation == "count" or self.tests else "it is not clear what the share is of"
        if column is None:
            return "it is not clear which column is meant"
        if self.operation != "distinct" and column.kind != "number":
            return f"the column {self.column} does not hold numbers"
        return ""

    def grouped(self, table: Table) -> bool:
        """Whether several rows share a label, so that they are added up before they are compared."""
        label = table.column(self.label)
        return label is not None and label.distinct < table.rows

    def left_out(self, table: Table) -> tuple[str, ...]:
        """Return values that the question mentions and the query does not use."""
        used = {word for test in self.tests for word in content(f"{test.column} {test.value}")}
        return tuple(value for column in table.columns for value in column.mentioned if not set(content(value)) <= used)

    def unknown(self, table: Table) -> tuple[str, ...]:
        """Return values the query tests for that no row has."""
        return tuple(
            test.value
            for test in self.tests
            if test.test in ("is", "is not")
            and (column := table.column(test.column)) is not None
            and column.values
            and test.value.casefold() not in {value.casefold() for value in column.values}
        )

    def covers(self) -> str:
        """Return what the query says, for comparing its words with the question's."""
        tests = [f"{test.column} {test.test} {test.value}" for test in self.tests]
        # "unpaid" is what a test for paid being false says
        denied = [f"un{test.column}" for test in self.tests if test.value.casefold() in ("no", "false")]
        return " ".join([self.column, self.times, self.label, *tests, *denied])
