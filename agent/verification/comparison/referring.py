"""Names what a pronoun at the beginning of a sentence stands for, where only one thing can be meant."""

from collections.abc import Sequence

from agent.verification.comparison.items import Item, read_items
from agent.verification.comparison.readings import Items, is_verb

_THINGS = frozenset({"it"})
_PERSONS = frozenset({"he", "she"})
_MOST_SUBJECT = 6


def with_subject(claim: Items, sentences: Sequence[str], index: int) -> Items | None:
    """Return a sentence with its first pronoun replaced by the subject of the sentence before.

    Only where that one says what its subject is ("X is a ...", "X was the ..."), where the claim is about just this
    subject, and, for persons, where it names nobody else.

    Args:
        claim: the items of the claim.
        sentences: the sentences of the text.
        index: which of them.
    """
    sentence = read_items(sentences[index])
    if not index or not sentence or sentence[0].key not in _THINGS | _PERSONS:
        return None
    before = read_items(sentences[index - 1])
    subject = _defined(before)
    if not subject or _begins(claim, subject) is False:
        return None
    others = [
        item
        for position, item in enumerate(before[:-1])
        if position >= len(subject) and item.kind == "name" and not _is_place(before, position)
    ]
    if sentence[0].key in _PERSONS and others:
        return None
    return (*subject, *sentence[1:])


def _is_place(items: Items, position: int) -> bool:
    """Whether a name is surely no person's: a nation's, or what something is in or from."""
    before, following = items[position - 1].key, items[position + 1].kind
    nation = items[position].key.endswith(("an", "ish", "ese")) and following == "word"
    return nation or before in ("in", "from", "at", "near")


def _defined(items: Items) -> Items:
    """Return the subject of a sentence that says what it is; remarks in brackets do not count."""
    for position, item in enumerate(items[: _MOST_SUBJECT + 8]):
        if item.key in ("is", "was") and position + 1 < len(items) and items[position + 1].key in ("a", "an", "the"):
            subject = _without_remarks(items[:position])
            plain = all(one.kind in ("name", "word") for one in subject) and len(subject) <= _MOST_SUBJECT
            named = any(one.kind == "name" for one in subject) or (subject and subject[0].text[:1].isupper())
            joined = any(one.key in ("and", "or", "of", "'s") for one in subject)
            return subject if plain and named and not joined else ()
        if is_verb(item):
            return ()
    return ()


def _without_remarks(items: Items) -> Items:
    kept: list[Item] = []
    depth = 0
    for item in items:
        if item.key in ("(", "["):
            depth += 1
        elif item.key in (")", "]"):
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(item)
    return tuple(kept)


def _begins(claim: Items, subject: Items) -> bool:
    mine = [item.key for item in claim if not item.skipped]
    wanted = [item.key for item in subject if not item.skipped]
    return bool(wanted) and mine[: len(wanted)] == wanted
