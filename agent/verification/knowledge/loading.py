"""Loads files into a knowledge base, each call in one transaction and in bounded memory."""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from agent.domain.errors import UsageError
from agent.verification.knowledge.forms import BadLine, Loaded
from agent.verification.knowledge.names import apart, local_name, normalise, sorted_words
from agent.verification.knowledge.reading import (
    Bad,
    Lines,
    NameRow,
    RelationRow,
    Row,
    TripleRow,
    is_type,
    name_rows,
    triple_rows,
)
from agent.verification.knowledge.store import OBJECT, SUBJECT, Store, qualifiers_key

SHOWN = 20
"""Malformed lines and conflicts that are shown; all are counted."""
FUNCTIONAL_FROM = 100
"""Subjects that a relation must have to be learnt as functional. Where none of so many has two objects, at most 3 % of
all subjects have (the rule of three, 95 %)."""
SYMMETRIC_FROM = 30
"""Subjects that a relation must have to be learnt as symmetric."""
SYMMETRIC_SHARE = 0.85
"""Share of a relation's triples whose reverse must be there for it to be learnt as symmetric. Less than all: data with
gaps lacks some."""
SYMMETRIC_LIFT = 2
"""How many times as often as by chance the reverse must be there: where most pairs are held, most reverses are."""
_BATCH = 10_000
_CACHED = 200_000


def load(
    store: Store,
    path: Path | None,
    *,
    aliases: Path | None = None,
    functional: Sequence[str] = (),
    symmetric: Sequence[str] = (),
    inverse: Sequence[tuple[str, str]] = (),
    learn: bool = False,
) -> Loaded:
    """Add a file of triples, names, and what is declared about relations; all of it or, on an error, nothing.

    With ``learn``, a relation with at least ``FUNCTIONAL_FROM`` subjects counts as functional where none of them has
    two objects under equal qualifiers; one with ``SYMMETRIC_FROM`` as symmetric where ``SYMMETRIC_SHARE`` of its
    triples are there in reverse too, and that is ``SYMMETRIC_LIFT`` times the share that is held of all its pairs.
    What was learnt earlier is learnt anew; declarations stand.

    Raises:
        UsageError: a file cannot be read or is of another kind, or a declared relation is not in the knowledge base.
        KnowledgeUnavailable: the knowledge base cannot be written.
    """
    with store.writing() as connection:
        loading = _Loading(connection)
        if path is not None:
            loading.read(path, triples=True)
        if aliases is not None:
            loading.read(aliases, triples=False)
        for name in functional:
            loading.declare(_relation(connection, name), "functional")
        for name in symmetric:
            loading.declare(_relation(connection, name), "symmetric")
        for one, other in inverse:
            loading.invert(_relation(connection, one), _relation(connection, other))
        learnt = _learn(connection) if learn else ()
        _note_sides(connection)
    count, shown = store.conflicts(SHOWN)
    return Loaded(
        triples=loading.added,
        duplicates=loading.given - loading.added,
        names=loading.names,
        bad=loading.bad,
        bad_lines=tuple(loading.bad_lines),
        conflict_count=count,
        conflicts=shown,
        learnt=learnt,
    )


class _Loading:
    """The state of one load: numbers given so far, and rows not yet written."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._entities: dict[str, int] = {}
        self._relations: dict[str, int] = {}
        self._waiting: list[tuple[int, int, int, str, int, int]] = []
        self._file = 0
        self.given = self.added = self.names = self.bad = 0
        self.bad_lines: list[BadLine] = []

    def read(self, path: Path, *, triples: bool) -> None:
        """Add the rows of a file."""
        if not path.is_file():
            raise UsageError(f"{path} is not there or is no file")
        lines = Lines(path)
        rows = (triple_rows if triples else name_rows)(lines, path.suffix.lower())
        self._file = self._insert("INSERT INTO files (name, sha256) VALUES (?, '')", path.name)
        for number, row in rows:
            if isinstance(row, Bad):
                self.bad += 1
                if len(self.bad_lines) < SHOWN:
                    self.bad_lines.append(BadLine(file=path.name, line=number, reason=row.reason))
            else:
                self._add(number, row)
        self._write()
        self._connection.execute("UPDATE files SET sha256 = ? WHERE number = ?", (lines.sha256, self._file))

    def declare(self, relation: int, what: str, how: str = "declared") -> None:
        """Note that a relation is functional or symmetric."""
        self._connection.execute(f"UPDATE relations SET {what} = ? WHERE number = ?", (how, relation))  # noqa: S608

    def invert(self, one: int, other: int) -> None:
        """Note that two relations say the same from either side."""
        self._connection.execute("UPDATE relations SET inverse = ? WHERE number = ?", (other, one))
        self._connection.execute("UPDATE relations SET inverse = ? WHERE number = ?", (one, other))

    def _add(self, line: int, row: Row) -> None:
        match row:
            case TripleRow():
                self._add_triple(line, row)
            case NameRow():
                self._add_names(row)
            case RelationRow(name, "inverse", other):
                self.invert(self._relation(name), self._relation(other))
            case RelationRow(name, what):
                self.declare(self._relation(name), what)

    def _add_triple(self, line: int, row: TripleRow) -> None:
        labels = row.labels or ("", "", "")
        subject, value = self._entity(row.subject, labels[0]), self._entity(row.object, labels[2])
        relation = self._relation(row.relation, labels[1])
        self._waiting.append((subject, relation, value, qualifiers_key(row.qualifiers), self._file, line))
        if is_type(row.relation):
            self._type(subject, local_name(row.object))
        if len(self._waiting) >= _BATCH:
            self._write()

    def _add_names(self, row: NameRow) -> None:
        found = self._connection.execute("SELECT number FROM relations WHERE name = ?", (row.id,)).fetchone()
        if found:
            for name in row.names:
                self._name_relation(found[0], name)
            if row.label:
                self._connection.execute("UPDATE relations SET label = ? WHERE number = ?", (row.label, found[0]))
            return
        entity = self._entity(row.id)
        for name in row.names:
            self.names += self._name(entity, name)
        if row.label:
            self._connection.execute(
                "UPDATE entities SET label = ? WHERE number = ? AND label IN (name, ?)",
                (row.label, entity, _shown(row.id)),
            )
        for kind in row.types:
            self._type(entity, kind)

    def _type(self, entity: int, kind: str) -> None:
        self._connection.execute("INSERT OR IGNORE INTO types VALUES (?, ?)", (entity, normalise(kind)))

    def _entity(self, name: str, label: str = "") -> int:
        number = self._entities.get(name)
        if number is not None:
            return number
        row = self._connection.execute("SELECT number FROM entities WHERE name = ?", (name,)).fetchone()
        if row is None:
            number = self._insert("INSERT INTO entities (name, label) VALUES (?, ?)", name, label or _shown(name))
            for one in dict.fromkeys(filter(None, (name, label, _shown(name)))):
                self._name(number, one)
        else:
            number = int(row[0])
            if label:
                self._name(number, label)
        if len(self._entities) >= _CACHED:
            self._entities.clear()
        self._entities[name] = number
        return number

    def _name(self, entity: int, name: str) -> int:
        normal = normalise(name)
        done = self._connection.execute("INSERT OR IGNORE INTO names (normal, entity) VALUES (?, ?)", (normal, entity))
        if done.rowcount:
            self._connection.execute(
                "INSERT INTO pieces (rowid, words) VALUES (?, ?)", (done.lastrowid, sorted_words(normal))
            )
        return done.rowcount

    def _relation(self, name: str, label: str = "") -> int:
        number = self._relations.get(name)
        if number is None:
            row = self._connection.execute("SELECT number FROM relations WHERE name = ?", (name,)).fetchone()
            shown = label or _shown(name)
            number = row[0] if row else self._insert("INSERT INTO relations (name, label) VALUES (?, ?)", name, shown)
            self._relations[name] = number
            for one in (name, apart(name), shown):
                self._name_relation(number, one)
        return number

    def _name_relation(self, relation: int, name: str) -> None:
        self._connection.execute("INSERT OR IGNORE INTO relation_names VALUES (?, ?)", (normalise(name), relation))

    def _insert(self, sql: str, *values: str) -> int:
        return self._connection.execute(sql, values).lastrowid or 0

    def _write(self) -> None:
        self.given += len(self._waiting)
        done = self._connection.executemany("INSERT OR IGNORE INTO triples VALUES (?, ?, ?, ?, ?, ?)", self._waiting)
        self.added += max(done.rowcount, 0)
        self._waiting.clear()


def _shown(name: str) -> str:
    return local_name(name) if "://" in name and " " not in name else name


def _relation(connection: sqlite3.Connection, name: str) -> int:
    rows = connection.execute(
        "SELECT DISTINCT relation FROM relation_names WHERE normal = ?", (normalise(name),)
    ).fetchall()
    if len(rows) != 1:
        raise UsageError(f"{'several relations are' if rows else 'no relation of the files is'} called {name!r}")
    return int(rows[0][0])


def _learn(connection: sqlite3.Connection) -> tuple[str, ...]:
    connection.execute("UPDATE relations SET functional = '' WHERE functional = 'learnt'")
    connection.execute("UPDATE relations SET symmetric = '' WHERE symmetric = 'learnt'")
    functional = (
        "SELECT relation FROM (SELECT relation, subject, count(*) AS objects FROM triples"
        " GROUP BY relation, subject, qualifiers) GROUP BY relation HAVING count(DISTINCT subject) >= ?"
        " AND max(objects) = 1"
    )
    symmetric = (
        "SELECT t.relation FROM triples t LEFT JOIN triples b ON b.subject = t.object AND b.relation = t.relation"
        " AND b.object = t.subject AND b.qualifiers = t.qualifiers WHERE t.subject != t.object GROUP BY t.relation"
        " HAVING count(DISTINCT t.subject) >= ? AND count(b.subject) >= ? * count(*)"
        " AND 1.0 * count(b.subject) * count(DISTINCT t.subject) * count(DISTINCT t.object) >= ? * count(*) * count(*)"
    )
    one_object = connection.execute(functional, (FUNCTIONAL_FROM,)).fetchall()
    both_ways = connection.execute(symmetric, (SYMMETRIC_FROM, SYMMETRIC_SHARE, SYMMETRIC_LIFT)).fetchall()
    return *_learnt(connection, "functional", one_object), *_learnt(connection, "symmetric", both_ways)


def _learnt(connection: sqlite3.Connection, what: str, rows: Iterable[tuple[int]]) -> list[str]:
    names = []
    for (relation,) in rows:
        done = connection.execute(
            f"UPDATE relations SET {what} = 'learnt' WHERE number = ? AND {what} = '' RETURNING label",  # noqa: S608
            (relation,),
        ).fetchall()
        names += [f"{label}: {what}" for (label,) in done]
    return names


def _note_sides(connection: sqlite3.Connection) -> None:
    if connection.execute("SELECT 1 FROM types LIMIT 1").fetchone() is None:
        return
    connection.execute("DELETE FROM sides")
    for side, end in ((SUBJECT, "subject"), (OBJECT, "object")):
        connection.execute(
            "INSERT INTO sides SELECT DISTINCT t.relation, ?, k.type"  # noqa: S608
            f" FROM triples t JOIN types k ON k.entity = t.{end}",
            (side,),
        )
