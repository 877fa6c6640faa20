"""A knowledge base in numbers, for what learns from all of its triples."""

import hashlib
from typing import NamedTuple

from agent.domain.claims import Statement
from agent.domain.errors import UsageError
from agent.verification.knowledge.linking import link
from agent.verification.knowledge.store import OBJECT, SUBJECT, Store


class Numbered(NamedTuple):
    """The triples of a knowledge base in its own numbers, without qualifiers, and the digest these belong to."""

    digest: str
    triples: tuple[tuple[int, int, int], ...]


def numbered(store: Store, limit: int) -> Numbered:
    """Return all triples.

    Args:
        store: the knowledge base.
        limit: how many things it may have at most.

    Raises:
        UsageError: it has more things, or no triples.
    """
    with store.reading() as connection:
        things = connection.execute("SELECT count(*) FROM entities").fetchone()[0]
        if things > limit:
            raise UsageError(f"the knowledge base has {things:,} things; this can be learnt for {limit:,} at most")
        rows = connection.execute(
            "SELECT DISTINCT subject, relation, object FROM triples ORDER BY subject, relation, object"
        ).fetchall()
        if not rows:
            raise UsageError("the knowledge base has no triples; add some with `plumbline kb add`")
        return Numbered(digest(store), tuple(rows))


def digest(store: Store) -> str:
    """Return a text that changes with the files a knowledge base was made of, and so with its numbers."""
    with store.reading() as connection:
        files = connection.execute("SELECT sha256 FROM files ORDER BY number").fetchall()
        counts = connection.execute("SELECT (SELECT count(*) FROM entities), (SELECT count(*) FROM triples)").fetchone()
    return hashlib.sha256(repr((files, counts)).encode()).hexdigest()


def located(store: Store, statement: Statement) -> tuple[int, int, int] | None:
    """Return the numbers of what a statement names; None where one of them is not known for certain."""
    relation = store.relation_named(statement.relation)
    if relation is None:
        return None
    subject = link(store, statement.subject, store.expected_types(relation, SUBJECT))
    value = link(store, statement.object, store.expected_types(relation, OBJECT))
    if subject.entity is None or value.entity is None:
        return None
    return subject.entity, relation.number, value.entity
