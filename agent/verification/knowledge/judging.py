"""Judges statements by a knowledge base. What it does not hold is not found, never false."""

from agent.domain.claims import Statement
from agent.verification.knowledge.forms import Link, TripleVerdict
from agent.verification.knowledge.linking import link
from agent.verification.knowledge.names import compare_values
from agent.verification.knowledge.store import OBJECT, SUBJECT, Relation, Store, Stored, qualifiers_key

_SHOWN = 5


def judge_statement(store: Store, statement: Statement) -> TripleVerdict:
    """Return what a knowledge base says of a statement.

    - ``supported``: it holds the triple with equal qualifiers, also by an alias, symmetry or an inverse.
    - ``contradicted``: the relation is functional and the knowledge base holds another object, and only one, with equal
      qualifiers, where both are things that cannot be the same; or the statement denies what it holds.
    - ``qualified``: it holds the triple, but only under qualifiers that the statement leaves out, or beside another
      one that conflicts with it.
    - ``not_found``: everything else, also names that it does not know for certain.
    """
    relation = store.relation_named(statement.relation)
    if relation is None:
        return TripleVerdict(verdict="not_found", reason=f"no one relation is called {statement.relation!r}")
    subject = link(store, statement.subject, store.expected_types(relation, SUBJECT))
    value = link(store, statement.object, store.expected_types(relation, OBJECT))
    if subject.entity is None:
        return TripleVerdict(verdict="not_found", reason=_abstained(subject), subject=subject, object=value)
    found = _judged(store, statement, relation, subject.entity, value)
    found = found.model_copy(update={"subject": subject, "object": value})
    if not statement.positive:
        found = _denied(found)
    if found.verdict == "contradicted" and "own label" in (subject.how, value.how):
        reason = "the names also stand for other things, so that nothing is contradicted"
        return found.model_copy(update={"verdict": "not_found", "reason": reason})
    return found


def _judged(store: Store, statement: Statement, relation: Relation, subject: int, value: Link) -> TripleVerdict:
    key = qualifiers_key(statement.qualifiers)
    known = store.objects(subject, relation) if relation.functional or value.entity is None else ()
    others = [stored for stored in known if stored.qualifiers == key]
    if value.entity is not None:
        holding = store.holds(subject, relation, value.entity)
        others = [stored for stored in others if stored.other != value.entity]
    else:
        holding = _equal_values(store, value.text, known)
        others = [stored for stored in others if stored not in holding]
    exact = tuple(stored for stored in holding if stored.qualifiers == key)
    if exact and relation.functional and others:
        return _verdict(
            store, "qualified", "it is held beside another object, of which there can be one", *exact, *others
        )
    if exact:
        return _verdict(store, "supported", "the knowledge base holds it", *exact)
    if holding and not key:
        return _verdict(store, "qualified", "it is held only under qualifiers", *holding)
    if holding:
        return _verdict(store, "not_found", "it is held under other qualifiers only", *holding)
    if not relation.functional or not others:
        reason = "the knowledge base does not hold it" if value.entity is not None else _abstained(value)
        return _verdict(store, "not_found", reason)
    if len({stored.other for stored in others}) > 1:
        return _verdict(store, "not_found", "the knowledge base contradicts itself here", *others)
    reason = _why_compatible(store, value, others[0].other)
    if reason:
        return _verdict(store, "not_found", reason, *others)
    said = f"{relation.label} has one object, and another one is held"
    return _verdict(store, "contradicted", said, *others)


def _equal_values(store: Store, text: str, known: tuple[Stored, ...]) -> tuple[Stored, ...]:
    """Return the triples whose object is the same number or date, or a day of the year that is named."""
    if compare_values(text, text) == "unlike":
        return ()
    return tuple(one for one in known if compare_values(text, store.label(one.other)) in ("same", "coarser"))


def _why_compatible(store: Store, value: Link, held: int) -> str:
    """Return why a named object and the one that is held may both be right; empty where they cannot."""
    label = store.label(held)
    match compare_values(value.text, label):
        case "other":
            return ""
        case "coarser" | "finer" | "same":
            return f"{value.text} and {label} differ in precision only"
    if value.entity is None:
        return _abstained(value)
    mine, theirs = store.types(value.entity), store.types(held)
    # a town and its continent are both right, while two towns of one country are not
    if store.are_related(value.entity, held, far=not mine & theirs):
        return f"{value.label} and {label} are related, and both may be right"
    if mine and theirs and not mine & theirs:
        return f"{value.label} and {label} are things of different kinds"
    return ""


def _denied(found: TripleVerdict) -> TripleVerdict:
    if found.verdict == "supported":
        return found.model_copy(update={"verdict": "contradicted", "reason": "the knowledge base holds what is denied"})
    if found.verdict == "not_found":
        return found
    reason = f"a denial is not proved by what is held: {found.reason}"
    return found.model_copy(update={"verdict": "not_found", "reason": reason})


def _verdict(store: Store, verdict: str, reason: str, *rests_on: Stored) -> TripleVerdict:
    triples = tuple(store.held(stored) for stored in rests_on[:_SHOWN])
    return TripleVerdict.model_validate({"verdict": verdict, "reason": reason, "triples": triples})


def _abstained(name: Link) -> str:
    shown = ", ".join(name.candidates)
    match name.how:
        case "ambiguous":
            return f"{name.text!r} may be any of: {shown}"
        case "wrong type":
            return f"{name.text!r} is known only as something of another kind: {shown}"
        case "similar":
            return f"{name.text!r} is not known; similar: {shown}"
    return f"{name.text!r} is not known"
