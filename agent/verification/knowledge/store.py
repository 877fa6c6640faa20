"""A knowledge base's SQLite file: things, their names and types, relations, and triples. Blocking; one connection.

A triple is four numbers and a text in a table that is its own index, so that a lookup is one descent of a tree.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import orjson

from agent.domain.errors import KnowledgeUnavailable
from agent.verification.knowledge.forms import Conflict, Held, KnowledgeStats, Known, RelationFacts
from agent.verification.knowledge.names import apart, normalise

APPLICATION_ID = 0x504C4B42
SCHEMA_VERSION = 1
"""Raised whenever tables or the normal form of names change: an older file must then be made anew."""
SUBJECT, OBJECT = 0, 1
"""The two sides of a relation."""
_SCHEMA = """
CREATE TABLE files (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL);
CREATE TABLE entities (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, label TEXT NOT NULL);
CREATE TABLE names (
    number INTEGER PRIMARY KEY, normal TEXT NOT NULL, entity INTEGER NOT NULL, UNIQUE (normal, entity)
);
CREATE INDEX names_by_entity ON names (entity);
CREATE VIRTUAL TABLE pieces USING fts5 (words, content = '', tokenize = 'trigram case_sensitive 1');
CREATE TABLE types (entity INTEGER NOT NULL, type TEXT NOT NULL, PRIMARY KEY (entity, type)) WITHOUT ROWID;
CREATE TABLE relations (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, label TEXT NOT NULL,
    functional TEXT NOT NULL DEFAULT '', symmetric TEXT NOT NULL DEFAULT '', inverse INTEGER
);
CREATE TABLE relation_names (
    normal TEXT NOT NULL, relation INTEGER NOT NULL, PRIMARY KEY (normal, relation)
) WITHOUT ROWID;
CREATE TABLE sides (
    relation INTEGER NOT NULL, side INTEGER NOT NULL, type TEXT NOT NULL, PRIMARY KEY (relation, side, type)
) WITHOUT ROWID;
CREATE TABLE triples (
    subject INTEGER NOT NULL, relation INTEGER NOT NULL, object INTEGER NOT NULL, qualifiers TEXT NOT NULL,
    file INTEGER NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (subject, relation, object, qualifiers)
) WITHOUT ROWID;
CREATE INDEX triples_by_object ON triples (object, relation);
"""
_HELD = (
    "SELECT s.label, r.label, o.label, t.qualifiers, f.name, f.sha256, t.line FROM triples t"
    " JOIN entities s ON s.number = t.subject JOIN relations r ON r.number = t.relation"
    " JOIN entities o ON o.number = t.object JOIN files f ON f.number = t.file"
)


class Relation(NamedTuple):
    """A relation: its number, what it is called, and how it is known to be functional or symmetric."""

    number: int
    label: str
    functional: Known
    symmetric: Known
    inverse: int | None


class Stored(NamedTuple):
    """A triple in numbers, as it is stored, and the other end as seen from the subject that was asked about."""

    other: int
    subject: int
    relation: int
    object: int
    qualifiers: str


class Store:
    """The file of a knowledge base. Safe to share between threads, which take turns.

    Args:
        path: the file; it and its folder are made when missing.
        busy_seconds: how long to wait for another process that is writing.
    """

    def __init__(self, path: Path, *, busy_seconds: float = 5.0) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the file. It is opened again when needed."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection.

        Raises:
            KnowledgeUnavailable: the file cannot be used, or is none of ours.
        """
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._opened()
                yield self._connection
            except sqlite3.OperationalError as error:
                busy = "locked" in str(error) or "busy" in str(error)
                what = "is being written by another process; try again" if busy else f"cannot be used: {error}"
                raise KnowledgeUnavailable(f"the knowledge base {self.path} {what}") from error
            except sqlite3.DatabaseError as error:
                raise KnowledgeUnavailable(
                    f"{self.path} is no knowledge base or is damaged: {error}; remove it and add its files again"
                ) from error

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection inside a transaction that ends with the block; an error takes everything back."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection

    def _opened(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise KnowledgeUnavailable(f"{self.path.parent} cannot be made: {error.strerror or error}") from error
        connection = sqlite3.connect(
            self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(connection, self.path)
        except BaseException:
            connection.close()
            raise
        return connection

    def entities_named(self, normal: str) -> tuple[int, ...]:
        """Return the numbers of all things with a name in normal form."""
        with self.reading() as connection:
            rows = connection.execute("SELECT entity FROM names WHERE normal = ?", (normal,)).fetchall()
        return tuple(row[0] for row in rows)

    def relation_named(self, name: str) -> Relation | None:
        """Return the relation of a name, or None where there is none or more than one."""
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT number, label, functional, symmetric, inverse FROM relations WHERE number IN"
                " (SELECT relation FROM relation_names WHERE normal IN (?, ?))",
                (normalise(name), normalise(apart(name))),
            ).fetchall()
        return Relation(*rows[0]) if len(rows) == 1 else None

    def holds(self, subject: int, relation: Relation, other: int) -> tuple[Stored, ...]:
        """Return the triples that say it of two things, with whatever qualifiers, also by symmetry and inverses."""
        return self._found(relation, subject, other)

    def objects(self, subject: int, relation: Relation) -> tuple[Stored, ...]:
        """Return the triples of a subject and a relation, also by symmetry and inverses."""
        return self._found(relation, subject, None)

    def some_objects(self, subject: int, relation: Relation, limit: int) -> tuple[Stored, ...]:
        """Return like ``objects``, at most so many, the first ones by number."""
        return self._found(relation, subject, None, limit)[:limit]

    def relations_of(self, subject: int) -> tuple[Relation, ...]:
        """Return the relations in which a thing is the subject, by number."""
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT number, label, functional, symmetric, inverse FROM relations r WHERE EXISTS"
                " (SELECT 1 FROM triples WHERE subject = ? AND relation = r.number) ORDER BY number",
                (subject,),
            ).fetchall()
        return tuple(Relation(*row) for row in rows)

    def _found(self, relation: Relation, subject: int, other: int | None, limit: int = -1) -> tuple[Stored, ...]:
        forward, backward = "subject = ? AND relation = ?", "object = ? AND relation = ?"
        asked = [(forward, "object", relation.number)]
        if relation.symmetric:
            asked.append((backward, "subject", relation.number))
        if relation.inverse is not None:
            asked.append((backward, "subject", relation.inverse))
        found: dict[tuple[int, int, int, str], Stored] = {}
        with self.reading() as connection:
            for where, end, number in asked:
                sql = f"SELECT {end}, subject, relation, object, qualifiers FROM triples WHERE {where}"  # noqa: S608
                if other is None:
                    rows = connection.execute(f"{sql} LIMIT ?", (subject, number, limit))
                else:
                    rows = connection.execute(f"{sql} AND {end} = ?", (subject, number, other))
                found.update({row[1:]: Stored(*row) for row in rows.fetchall()})
        return tuple(found.values())

    def held(self, stored: Stored) -> Held:
        """Return a triple in words, with where it came from."""
        with self.reading() as connection:
            row = connection.execute(
                f"{_HELD} WHERE t.subject = ? AND t.relation = ? AND t.object = ? AND t.qualifiers = ?", stored[1:]
            ).fetchone()
        subject, relation, value, qualifiers, file, digest, line = row
        return Held(
            subject=subject,
            relation=relation,
            object=value,
            qualifiers=orjson.loads(qualifiers) if qualifiers else {},
            file=file,
            file_sha256=digest,
            line=line,
        )

    def label(self, entity: int) -> str:
        """Return what a thing is called."""
        with self.reading() as connection:
            return str(connection.execute("SELECT label FROM entities WHERE number = ?", (entity,)).fetchone()[0])

    def types(self, entity: int) -> frozenset[str]:
        """Return the types of a thing; empty where none is known."""
        with self.reading() as connection:
            return frozenset(
                row[0] for row in connection.execute("SELECT type FROM types WHERE entity = ?", (entity,)).fetchall()
            )

    def expected_types(self, relation: Relation, side: int) -> frozenset[str]:
        """Return the types that the things on one side of a relation have in this knowledge base."""
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT type FROM sides WHERE relation = ? AND side = ?", (relation.number, side)
            ).fetchall()
        return frozenset(row[0] for row in rows)

    def are_related(self, one: int, other: int, *, far: bool) -> bool:
        """Return whether two things share a name or any triple, as a town and its country do.

        With ``far``, also whether two triples lead from one to the other, as from a town to its continent.
        """
        if far and any(self._leads(*pair) for pair in ((one, other), (other, one))):
            return True
        with self.reading() as connection:
            found = connection.execute(
                "SELECT 1 FROM names a JOIN names b ON a.normal = b.normal WHERE a.entity = ?1 AND b.entity = ?2"
                " UNION ALL SELECT 1 FROM triples WHERE subject = ?1 AND object = ?2"
                " UNION ALL SELECT 1 FROM triples WHERE subject = ?2 AND object = ?1 LIMIT 1",
                (one, other),
            ).fetchone()
        return found is not None

    def _leads(self, one: int, other: int) -> bool:
        with self.reading() as connection:
            # CROSS JOIN keeps the order: few triples have the first subject, while many may have the last object
            found = connection.execute(
                "SELECT 1 FROM triples a CROSS JOIN triples b ON b.subject = a.object"
                " WHERE a.subject = ? AND b.object = ? LIMIT 1",
                (one, other),
            ).fetchone()
        return found is not None

    def similar_names(self, expression: str, limit: int) -> list[tuple[str, int]]:
        """Return names in normal form, with their entities, that have one of the pieces of an FTS5 expression."""
        with self.reading() as connection:
            return connection.execute(
                "SELECT normal, entity FROM names WHERE number IN"
                " (SELECT rowid FROM pieces WHERE pieces MATCH ? LIMIT ?)",
                (expression, limit),
            ).fetchall()

    def conflicts(self, limit: int) -> tuple[int, tuple[Conflict, ...]]:
        """Return how many conflicts of functional relations there are, and the first of them."""
        grouped = (
            "SELECT t.subject, t.relation, t.qualifiers FROM triples t JOIN relations r ON r.number = t.relation"
            " WHERE r.functional != '' GROUP BY t.subject, t.relation, t.qualifiers HAVING count(*) > 1"
        )
        with self.reading() as connection:
            count = connection.execute(f"SELECT count(*) FROM ({grouped})").fetchone()[0]  # noqa: S608
            shown = []
            for row in connection.execute(f"{grouped} LIMIT ?", (limit,)).fetchall():
                rows = connection.execute(
                    f"{_HELD} WHERE t.subject = ? AND t.relation = ? AND t.qualifiers = ?", row
                ).fetchall()
                shown.append(
                    Conflict(subject=rows[0][0], relation=rows[0][1], objects=tuple(sorted(one[2] for one in rows)))
                )
        return count, tuple(shown)

    def stats(self) -> KnowledgeStats:
        """Return how much the knowledge base holds."""
        with self.reading() as connection:
            triples, entities, names = (
                connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
                for table in ("triples", "entities", "names")
            )
            rows = connection.execute(
                "SELECT r.label, count(t.relation), r.functional, r.symmetric, coalesce(i.label, '') FROM relations r"
                " LEFT JOIN triples t ON t.relation = r.number LEFT JOIN relations i ON i.number = r.inverse"
                " GROUP BY r.number ORDER BY r.label"
            ).fetchall()
            pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        relations = tuple(
            RelationFacts(name=name, triples=count, functional=functional, symmetric=symmetric, inverse=inverse)
            for name, count, functional, symmetric, inverse in rows
        )
        return KnowledgeStats(triples=triples, entities=entities, names=names, relations=relations, size=pages * size)


def qualifiers_key(qualifiers: Mapping[str, str]) -> str:
    """Return qualifiers as one text that is equal for equal ones; empty for none."""
    if not qualifiers:
        return ""
    normal = {normalise(key): normalise(value) for key, value in qualifiers.items()}
    return orjson.dumps(normal, option=orjson.OPT_SORT_KEYS).decode()


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            # another process may have made them while this one waited
            if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
                for statement in _SCHEMA.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise KnowledgeUnavailable(f"{path} is a database of something else; choose another name")
    if version != SCHEMA_VERSION:
        raise KnowledgeUnavailable(f"{path} is from another version; remove it and add its files again")
    connection.execute("PRAGMA synchronous = NORMAL")
