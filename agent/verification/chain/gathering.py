"""Evidence of several claims kept under ids that stand for one thing each.

Retrievers name what they find, and two of them may give one id to different things. What a verdict rests on must be
found again by its id, so the later one gets an id of its own, in its judgements too.
"""

from collections.abc import Iterable, Mapping

from agent.domain.evidence import Evidence
from agent.verification.chain.looked import Looked


def gathered(
    known: Mapping[str, Evidence], looked: Iterable[Looked]
) -> tuple[Mapping[str, Evidence], tuple[Looked, ...]]:
    """Return all evidence by id, and the claims with the ids under which theirs is now found.

    Args:
        known: evidence that keeps its ids.
        looked: claims with their evidence; earlier ones keep their ids before later ones.
    """
    by_id = dict(known)
    result: list[Looked] = []
    for one in looked:
        names = {item.id: _name(item, by_id) for item in one.evidence}
        by_id.update({names[item.id]: item.model_copy(update={"id": names[item.id]}) for item in one.evidence})
        result.append(_renamed(one, names) if any(name != new for name, new in names.items()) else one)
    return by_id, tuple(result)


def unique(items: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return evidence for one claim with each id once; other things under an id that is taken get one of their own."""
    known: dict[str, Evidence] = {}
    for item in items:
        name = _name(item, known)
        known[name] = item.model_copy(update={"id": name})
    return tuple(known.values())


def _name(item: Evidence, known: Mapping[str, Evidence]) -> str:
    name, number = item.id, 1
    while name in known and known[name] != item.model_copy(update={"id": name}):
        number += 1
        name = f"{item.id}-{number}"
    return name


def _renamed(one: Looked, names: Mapping[str, str]) -> Looked:
    judgements = tuple(
        judgement.model_copy(update={"evidence": tuple(names.get(name, name) for name in judgement.evidence)})
        for judgement in one.judgements
    )
    evidence = tuple(item.model_copy(update={"id": names[item.id]}) for item in one.evidence)
    return one.model_copy(update={"evidence": evidence, "judgements": judgements})
