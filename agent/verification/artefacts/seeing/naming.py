"""Whether the parts that were planned are there, by their names."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from rapidfuzz import fuzz

from agent.domain.design import Finding, PartPlan

_WORD: Final = re.compile(r"[^\W\d_]+")
_ALIKE: Final = 80.0
"""Similarity of two names, from 0 to 100, from which one is probably meant for the other."""


def words_of(name: str) -> frozenset[str]:
    """Return the words of a part's name in the singular, without numbers: ``leg`` of ``Legs_3``."""
    found = _WORD.findall(unicodedata.normalize("NFKC", name).casefold())
    return frozenset(word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] != "s" else word for word in found)


def planned_parts(plan: Sequence[PartPlan], built: Sequence[str]) -> Iterator[Finding]:
    """Give a finding for each part of a plan that is missing or has another name.

    Names need not be the same: ``leg_2`` is one of the ``legs``, and ``top`` will do for ``table_top``. Where several
    are planned of a kind, as many have to be there.
    """
    kinds: dict[frozenset[str], list[str]] = {}
    for part in plan:
        kinds.setdefault(words_of(part.name), []).append(part.name)
    claimed = {name for name in built if any(_same(words, words_of(name)) for words in kinds)}
    for words, names in kinds.items():
        exact = [name for name in names if name in built]
        likes = [name for name in built if _same(words, words_of(name))]
        lacking = [name for name in names if name not in exact][: max(0, len(names) - len(likes))]
        for name in lacking:
            yield _missing(name, [other for other in built if other not in claimed])


def _missing(name: str, free: Sequence[str]) -> Finding:
    alike = max(free, key=lambda other: fuzz.ratio(name.casefold(), other.casefold()), default=None)
    if alike is not None and fuzz.ratio(name.casefold(), alike.casefold()) >= _ALIKE:
        problem = f"it was planned as {name}, and there is a part called {alike}"
        return Finding(part=name, aspect="present", problem=problem, suggestion=f"call it {name}")
    problem = "it was planned, and no part has its name"
    return Finding(
        part=name, aspect="present", problem=problem, suggestion=f"add it, or call the part that it is {name}"
    )


def _same(planned: frozenset[str], built: frozenset[str]) -> bool:
    """Whether one of two names says no more than the other."""
    if not planned or not built:
        return planned == built
    return planned <= built or built <= planned
