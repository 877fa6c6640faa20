"""Tells from an alignment what a sentence says otherwise than a claim, and whether both cannot be true."""

from collections.abc import Sequence

from agent.verification.comparison.alignment import Alignment, are_contrary, denies, matched, weight
from agent.verification.comparison.dropping import scope_words, tells_past
from agent.verification.comparison.items import Item, lemmas
from agent.verification.comparison.outcome import Comparison
from agent.verification.comparison.readings import is_verb
from agent.verification.comparison.vocabulary import (
    ATTRIBUTIONS,
    CLAUSE_OPENERS,
    MAKING,
    NEGATIONS,
    PLACING,
    PLURAL_VERBS,
    SEVERAL_PLACES,
    SYMMETRIC,
    TELLING_LIMITS,
    UNIQUE,
)
from agent.verification.lexicon import ANAPHORS

_FEWEST_SAME = 2
_RELATIVE = frozenset(
    ("later", "earlier", "following", "next", "previous", "more", "less", "after", "before", "ago", "another", "than")
)
_STILL = frozenset(["longer", "yet", "anymore"])
_WHOLE = frozenset(["all", "every", "each", "always", "everyone", "everything"])
_PART = frozenset(["some", "most", "many", "few", "several", "sometimes", "often", "usually", "partly", "half"])


def contrary(aligned: Alignment, evidence: Sequence[Item]) -> Comparison | None:
    """Return that a sentence says the contrary of a claim, with what it says instead; None where it does not.

    Args:
        aligned: the claim with one clause, differing items included.
        evidence: the items of the whole text: what stands elsewhere in it may be what the claim means.
    """
    pairs = aligned.pairs
    same = [(mine, other) for mine, other, match in pairs if match == "same" and weight(aligned.claim[mine])]
    whole = not aligned.added and not any(weight(aligned.sentence[at]) for gap in aligned.gaps() for at in range(*gap))
    if len(same) < (1 if whole else _FEWEST_SAME):
        return None
    differing = [(mine, other) for mine, other, match in pairs if match == "contrary"]
    exchanged = [(mine, other) for mine, other, match in pairs if match == "other"]
    added = [aligned.claim[index] for index in aligned.added]
    denied = _denials(aligned, added)
    unknown = [item for item in added if weight(item) and not denies(item) and item.key != "still"]
    words = [(mine, other) for mine, other in exchanged if weight(aligned.claim[mine])]
    if denied and any(item.key in _PART for item in aligned.claim):
        return None
    if denied is None or _scope(aligned, ignoring=denied > 0) or any(match == "limited" for *_, match in pairs):
        return None
    if denied:
        clean = denied == 1 and not differing and not words and not unknown
        return _said("contradicted", _denial_detail(added)) if clean else None
    if differing and not words:
        return _by_difference(aligned, differing, unknown, len(same), evidence)
    if words and not unknown and not differing and aligned.claim[words[0][0]].kind == "cjk":
        return _by_characters(aligned, words)
    if words and not unknown and not differing:
        return _by_name(aligned, words, evidence)
    return None


def _denials(aligned: Alignment, added: Sequence[Item]) -> int | None:
    """Return how many negations only one of both has; None where one of the text stands elsewhere."""
    count = sum(denies(item) for item in added)
    first, last = aligned.pairs[0][1], aligned.pairs[-1][1]
    for start, end in aligned.gaps():
        run = [item for item in aligned.sentence[start:end] if item.kind != "mark"]
        negations = [item for item in run if denies(item)]
        if not negations:
            continue
        if start > last and (aligned.sentence[start].kind == "mark" or aligned.sentence[start].key in ("and", "but")):
            continue
        inside = start > first and end <= last
        leads = end == first and len(run) == 1
        if not (inside or leads) or any(weight(item) and not denies(item) and item.key not in _STILL for item in run):
            return None
        # "was not built in Rome in 1911" denies neither the place nor the date alone
        others = [gap for gap in aligned.gaps() if gap != (start, end) and aligned.sentence[gap[0]].kind != "mark"]
        if any(weight(aligned.sentence[at]) for gap in others for at in range(*gap)):
            return None
        count += len(negations)
    return count


def _scope(aligned: Alignment, *, ignoring: bool) -> bool:
    """Whether what the claim leaves out of the sentence limits or attributes it."""
    last = aligned.pairs[-1][1]
    for start, end in aligned.gaps():
        run = aligned.sentence[start:end]
        found = [word for word in scope_words(run) if word != "only" and not (ignoring and word in _STILL | NEGATIONS)]
        if (
            end <= aligned.pairs[0][1]
            and run[-1].key == ","
            and found[:1] == [run[0].key]
            and run[0].key in CLAUSE_OPENERS
        ):
            found = found[1:]
        if found and (start <= last or any(word in ATTRIBUTIONS or word in ("?", "if", "unless") for word in found)):
            return True
    return any(item.key == "?" for item in aligned.sentence)


def _denial_detail(added: Sequence[Item]) -> str:
    sign = next((item.text for item in added if denies(item)), "")
    return f"the claim says {sign!r}, the evidence does not" if sign else "the evidence denies what the claim says"


def _by_difference(
    aligned: Alignment,
    differing: Sequence[tuple[int, int]],
    unknown: Sequence[Item],
    same: int,
    evidence: Sequence[Item],
) -> Comparison | None:
    mine, other = differing[0]
    values = all(aligned.claim[left].kind in ("number", "date") for left, _ in differing)
    if same > _FEWEST_SAME if values else len(unknown) == 1:
        unknown = [item for item in unknown if not any(matched(item, there) == "same" for there in evidence)]
    if unknown and not (values and len(unknown) * 4 <= same):
        return None
    if any(item.kind == "name" or _relates(item) for item in unknown) or not all(
        _attached(aligned, *pair) for pair in differing
    ):
        return None
    claimed = [aligned.claim[left] for left, _ in differing]
    given = [aligned.sentence[right] for _, right in differing]
    for item in claimed:
        taken = sum(aligned.claim[mine].key == item.key for mine, _, match in aligned.pairs if match == "same")
        elsewhere = sum(matched(item, there) == "same" for there in evidence if there.kind != "mark") > taken
        among = any(matched(item, there) == "same" for there in given)
        if elsewhere and not (among and len(differing) > 1) and not _own_clause(aligned, item, taken):
            return None
    exchanged = len(differing) > 1 and {item.key for item in claimed} == {item.key for item in given}
    if not values and not exchanged and (len(differing) > 1 or _in_list(aligned, other)):
        return None
    return _said(
        "contradicted", f"the evidence says {aligned.sentence[other].text}, the claim {aligned.claim[mine].text}"
    )


def _in_list(aligned: Alignment, place: int) -> bool:
    """Whether a word is one of several in a list, so that others can stand beside it."""
    sentence = aligned.sentence
    after = [item.key for item in sentence[place + 1 : place + 2]]
    before = [item.key for item in sentence[max(0, place - 1) : place]]
    return (bool(after) and after[0] in ("and", "or")) or before[-1:] in (["and"], ["or"])


def _own_clause(aligned: Alignment, item: Item, taken: int) -> bool:
    """Whether the aligned clause itself does not have a value, so that its other place is in another statement."""
    return sum(matched(item, there) == "same" for there in aligned.sentence if there.kind != "mark") <= taken


def _attached(aligned: Alignment, mine: int, other: int) -> bool:
    """Whether a neighbour of a differing item is the same in both, and near it."""
    places = {left: right for left, right, match in aligned.pairs if match in ("same", "contrary")}
    for way in (-1, 1):
        position = mine + way
        while 0 <= position < len(aligned.claim) and not weight(aligned.claim[position]):
            position += way
        if position in places and abs(places[position] - other) <= 4:
            return True
    return False


def _by_name(aligned: Alignment, words: Sequence[tuple[int, int]], evidence: Sequence[Item]) -> Comparison | None:
    """Judge names that stand in the place of other names."""
    claimed = [aligned.claim[mine] for mine, _ in words]
    given = [aligned.sentence[other] for _, other in words]
    if not all(item.kind == "name" or mine == 0 for item, (mine, _) in zip(claimed, words, strict=True)):
        return None
    if not all(_named(item) for item in (*claimed, *given)):
        return None
    keys = {item.key for item in aligned.claim if weight(item)}
    said, instead = (" ".join(item.text for item in items) for items in (given, claimed))
    between = {form for item in aligned.claim for form in lemmas(item.key)}
    if {item.key for item in claimed} == {item.key for item in given} and len(claimed) > 1:
        if "and" in keys or between & (SYMMETRIC - {"is", "was", "are", "were", "be", "of", "'s", "and", "or", "with"}):
            return None
        return _said("contradicted", f"the evidence says it of {said}, the claim of {instead}")
    elsewhere = {item.key for item in evidence}
    taken = {other for _, other, _ in aligned.pairs}
    listed = any(
        aligned.sentence[place].key in ("and", "or", ",")
        for _, other in words
        for place in (other - 1, other + 1)
        if 0 <= place < len(aligned.sentence) and place not in taken
    )
    if any(item.key in elsewhere for item in claimed) and not all(_own_name(aligned, item) for item in claimed):
        return None
    if listed or any(form in PLURAL_VERBS for form in between) or not _functional(aligned, words):
        return _said("not_found", f"the evidence says it of {said}, not of {instead}")
    return _said("contradicted", f"the evidence says {said}, the claim {instead}")


def _by_characters(aligned: Alignment, words: Sequence[tuple[int, int]]) -> Comparison | None:
    """Judge Chinese characters that stand in the place of others, where that says where something is."""
    mine, other = words[0]
    in_a_row = [(mine + step, other + step) for step in range(len(words))] == list(words)
    if not in_a_row or not mine or aligned.claim[mine - 1].key not in "于於在" or len(words) < _FEWEST_SAME:
        return None
    given, claimed = (
        "".join(items[at].text for at in places)
        for items, places in (
            (aligned.sentence, [right for _, right in words]),
            (aligned.claim, [left for left, _ in words]),
        )
    )
    return _said("contradicted", f"the evidence says {given}, the claim {claimed}")


def _own_name(aligned: Alignment, item: Item) -> bool:
    return all(item.key != there.key for there in aligned.sentence)


def _named(item: Item) -> bool:
    return item.text[:1].isupper() and item.key not in ANAPHORS


def _functional(aligned: Alignment, words: Sequence[tuple[int, int]]) -> bool:
    """Whether only one name can stand there: what is unique, who made something, where or when something happened."""
    keys = {item.key for item in aligned.claim}
    forms = {form for key in keys for form in lemmas(key)}
    if any(key.endswith("est") and len(key) > 4 for key in keys) or keys & UNIQUE:
        return True
    if words[0][0] == 0 and forms & MAKING:
        return True
    past = tells_past(aligned.claim) and not forms & SEVERAL_PLACES
    before = {_before_name(aligned.claim, mine) for mine, _ in words}
    if any(item.kind == "date" for item in aligned.claim) and past:
        return True
    if before & {"by"} and (past or forms & MAKING):
        return True
    return bool(before & {"in", "at", "near", "from"}) and (past or bool(forms & PLACING))


def _before_name(items: Sequence[Item], position: int) -> str:
    """Return the word before the name that an item is a part of."""
    while position and items[position].kind == "name":
        position -= 1
    return items[position].key


def limited(aligned: Alignment) -> Comparison | None:
    """Return that a sentence says a claim with a limit, None where it does not."""
    if aligned.added or any(match in ("contrary", "other") for *_, match in aligned.pairs):
        pairs = [
            (aligned.claim[mine], aligned.sentence[other]) for mine, other, match in aligned.pairs if match != "same"
        ]
        if not aligned.added and len(pairs) == 1 and pairs[0][0].key in _WHOLE and pairs[0][1].key in _PART:
            return _said("qualified", f"the evidence says {pairs[0][1].text!r}, the claim {pairs[0][0].text!r}")
        return None
    for mine, other, match in aligned.pairs:
        if match == "limited":
            given, claimed = aligned.sentence[other].text, aligned.claim[mine].text
            return _said("qualified", f"the evidence gives {given} with a limit, the claim says {claimed}")
    return None


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
                return _said("contradicted", "the evidence has {} and {} in exchanged roles".format(*texts))
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
        return _said("contradicted", f"the evidence says it of {' '.join(other_left)}, the claim of {' '.join(left)}")
    return None


def _leading_names(items: Sequence[Item]) -> list[Item]:
    """Return the name, or the noun, right after a verb or its preposition."""
    found: list[Item] = []
    for item in items:
        if item.kind == "mark" or not weight(item) or item.kind in ("number", "date"):
            if found:
                break
        elif found and _named(found[-1]) != _named(item):
            break
        else:
            found.append(item)
    return found


def _all_in(items: Sequence[Item], place: Sequence[Item]) -> bool:
    return all(any(matched(item, there) == "same" or item.key == there.key for there in place) for item in items)


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
    exact = claimed.kind == "date" or bool(getattr(claimed.value, "unit", ""))
    if any(item not in known for item in names) or len(missing) > (1 if exact else 0):
        return None
    if _limits_differ(mine, there) or any(_relates(item) for item in missing):
        return None
    if claimed.kind == "date" and any(_relates(item) and item not in mine for item in there):
        return None
    if claimed.kind == "number" and not _same_measure(claimed, mine, rivals[0], there):
        return None
    return _said("contradicted", f"the evidence says {rivals[0].text}, the claim {claimed.text}")


def _relates(item: Item) -> bool:
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
    return _said("contradicted", f"the evidence says {rivals[0].text!r}, the claim {missing[0].text!r}")


def _said(verdict: str, detail: str) -> Comparison:
    return Comparison.model_validate({"verdict": verdict, "detail": detail})
