"""Subject and object that changed places, and things that are compared the other way round."""

from collections.abc import Sequence

from agent.verification.comparison.alignment import denies, matched, weight
from agent.verification.comparison.dropping import scope_words
from agent.verification.comparison.items import Item, is_named, lemmas
from agent.verification.comparison.outcome import Comparison, contradicted
from agent.verification.comparison.readings import is_verb
from agent.verification.comparison.vocabulary import SYMMETRIC


def exchanged_roles(claim: Sequence[Item], sentence: Sequence[Item]) -> Comparison | None:
    """Return that a sentence has subject and object of a claim exchanged, None where it has not.

    Args:
        claim: the items of a claim, in the active voice.
        sentence: the items of a clause, likewise.
    """
    mine = [item for item in claim if not item.skipped]
    there = [item for item in sentence if not item.skipped]
    if found := _compared(mine, there):
        return found
    if any(denies(item) for item in (*mine, *there)) or scope_words(there):
        return None
    for position, pivot in enumerate(mine):
        if not (0 < position < len(mine) - 1) or pivot.kind != "word" or not weight(pivot):
            continue
        if lemmas(pivot.key) & SYMMETRIC or not (is_verb(pivot) or pivot.key.endswith("s")):
            continue
        left, right = ([item for item in part if weight(item)] for part in (mine[:position], mine[position + 1 :]))
        for place, other in enumerate(there):
            if other.kind != "word" or matched(pivot, other) != "same":
                continue
            # a passive without its "was" has the roles the other way round: "a law, written by Holt"
            if "by" in (there[place + 1].key if place + 1 < len(there) else "", mine[position + 1].key):
                continue
            before, after = there[:place], there[place + 1 :]
            object_ = _leading_names(mine[position + 1 :])
            subject = left
            if not object_ or not subject or len(left) > 4:
                continue
            crossed = _all_in(left, after) and _all_in(object_, before)
            straight = any(_all_in([item], before) for item in left) or any(_all_in([item], after) for item in object_)
            if crossed and not straight and _all_in(right, [*before, *after]):
                texts = (" ".join(item.text for item in items) for items in (subject, object_))
                return contradicted("the evidence has {} and {} in exchanged roles".format(*texts))
    return None


def _compared(mine: Sequence[Item], there: Sequence[Item]) -> Comparison | None:
    """Return that two things are compared the other way round: "iron is heavier than aluminium"."""
    sides = []
    for items in (mine, there):
        keys = [item.key for item in items]
        if keys.count("than") != 1 or any(denies(item) for item in items):
            return None
        at = keys.index("than")
        verb = next(
            (position for position, item in enumerate(items[:at]) if item.key in ("is", "was", "are", "were")), 0
        )
        if not verb:
            return None
        sides.append((keys[:verb], keys[verb:at], [item.key for item in items[at + 1 :] if item.kind != "mark"]))
    (left, how, right), (other_left, other_how, other_right) = sides
    if how == other_how and left == other_right and right == other_left and left != right:
        return contradicted(f"the evidence says it of {' '.join(other_left)}, the claim of {' '.join(left)}")
    return None


def _leading_names(items: Sequence[Item]) -> list[Item]:
    """Return the name, or the noun, right after a verb or its preposition."""
    found: list[Item] = []
    for item in items:
        if item.kind == "mark" or not weight(item) or item.kind in ("number", "date"):
            if found:
                break
        elif found and is_named(found[-1]) != is_named(item):
            break
        else:
            found.append(item)
    return found


def _all_in(items: Sequence[Item], place: Sequence[Item]) -> bool:
    return all(any(matched(item, there) == "same" or item.key == there.key for there in place) for item in items)
