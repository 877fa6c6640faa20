"""Tells from an alignment what a sentence says otherwise than a claim, and whether both cannot be true."""

from collections.abc import Sequence

from agent.verification.comparison.alignment import Alignment, denies, matched, weight
from agent.verification.comparison.amounts import Amount
from agent.verification.comparison.dropping import scope_words, tells_past
from agent.verification.comparison.elsewhere import measured, relates, within_range
from agent.verification.comparison.items import Item, is_named, lemmas
from agent.verification.comparison.outcome import Comparison, contradicted
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
    UNIQUE,
)

_FEWEST_SAME = 2
_BOUNDS = {"=": "", "~": "about ", ">=": "at least ", "<=": "at most ", ">": "more than ", "<": "less than "}
_STILL = frozenset(["longer", "yet", "anymore"])
_WHOLE = frozenset(["all", "every", "each", "always", "everyone", "everything"])
_PART = frozenset(["some", "most", "many", "few", "several", "sometimes", "often", "usually", "partly", "half"])


def contrary(aligned: Alignment, evidence: Sequence[Item], *, repeats: bool = False) -> Comparison | None:
    """Return that a sentence says the contrary of a claim, with what it says instead; None where it does not.

    Args:
        aligned: the claim with one clause, differing items included.
        evidence: the items of the whole text: what stands elsewhere in it may be what the claim means.
        repeats: what the claim tells can have happened at another time too, so that another date contradicts nothing.
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
    if _other_subject(aligned):
        return None
    if denied:
        clean = denied == 1 and not differing and not words and not unknown
        return contradicted(_denial_detail(added)) if clean else None
    if differing and repeats and all(aligned.claim[mine].kind == "date" for mine, _ in differing):
        return None
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


def _told(item: Item) -> str:
    """Return an item as it is printed, with what bounds it."""
    return f"{_BOUNDS[item.value.bound]}{item.text}" if isinstance(item.value, Amount) else item.text


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
    if any(item.kind == "name" or relates(item) for item in unknown) or not all(
        _attached(aligned, *pair) for pair in differing
    ):
        return None
    claimed = [aligned.claim[left] for left, _ in differing]
    given = [aligned.sentence[right] for _, right in differing]
    if any(within_range(aligned.claim[left], aligned.sentence, right) for left, right in differing):
        return None
    kinds = {type(item.value) for item in claimed if item.value is not None}
    if len(kinds) > 1:
        # another amount at another time
        return None
    if measured(aligned.claim) and all(item.kind == "date" for item in claimed):
        return None
    if len(differing) > 1 and _numbered_name(aligned, mine) and claimed[0].key not in {item.key for item in given}:
        return None
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
        "contradicted", f"the evidence says {_told(aligned.sentence[other])}, the claim {_told(aligned.claim[mine])}"
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


def _numbered_name(aligned: Alignment, place: int) -> bool:
    """Whether a bare number follows a name, as in "Boeing 747"."""
    value = aligned.claim[place].value
    bare = value is None or (isinstance(value, Amount) and not value.unit)
    return place in (1, 2) and bare and aligned.claim[place].kind == "number" and is_named(aligned.claim[place - 1])


def _other_subject(aligned: Alignment) -> bool:
    """Whether the sentence goes on after the claim's subject to name another: "Acme Motors", "the firm's parent"."""
    verb = next((at for at, item in enumerate(aligned.claim) if is_verb(item)), len(aligned.claim))
    subject = {other for mine, other, match in aligned.pairs if mine < verb and match == "same"}
    for start, end in aligned.gaps():
        if start - 1 not in subject or end >= len(aligned.sentence):
            continue
        head = aligned.sentence[start]
        if head.key == "'s" or (head.kind == "name" and aligned.sentence[start - 1].text[:1].isupper()):
            return True
    first = min((other for _, other, match in aligned.pairs if match != "same"), default=0)
    gaps = [aligned.sentence[start:end] for start, end in aligned.gaps() if end <= first]
    return aligned.claim[0].kind == "cjk" and any(item.key == "的" for gap in gaps for item in gap)


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
    if not all(is_named(item) for item in (*claimed, *given)):
        return None
    keys = {item.key for item in aligned.claim if weight(item)}
    said, instead = (" ".join(item.text for item in items) for items in (given, claimed))
    between = {form for item in aligned.claim for form in lemmas(item.key)}
    if {item.key for item in claimed} == {item.key for item in given} and len(claimed) > 1:
        if "and" in keys or between & (SYMMETRIC - {"is", "was", "are", "were", "be", "of", "'s", "and", "or", "with"}):
            return None
        return contradicted(f"the evidence says it of {said}, the claim of {instead}")
    verb = next((at for at, item in enumerate(aligned.claim) if is_verb(item)), len(aligned.claim))
    subject = [mine for mine, _ in words if mine < verb]
    if subject and len(subject) < len(words):
        return None
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
    return contradicted(f"the evidence says {said}, the claim {instead}")


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
    return contradicted(f"the evidence says {given}, the claim {claimed}")


def _own_name(aligned: Alignment, item: Item) -> bool:
    return all(item.key != there.key for there in aligned.sentence)


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
    # many can do the same in one year; what one did in it was one thing
    verb = next((at for at, item in enumerate(aligned.claim) if is_verb(item)), len(aligned.claim))
    if any(item.kind == "date" for item in aligned.claim) and past and words[0][0] > verb:
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


def _said(verdict: str, detail: str) -> Comparison:
    return Comparison.model_validate({"verdict": verdict, "detail": detail})
