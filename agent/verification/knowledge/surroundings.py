"""Finds what a knowledge base holds about the subject of a statement, the most relevant relation first."""

from agent.domain.claims import Statement
from agent.verification.knowledge.forms import Surroundings
from agent.verification.knowledge.linking import link
from agent.verification.knowledge.names import apart
from agent.verification.knowledge.store import SUBJECT, Relation, Store, Stored
from agent.verification.words import features, tokens


def surroundings(store: Store, statement: Statement, limit: int) -> Surroundings:
    """Return triples about the subject of a statement: of its relation, then of relations with words of it.

    What words only rank is offered, and proves nothing.

    Args:
        store: the knowledge base.
        statement: its object is used for nothing but words.
        limit: of triples.
    """
    asked = store.relation_named(statement.relation)
    about = link(store, statement.subject, store.expected_types(asked, SUBJECT) if asked is not None else frozenset())
    if about.entity is None:
        return Surroundings(subject=about)
    others = [relation for relation in store.relations_of(about.entity) if relation != asked]
    wanted = _words(f"{statement.relation} {statement.object}")
    others.sort(key=lambda relation: (-_shared(relation, wanted), relation.number))
    found: list[Stored] = []
    for relation in ([asked] if asked is not None else []) + others:
        if len(found) >= limit:
            break
        fresh = store.some_objects(about.entity, relation, limit - len(found))
        found.extend(one for one in fresh if one not in found)
    return Surroundings(subject=about, triples=tuple(store.held(one) for one in found))


def _shared(relation: Relation, wanted: frozenset[str]) -> float:
    words = _words(relation.label)
    return len(words & wanted) / len(words) if words else 0.0


def _words(text: str) -> frozenset[str]:
    return features(tokens(apart(text)))
