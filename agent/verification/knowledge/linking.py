"""Finds what a name stands for in a knowledge base, and abstains rather than guess."""

import re
from collections import Counter

from rapidfuzz import fuzz

from agent.verification.knowledge.forms import Link
from agent.verification.knowledge.names import normalise, sorted_words
from agent.verification.knowledge.store import Store

CUTOFF = 93.0
"""Least ``token_sort_ratio`` of a similar name, of 100."""
_ARTICLE = re.compile(r"\s*[Tt]he\s+(?=\S)")
_SHORTEST = 7
"""Shorter names differ by more than the cutoff allows as soon as one letter does."""
_SHORTEST_WORD = 5
"""Words that may be misspelt; in shorter ones a letter makes another name."""
_MOST = 500
_SHOWN = 5


def link(store: Store, text: str, expected: frozenset[str] = frozenset()) -> Link:
    """Return what a name stands for.

    The name in normal form is looked up among all names, then without a leading *the*, then with its words in another
    order. Names that are merely similar are offered as candidates and never taken: similarity proves nothing.

    Args:
        store: the knowledge base.
        text: the name.
        expected: types of which the thing must have one where its types are known; empty for any.
    """
    normal = normalise(text)
    found = store.entities_named(normal) or _without_article(store, text)
    if found:
        return _chosen(store, text, found, expected, word_order=False)
    near = _near(store, normal)
    same_words = tuple({entity for score, entity in near if score == 100.0})
    if same_words:
        return _chosen(store, text, same_words, expected, word_order=True)
    fitting = [entity for _, entity in near if _fits(store, entity, expected)]
    candidates = tuple(dict.fromkeys(store.label(entity) for entity in fitting))[:_SHOWN]
    return Link(text=text, how="similar" if candidates else "unknown", candidates=candidates)


def _without_article(store: Store, text: str) -> tuple[int, ...]:
    """Return the things whose label is a name without its leading *the*, letter by letter.

    So the Rhine is the Rhine, while The Who is not the WHO.
    """
    match = _ARTICLE.match(text)
    if match is None:
        return ()
    rest = text[match.end() :].strip()
    return tuple(entity for entity in store.entities_named(normalise(rest)) if store.label(entity) == rest)


def _chosen(store: Store, text: str, found: tuple[int, ...], expected: frozenset[str], *, word_order: bool) -> Link:
    fitting = [entity for entity in found if _fits(store, entity, expected)]
    if len(fitting) == 1:
        how = "word order" if word_order else "exact"
        return Link(text=text, how=how, entity=fitting[0], label=store.label(fitting[0]))
    labelled = [entity for entity in fitting if normalise(store.label(entity)) == normalise(text)]
    if len(labelled) == 1:
        return Link(text=text, how="own label", entity=labelled[0], label=store.label(labelled[0]))
    candidates = tuple(store.label(entity) for entity in (fitting or found)[:_SHOWN])
    return Link(text=text, how="ambiguous" if fitting else "wrong type", candidates=candidates)


def _fits(store: Store, entity: int, expected: frozenset[str]) -> bool:
    if not expected:
        return True
    types = store.types(entity)
    return not types or bool(types & expected)


def _near(store: Store, normal: str) -> list[tuple[float, int]]:
    """Return similar names, best first.

    A name above the cutoff differs by few letters, so that one of as many pieces and one more must be in it unchanged:
    only names that share such a piece are compared.
    """
    words = sorted_words(normal)
    if len(words) < _SHORTEST:
        return []
    edits = int(2 * len(words) * (100 - CUTOFF) / CUTOFF)
    size = max(3, len(words) // (edits + 1))
    pieces = {words[start : start + size] for start in range(0, len(words) - size + 1, size)}
    expression = " OR ".join('"{}"'.format(piece.replace('"', '""')) for piece in sorted(pieces))
    scored = []
    for name, entity in store.similar_names(expression, _MOST):
        score = fuzz.token_sort_ratio(normal, name, score_cutoff=CUTOFF)
        if score and _misspelt(normal, name):
            scored.append((score, entity))
    return sorted(scored, key=lambda one: (-one[0], one[1]))


def _misspelt(one: str, other: str) -> bool:
    """Return whether only long words without digits differ: World War II is no misspelling of World War I."""
    mine, theirs = Counter(one.split()), Counter(other.split())
    differing = [*(mine - theirs).elements(), *(theirs - mine).elements()]
    return all(len(word) >= _SHORTEST_WORD and word.isalpha() for word in differing)
