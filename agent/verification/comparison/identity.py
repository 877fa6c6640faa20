"""Numbers that only tell which thing a statement is about, such as in "chapter 3", "Python 3.8" or "the 3rd mill".

What is said of another chapter contradicts nothing that is said of this one.
"""

import re
from collections.abc import Iterator, Sequence

from agent.verification.comparison.amounts import Amount
from agent.verification.comparison.items import Item
from agent.verification.comparison.readings import subject_of

_LABELS = frozenset(
    {
        *("appendix", "article", "book", "chapter", "class", "edition", "episode", "equation", "example", "exercise"),
        *("experiment", "figure", "floor", "issue", "item", "level", "line", "no", "number", "page", "paragraph"),
        *("part", "phase", "room", "round", "rule", "scene", "section", "series", "stage", "step", "table", "verse"),
        "volume",
    }
)
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth")
_PREPOSITIONS = frozenset(["of", "in", "on", "at", "by", "for", "from", "to", "with"])


def is_about_another(claim: Sequence[Item], sentence: Sequence[Item]) -> bool:
    """Whether a sentence speaks of a thing with another number than the thing that a claim speaks of."""
    mine, theirs = set(_identified(claim)), set(_identified(sentence))
    shared = {label for label, _ in mine} & {label for label, _ in theirs}
    return any(label in shared and (label, number) not in theirs for label, number in mine)


def _identified(items: Sequence[Item]) -> Iterator[tuple[str, str]]:
    """Yield labels with the numbers that tell which of their kind is meant."""
    subject = len(subject_of(items))
    for place, item in enumerate(items):
        before = items[place - 1] if place else None
        after = items[place + 1] if place + 1 < len(items) else None
        if _ORDINAL.fullmatch(item.key) and after is not None and place + 1 < subject:
            yield after.key, item.key
        elif before is not None and _is_bare(item) and _is_label(before, after, left=subject - place):
            yield before.key, item.key


def _is_label(before: Item, after: Item | None, *, left: int) -> bool:
    """Whether what stands before a number is numbered by it; ``left`` is how much of the subject begins with it.

    Outside the subject only words count that are made for it: a tool that needs Python 3.8 does not need Python 3.9.
    """
    if before.key in _LABELS:
        return True
    counts = after is not None and after.kind in ("word", "name") and after.key not in _PREPOSITIONS
    noun = before.kind in ("word", "name") and not before.skipped and before.key not in _PREPOSITIONS
    return noun and (left == 1 or (left > 1 and not counts))


def _is_bare(item: Item) -> bool:
    """Whether an item is a number without a unit or a bound, or a version."""
    if isinstance(item.value, Amount):
        return not item.value.unit and item.value.bound == "="
    return item.kind == "number" and not _ORDINAL.fullmatch(item.key)
