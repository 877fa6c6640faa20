"""Other ways to say a sentence that mean the same: active for passive, its date elsewhere, its clauses one by one."""

from collections.abc import Sequence

from agent.verification.comparison.items import Item, is_participle
from agent.verification.comparison.vocabulary import ARTICLES, FRAMES, PREPOSITIONS, PRESENT_VERBS

Items = tuple[Item, ...]
_BE = frozenset(("is", "are", "was", "were", "be", "been", "being"))
_AUXILIARIES = _BE | {"has", "have", "had", "will", "would", "can", "could", "may", "might", "must", "should"}
_ADJECTIVES = {
    "height": ("high", "tall"), "length": ("long",), "width": ("wide",), "depth": ("deep",), "thickness": ("thick",),
}  # fmt: skip
_MOVING = PREPOSITIONS | {"if", "when", "unless", "without", "before", "until", "while"}
_CLAUSE_ENDS = frozenset(("and", "or", "but", "who", "which", "that", "where", "when", "while", "as", "because"))
_AGENT_ENDS = (PREPOSITIONS | {"and", "or", "but", "who", "which", "that", "where", "when", "while"}) - {"of"}


def orders(items: Items) -> list[Items]:
    """Return a claim as it stands, with its only date first and last, its beginning at the end, and as a property."""
    found = [items]
    dates = [position for position, item in enumerate(items) if item.kind == "date"]
    if len(dates) == 1:
        position = dates[0]
        rest = [item for item in items[:position] + items[position + 1 :] if item.kind != "mark"]
        # a date that belongs to a noun ("the 1911 prize") is none that could stand elsewhere
        if " " in items[position].text:
            found += [(items[position], *rest), (*rest, items[position])]
    if (turned := moved(items)) is not None:
        found.append(turned)
    found += _properties(items)
    if (turned := _receiving(items)) is not None:
        found += [turned, *([turned_date] if (turned_date := date_last(turned)) else [])]
    return list(dict.fromkeys(found))


def _receiving(items: Items) -> Items | None:
    """Return who received what, where an honour was awarded: "the prize was awarded to Ada", "Ada was awarded it"."""
    keys = [item.key for item in items]
    for verb in range(2, len(items) - 1):
        if keys[verb] != "awarded" or keys[verb - 1] != "was":
            continue
        received, thing = Item("received", "received", "word"), items[: verb - 1]
        if keys[verb + 1] != "to":
            return (*thing, received, *items[verb + 1 :])
        end = verb + 2
        while end < len(items) and items[end].kind == "name":
            end += 1
        return (*items[verb + 2 : end], received, *thing, *items[end:]) if end > verb + 2 else None
    return None


def _properties(items: Items) -> list[Items]:
    """Return other ways to say how much of a property a thing has.

    "The height of the tower is 96 metres", "the tower has a height of 96 metres", "the tower is 96 metres high".
    """
    plain = tuple(item for item in items if not item.skipped)
    keys = [item.key for item in plain]
    numbers = [position for position, item in enumerate(plain) if item.kind == "number"]
    if len(numbers) != 1:
        return []
    at = numbers[0]
    number, rest = plain[at], plain[at + 1 :]
    be = next((one for one in ("is", "was") if keys[at - 1 : at] == [one]), "")
    has = Item("had", "had", "word") if be == "was" else Item("has", "has", "word")
    of = Item("of", "of", "word")
    if be and "of" in keys[: at - 1] and 0 < (split := keys.index("of")) <= 3:
        named, thing = plain[:split], plain[split + 1 : at - 1]
        found = [(*thing, has, *named, of, number, *rest)]
        if split == 1 and (adjectives := _ADJECTIVES.get(keys[0])):
            found += [(*thing, plain[at - 1], number, Item(one, one, "word"), *rest) for one in adjectives]
        return found
    if keys[at - 1 : at] == ["of"] and ("has" in keys[:at] or "had" in keys[:at]):
        verb = next(position for position, key in enumerate(keys) if key in ("has", "had"))
        named, tense = plain[verb + 1 : at - 1], "is" if keys[verb] == "has" else "was"
        is_ = Item(tense, tense, "word")
        found = [(*named, of, *plain[:verb], is_, number, *rest)]
        if len(named) == 1 and (adjectives := _ADJECTIVES.get(named[0].key)):
            found += [(*plain[:verb], is_, number, Item(one, one, "word"), *rest) for one in adjectives]
        return found
    if be and rest and (noun := next((name for name, words in _ADJECTIVES.items() if rest[0].key in words), "")):
        named = (Item(noun, noun, "word"),)
        thing = plain[: at - 1]
        return [(*named, of, *thing, plain[at - 1], number, *rest[1:]), (*thing, has, *named, of, number, *rest[1:])]
    return []


def moved(items: Items) -> Items | None:
    """Return a sentence with what it begins with, up to a comma, at its end: "at sea level, water boils"."""
    comma = next((position for position, item in enumerate(items) if item.key == ","), 0)
    plain = all(item.kind != "mark" for item in items[comma + 1 : -1])
    if FRAMES.intersection(item.key for item in items[:comma]):
        return None
    if not 1 < comma < 12 or not plain or items[0].key not in _MOVING or len(items) < comma + 4:
        return None
    rest = items[comma + 1 :]
    end = len(rest) - (rest[-1].kind == "mark")
    return (*rest[:end], *items[:comma], *rest[end:])


def remarked(items: Items) -> list[Items]:
    """Return the two statements of a sentence whose subject has a remark: "the harbour, built in 1887, was closed"."""
    commas = [position for position, item in enumerate(items) if item.key == ","]
    if len(commas) < 2 or not 0 < commas[0] <= 7 or commas[1] + 1 >= len(items):
        return []
    subject, remark, rest = items[: commas[0]], items[commas[0] + 1 : commas[1]], items[commas[1] + 1 :]
    if remark and remark[0].key in PREPOSITIONS | {"together", "including", "counting", "if", "when", "once", "unless"}:
        # "the mine, with its suppliers, ..." is not the mine
        return []
    if not remark or not is_verb(rest[0]) or any(is_verb(item) or item.key in _MOVING for item in subject):
        return []
    found = [(*subject, *rest)]
    if remark[0].key in ("which", "who") and len(remark) > 2 and is_verb(remark[1]):
        found.append((*subject, *remark[1:]))
    elif is_participle(remark[0].key) and remark[0].key not in _AUXILIARIES:
        found.append((*subject, Item("was", "was", "word"), *remark))
    elif remark[0].key in ("a", "an", "the") and not any(is_verb(item) for item in remark):
        found.append(
            (*subject, Item(*(("was", "was") if rest[0].key not in ("is", "has") else ("is", "is")), "word"), *remark)
        )
    return found


def conceded(items: Items) -> list[Items]:
    """Return a sentence without what joins it to the one before, and the clause that "although" grants."""
    found = []
    if items[0].key in ("and", "but", "so") and len(items) > 3:
        items = items[2:] if items[1].key == "," else items[1:]
        found.append(items)
    comma = next((position for position, item in enumerate(items) if item.key == ","), 0)
    if items[0].key in ("although", "though", "because", "whereas") and comma > 3:
        found.append(items[1:comma])
    return found


def date_last(items: Items) -> Items | None:
    """Return a sentence of a single clause with its only date at the end, None where it is none."""
    plain = [item for item in items if item.kind != "mark"]
    marks = [position for position, item in enumerate(items[:-1]) if item.kind == "mark"]
    dates = [position for position, item in enumerate(items) if item.kind == "date"]
    verbs = [position for position, item in enumerate(plain) if is_verb(item)]
    one_verb = bool(verbs) and verbs[-1] - verbs[0] < len(verbs) + 1
    joined = any(item.key in ("and", "or", "who", "which", "that", "where", "when", "if", "before") for item in plain)
    if len(dates) != 1 or (marks and marks != [1]) or (marks and dates != [0]) or not one_verb or joined:
        return None
    date = items[dates[0]]
    return (*[item for item in plain if item is not date], date) if " " in date.text else None


def active(items: Items) -> list[Items]:
    """Return a passive statement with its agent as subject, nothing where it is none.

    "The library was designed by Lina Berg in 1911" becomes "Lina Berg designed the library in 1911".
    """
    for position, item in enumerate(items):
        if item.key != "by" or item.kind == "date":
            continue
        verb = _participle_before(items, position)
        if verb is None:
            continue
        be, start = verb
        begin = _clause_start(items, be)
        whole = position + 1
        while whole < len(items) and items[whole].kind not in ("mark", "date") and items[whole].key not in _CLAUSE_ENDS:
            whole += 1
        end = next((at for at in range(position + 1, whole) if items[at].key in _AGENT_ENDS), whole)
        patient = items[begin:be]
        if end == position + 1 or not patient or items[position + 1].key.endswith("ing"):
            continue
        between = [one for one in items[be + 1 : position] if one is not items[start]]
        return [
            (*items[:begin], *items[position + 1 : agent], items[start], *patient, *between, *items[agent:])
            for agent in dict.fromkeys((end, whole))
        ]
    return []


def _participle_before(items: Items, by: int) -> tuple[int, int] | None:
    """Return where the form of "be" and the participle of the passive stand that an agent follows."""
    for verb in range(by - 1, max(-1, by - 8), -1):
        if items[verb].kind == "mark" or items[verb].key in ("and", "or", "not", "never", "only"):
            return None
        if is_participle(items[verb].key) and items[verb].key not in _AUXILIARIES:
            before = verb - 1
            return (before, verb) if before > 0 and items[before].key in ("is", "are", "was", "were") else None
    return None


def _clause_start(items: Items, be: int) -> int:
    """Return where the subject before a verb begins: after the last comma or conjunction, or at the beginning."""
    for position in range(be - 1, -1, -1):
        if items[position].kind == "mark" or items[position].kind == "date":
            return position + 1
    return 0


def clauses(items: Items) -> list[Items]:
    """Return the coordinated clauses of a sentence, those without a subject of their own with that of the first.

    A sentence that is none of several clauses gives nothing.
    """
    borders = [0]
    for position in range(1, len(items) - 1):
        item, following = items[position], items[position + 1]
        if item.key == ";":
            borders.append(position + 1)
        elif item.key in ("and", "but", "while", "whereas") and item.kind == "word":
            own = items[position - 1].key == "," and _has_verb(items[position + 1 :])
            if own or is_verb(following) or _has_own_subject(items[position + 1 :]):
                borders.append(position + 1)
    if len(borders) == 1:
        return []
    first = items[: borders[1]]
    subject = subject_of(first)
    found = []
    for start, end in zip(borders, [*borders[1:], len(items)], strict=True):
        part = _trimmed(items[start:end])
        if start and len(part) > 2 and part[0].key in ("it", "he", "she", "they") and is_verb(part[1]):
            # a pronoun can only mean the subject where the first clause names nothing else
            told = first[len(subject) :]
            if subject and not any(item.kind == "name" or item.key in ARTICLES for item in told):
                found.append((*subject, *part[1:]))
        if start and part and is_verb(part[0]):
            if not subject:
                continue
            passive = part[0].key not in _AUXILIARIES and len(part) > 1 and part[1].key in PREPOSITIONS | {"by"}
            if passive and first[len(subject)].key in ("was", "were", "is", "are"):
                found.append((*subject, first[len(subject)], *part))
            part = (*subject, *part)
        found.append(part)
    return found


def subject_of(items: Sequence[Item]) -> Items:
    """Return what stands before the first verb of a clause; nothing where that is not a plain subject."""
    for position, item in enumerate(items):
        if is_verb(item):
            subject = tuple(items[:position])
            plain = all(one.kind != "mark" for one in subject) and not any(
                one.key in ("who", "which", "that", "and") for one in subject
            )
            return subject if plain and position <= 8 else ()
    return _before_present(items)


def _before_present(items: Sequence[Item]) -> Items:
    """Return a short subject before what is most likely a verb in the present: "the lake covers an area"."""
    for position in range(1, min(8, len(items) - 1)):
        item, following = items[position], items[position + 1]
        if item.key in PRESENT_VERBS:
            return tuple(items[:position])
        verb = item.kind == "word" and item.key.endswith("s") and not item.key.endswith(("ss", "us", "is", "'s"))
        if verb and (following.skipped or following.kind == "number") and following.kind != "mark":
            return tuple(items[:position])
    return ()


def is_verb(item: Item) -> bool:
    """Whether a word is surely or very likely the verb of a clause: an auxiliary, or a past form."""
    return item.kind == "word" and (item.key in _AUXILIARIES or is_participle(item.key))


def is_past(item: Item) -> bool:
    """Whether a word is very likely a past form."""
    return item.kind == "word" and item.key not in _AUXILIARIES and is_participle(item.key)


def _has_verb(items: Sequence[Item]) -> bool:
    return any(is_verb(item) for item in items[:12])


def _has_own_subject(items: Sequence[Item]) -> bool:
    """Whether words after "and" begin with a short subject and its verb, as in "and its base is"."""
    if not items or items[0].key not in ("the", "a", "an", "its", "his", "her", "their", "it", "he", "she", "they"):
        return False
    return any(item.key in _BE for item in items[1:4]) and all(item.kind != "mark" for item in items[:4])


def _trimmed(part: Items) -> Items:
    while part and (part[-1].kind == "mark" or part[-1].key in ("and", "but", "while", "whereas")):
        part = part[:-1]
    return part
