"""Shows a comparison: tables for a terminal, and the same as Markdown."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from rich import box
from rich.table import Table

from evals.benchmarks.peers.rows import Ratio, Row

DEFINITION: Final = (
    "Overhead per turn: wall time of a model call with its tool call, less the processor time that the scripted server"
    " took to answer it, a little of which overlaps with the client's work. Medians over the rounds; in brackets the"
    " least and the greatest of single rounds. Ratios are ratios of medians, in brackets those within single rounds."
    " CPU: of the library's process, all threads."
)
FAIRNESS: Final = (
    "All play the same session: the same prompts, two tools and replies; retries, tracing and telemetry are off, step"
    " limits raised, answers and tool calls checked. Other libraries run as they come, each in an environment of its"
    " own; their SQLite databases sync each commit, so that `Plumbline, power` is what compares with them in that."
)


class Shown(NamedTuple):
    """A table: its title, its columns, and its rows of texts; the first column is text, the others are figures."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def table(self) -> Table:
        """Return it for a terminal."""
        table = Table(box=box.SIMPLE, pad_edge=False, collapse_padding=True)
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="left" if number == 0 else "right", no_wrap=True)
        for row in self.rows:
            table.add_row(*row)
        return table

    def markdown(self) -> str:
        """Return it as Markdown."""
        lines = [self.columns, ("---", *["---:"] * (len(self.columns) - 1)), *self.rows]
        return "\n".join([f"**{self.title}**", "", *(f"| {' | '.join(line)} |" for line in lines)])


def tables(rows: Sequence[Row], turns: int) -> tuple[Shown, Shown, Shown]:
    """Return the tables of a comparison: overhead, shares, and start-up."""
    overhead = Shown(
        f"overhead per turn, {turns} tool turns",
        ("", "wall ms", "CPU ms", "/ bare openai"),
        [(row.name, _spread(row), f"{row.cpu_ms:.2f}", _ratio(row.to_reference)) for row in rows],
    )
    shares = Shown(
        "Plumbline's overhead as a share of this library's (below 1: Plumbline costs less)",
        ("", "wall", "CPU", "wall, power"),
        [(row.name, _ratio(row.ours), _ratio(row.ours_cpu), _ratio(row.ours_power)) for row in rows if row.library],
    )
    start = Shown(
        "start, memory, storage",
        ("", "ms until ready", "MB then", "MB at most", "KiB a session"),
        [
            (
                row.name,
                f"{row.start_ms:,.0f}",
                f"{row.ready_mb:.0f}",
                f"{row.peak_mb:.0f}",
                f"{row.stored_kb:,.0f}" if row.records else "",
            )
            for row in rows
        ],
    )
    return overhead, shares, start


def notes(rows: Sequence[Row], failures: Mapping[str, str]) -> list[str]:
    """Return what is to be read with the tables, one note a line."""
    kept = [f"{row.name} records {row.records}." for row in rows if row.records]
    with_versions = (row for row in rows if row.versions)
    versions = [
        f"{row.name}: {', '.join(f'{package} {version}' for package, version in row.versions.items())}."
        for row in with_versions
    ]
    return [
        DEFINITION,
        FAIRNESS,
        *kept,
        *versions,
        *(f"Not measured: {name}: {reason}" for name, reason in failures.items()),
    ]


def markdown(rows: Sequence[Row], failures: Mapping[str, str], *, turns: int, told: str, machine: str, day: str) -> str:
    """Return the whole comparison as Markdown; ``told`` is how it was measured."""
    head = f"Made by `plumbline bench peers` on {day}: {told}. {machine}."
    parts = [head, *(shown.markdown() for shown in tables(rows, turns))]
    return "\n\n".join([*parts, "\n".join(f"- {note}" for note in notes(rows, failures))]) + "\n"


def _spread(row: Row) -> str:
    return f"{row.overhead_ms:.2f} ({row.least:.2f}-{row.most:.2f})"


def _ratio(ratio: Ratio | None) -> str:
    return "" if ratio is None else f"{ratio.of_medians:.2f} ({ratio.least:.2f}-{ratio.most:.2f})"
