"""Writes the events of many runs by a few statements, whatever their number.

Each statement that a thread runs gives up the interpreter's lock and has to wait for it again, up to five milliseconds
where the event loop is busy. With a statement for each event, a commit of two hundred runs would end when the loop has
nothing left to do, and all runs would go on together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

Row = tuple[Any, ...]
"""One event, its values in the order of ``COLUMNS``."""

COLUMNS = ("run_id", "seq", "at", "kind", "key", "phase", "payload")


@dataclass(frozen=True, slots=True)
class Advance:
    """A run is to get so many events, at a time, under a fence; None is for those that need none."""

    run_id: str
    fence: int | None
    count: int
    at: float


class Statements(Protocol):
    """What writes events in one kind of database, each run at most once in a call of ``advance``."""

    def advance(self, cursor: Any, advances: Sequence[Advance]) -> dict[str, int]:
        """Number new events; return the last number of each run, but for runs that are not there or held by others."""

    def insert(self, cursor: Any, rows: Sequence[Row]) -> None:
        """Store events that were numbered."""


class SqliteStatements:
    """For SQLite: what is to be numbered goes in as one JSON text, events as rows of one statement."""

    # no common table expression: sqlite3 begins a transaction only for what begins with UPDATE or INSERT
    _WANTED = (
        "(SELECT json_extract(value, '$[0]') AS run, json_extract(value, '$[1]') AS held, "
        "json_extract(value, '$[2]') AS count, json_extract(value, '$[3]') AS at FROM json_each(?)) AS wanted"
    )
    _SAME = "runs.id = wanted.run AND (wanted.held IS NULL OR runs.fence = wanted.held)"
    _ADVANCE = (
        "UPDATE runs SET last_seq = last_seq + wanted.count, updated_at = wanted.at "  # noqa: S608 - constants
        f"FROM {_WANTED} WHERE {_SAME}"
    )
    # one row, since each row that is fetched gives up the lock as well
    _NUMBERS = f"SELECT json_group_object(runs.id, runs.last_seq) FROM {_WANTED} JOIN runs ON {_SAME}"  # noqa: S608

    _MOST = 128
    """Rows of one statement; all sizes are powers of two, so that there are few to be prepared."""

    def advance(self, cursor: Any, advances: Sequence[Advance]) -> dict[str, int]:
        """Number new events. See ``Statements``."""
        wanted = orjson.dumps([[one.run_id, one.fence, one.count, one.at] for one in advances]).decode()
        cursor.execute(self._ADVANCE, (wanted,))
        cursor.execute(self._NUMBERS, (wanted,))
        found: dict[str, int] = orjson.loads(cursor.fetchone()[0])
        return found

    def insert(self, cursor: Any, rows: Sequence[Row]) -> None:
        """Store events. See ``Statements``."""
        for some in _in_powers_of_two(rows, self._MOST):
            values = ",".join(["(?,?,?,?,?,?,?)"] * len(some))
            text = f"INSERT INTO events ({','.join(COLUMNS)}) VALUES {values}"  # noqa: S608 - constants
            cursor.execute(text, [value for row in some for value in row])


class PostgresStatements:
    """For PostgreSQL: columns go in as arrays."""

    _ADVANCE = (
        "UPDATE runs SET last_seq = last_seq + wanted.count, updated_at = wanted.at "
        "FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::float8[]) AS wanted(run, held, count, at) "
        "WHERE runs.id = wanted.run AND (wanted.held IS NULL OR runs.fence = wanted.held) "
        "RETURNING runs.id, runs.last_seq"
    )
    _INSERT = (
        f"INSERT INTO events ({','.join(COLUMNS)}) SELECT * FROM unnest("  # noqa: S608 - constants
        "%s::text[], %s::bigint[], %s::float8[], %s::text[], %s::text[], %s::text[], %s::text[])"
    )

    def advance(self, cursor: Any, advances: Sequence[Advance]) -> dict[str, int]:
        """Number new events. See ``Statements``."""
        # in one order everywhere, or two processes could wait for each other's rows
        ordered = sorted(advances, key=lambda one: one.run_id)
        columns = [[one.run_id for one in ordered], [one.fence for one in ordered]]
        columns += [[one.count for one in ordered], [one.at for one in ordered]]
        cursor.execute(self._ADVANCE, columns)
        return {str(run_id): int(last) for run_id, last in cursor.fetchall()}

    def insert(self, cursor: Any, rows: Sequence[Row]) -> None:
        """Store events. See ``Statements``."""
        cursor.execute(self._INSERT, [list(column) for column in zip(*rows, strict=True)])


def statements_for(dialect: str) -> Statements:
    """Return what writes events in a kind of database, by its name in SQLAlchemy."""
    return SqliteStatements() if dialect == "sqlite" else PostgresStatements()


def _in_powers_of_two(rows: Sequence[Row], most: int) -> Iterator[Sequence[Row]]:
    begin = 0
    while begin < len(rows):
        size = min(most, 1 << ((len(rows) - begin).bit_length() - 1))
        yield rows[begin : begin + size]
        begin += size
