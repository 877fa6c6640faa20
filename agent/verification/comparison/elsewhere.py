"""The contrary of a claim in other words and another order, where only one value or word can be meant."""

import itertools
from collections.abc import Sequence

from agent.verification.comparison.alignment import are_contrary, denies, matched, weight
from agent.verification.comparison.amounts import Amount
from agent.verification.comparison.dropping import scope_words
from agent.verification.comparison.items import Item, lemmas
from agent.verification.comparison.outcome import Comparison, contradicted
from agent.verification.comparison.readings import is_past, is_verb
from agent.verification.comparison.vocabulary import ATTRIBUTIONS, REPEATED, TELLING_LIMITS

_FEWEST_SAME = 2
_BEING = frozenset(["is", "was", "are", "were", "had", "has", "have", "stood", "totalled", "averaged"])
_RELATIVE = frozenset(
    ("later", "earlier", "following", "next", "previous", "more", "less", "after", "before", "ago", "another", "than")
)


def loose_value(claim: Sequence[Item], clause: Sequence[Item], evidence: Sequence[Item]) -> Comparison | None:
    """Return that a clause about the same has another value, also where the words stand in another order.

    The clause has nearly all words of the claim and all its names, and one value of that kind; the claim's value is
    nowhere in the text.
    """
    mine = [item for item in claim if not item.skipped]
    there = [item for item in clause if not item.skipped]
    values = [item for item in mine if item.kind in ("number", "date") and item.value is not None]
    odd = [item for item in values if not any(matched(item, other) in ("same", "limited") for other in evidence)]
    if len(odd) != 1 or any(denies(item) for item in (*mine, *there)):
        return None
    claimed = odd[0]
    rivals = [item for item in there if item.kind == claimed.kind and matched(claimed, item) == "contrary"]
    unit = getattr(claimed.value, "unit", "")
    alike = [
        item
        for item in there
        if item.kind == claimed.kind and item.value is not None and getattr(item.value, "unit", "") in (unit, "")
    ]
    alike += [item for item in rivals if item not in alike]
    words = [item for item in mine if weight(item) and item is not claimed]
    known = [item for item in words if any(matched(item, other) == "same" for other in evidence)]
    here = [item for item in words if any(matched(item, other) == "same" for other in there)]
    names = [item for item in words if item.kind in ("name", "number", "date")]
    if len(rivals) != 1 or len(alike) != 1 or len(words) < _FEWEST_SAME:
        return None
    missing = [item for item in words if item not in here]
    if mine[0] in missing or (claimed.kind == "date" and (measured(mine) or repeatable(claim))):
        # what the claim is about, or what can be at more than one time
        return None
    exact = claimed.kind == "date" or bool(getattr(claimed.value, "unit", ""))
    if any(item not in known for item in names) or len(missing) > (1 if exact else 0):
        return None
    if _limits_differ(mine, there) or any(relates(item) for item in missing) or names_another(mine, there):
        return None
    if any(within_range(claimed, there, place) for place, item in enumerate(there) if item is rivals[0]):
        return None
    if claimed.kind == "date" and any(relates(item) and item not in mine for item in there):
        return None
    if claimed.kind == "number" and not _same_measure(claimed, mine, rivals[0], there):
        return None
    return contradicted(f"the evidence says {rivals[0].text}, the claim {claimed.text}")


def measured(items: Sequence[Item]) -> bool:
    """Whether a statement says how much something was, which it can have been in other years as well."""
    amounts = [at for at, item in enumerate(items) if isinstance(item.value, Amount)]
    return any(item.key in _BEING for at in amounts for item in items[max(0, at - 2) : at])


def repeatable(items: Sequence[Item]) -> bool:
    """Whether what a statement tells can have happened in another year as well: "a fire broke out", "wrote a book"."""
    if items and items[0].key in ("a", "an"):
        return True
    if any(item.kind == "word" and lemmas(item.key) & REPEATED for item in items):
        return True
    pairs = itertools.pairwise(items)
    return any(is_past(verb) and after.key in ("a", "an") for verb, after in pairs)


def names_another(mine: Sequence[Item], there: Sequence[Item]) -> bool:
    """Whether a clause goes on after the claim's subject to name another thing: "Acme Motors", "the firm's parent"."""
    if mine and mine[0].kind == "cjk":
        shared = next((at for at, pair in enumerate(zip(mine, there, strict=False)) if pair[0].key != pair[1].key), 0)
        return bool(shared) and there[shared].key == "的"
    verb = next((at for at, item in enumerate(mine) if is_verb(item)), 0)
    if not verb:
        return False
    last = mine[verb - 1]
    places = [at for at, item in enumerate(there[:-1]) if item.kind != "mark" and matched(last, item) == "same"]
    if not places:
        return False
    before, after = there[places[0]], there[places[0] + 1]
    named = after.kind == "name" and before.text[:1].isupper() and all(item.key != after.key for item in mine)
    return named or (after.key == "'s" and all(item.key != "'s" for item in mine))


def within_range(claimed: Item, sentence: Sequence[Item], place: int) -> bool:
    """Whether a number lies in a range, of which the number at a place of a sentence is one end: "5 to 7 mm"."""
    if not isinstance(claimed.value, Amount):
        return False
    for low, high in ((place - 2, place), (place, place + 2)):
        if low < 0 or high >= len(sentence) or sentence[low + 1].key not in ("to", "and", "through"):
            continue
        one, other = sentence[low].value, sentence[high].value
        if sentence[low + 1].key == "and" and (not low or sentence[low - 1].key != "between"):
            continue
        if isinstance(one, Amount) and isinstance(other, Amount):
            start, end = sorted((one.value, other.value))
            if start <= claimed.value.value <= end and claimed.value.unit == (other.unit or one.unit):
                return True
    return False


def relates(item: Item) -> bool:
    """Whether a word says how a value lies to another one, so that it may follow from several."""
    return item.key in _RELATIVE or (item.kind == "word" and len(item.key) > 4 and item.key.endswith("er"))


def _limits_differ(mine: Sequence[Item], there: Sequence[Item]) -> bool:
    """Whether one of two statements has a word that limits or attributes it, and the other not."""
    sides = [
        {word for word in scope_words(items) if word in TELLING_LIMITS | ATTRIBUTIONS | {"?"} and word != "only"}
        for items in (mine, there)
    ]
    return sides[0] != sides[1]


def _same_measure(claimed: Item, mine: Sequence[Item], given: Item, there: Sequence[Item]) -> bool:
    """Whether two numbers have a unit, or count the same noun."""
    if bool(getattr(claimed.value, "unit", "")):
        return True
    counted, other = (
        next((item for item in items[items.index(number) + 1 :] if weight(item)), None)
        for items, number in ((list(mine), claimed), (list(there), given))
    )
    if counted is None or other is None:
        return counted is other
    return matched(counted, other) == "same"


def loose_words(claim: Sequence[Item], clause: Sequence[Item]) -> Comparison | None:
    """Return that a clause has all words of a claim but one, and the contrary of that one."""
    mine = [item for item in claim if not item.skipped and weight(item)]
    there = [item for item in clause if not item.skipped]
    missing = [item for item in mine if not any(matched(item, other) == "same" for other in there)]
    same_subject = bool(mine) and matched(mine[0], next(filter(weight, there), mine[0])) == "same"
    if not same_subject or any(item.key == "than" for item in claim):
        return None
    if len(missing) != 1 or len(mine) - 1 < _FEWEST_SAME + 1 or any(denies(item) for item in (*claim, *clause)):
        return None
    rivals = [item for item in there if item.kind == "word" and are_contrary(missing[0].key, item.key)]
    if len(rivals) != 1 or _limits_differ(mine, there):
        return None
    return contradicted(f"the evidence says {rivals[0].text!r}, the claim {missing[0].text!r}")
