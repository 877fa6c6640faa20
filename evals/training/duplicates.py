"""Examples that have been there already: the very same ones, and those that are nearly so."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from agent.domain.errors import UsageError
from agent.domain.messages import digest_of
from evals.training.texts import tokens

ALIKE: Final = 0.9
"""Share of shingles (Jaccard) from which two texts are nearly the same."""

_WORDS: Final = 5
_PERMUTATIONS: Final = 128
_SEED: Final = 1


class Known:
    """What has been taken so far.

    Near ones are looked up by MinHash and decided by the shingles themselves, so no two are thrown together by chance.

    Args:
        alike: share of shingles from which two texts are nearly the same.

    Raises:
        UsageError: the library is not installed.
    """

    def __init__(self, alike: float = ALIKE) -> None:
        try:
            from datasketch import MinHash, MinHashLSH
        except ImportError:
            raise UsageError(
                "near duplicates are found by datasketch, which is not installed; "
                "install it with: pip install 'plumbline-agent[training]'"
            ) from None
        self._alike = alike
        self._hashing = MinHash
        self._index = MinHashLSH(threshold=alike, num_perm=_PERMUTATIONS)
        self._exact: set[str] = set()
        self._shingles: list[frozenset[bytes]] = []

    def same(self, value: Any) -> bool:
        """Whether this very value was taken already; it is taken now."""
        digest = digest_of(value)
        known = digest in self._exact
        self._exact.add(digest)
        return known

    def near(self, kind: str, texts: Iterable[str]) -> bool:
        """Whether nearly these texts were taken already as the same kind of example; where not, they are taken now."""
        found = shingles(kind, [token for text in texts for token in tokens(text)])
        hashed = self._hashing(num_perm=_PERMUTATIONS, seed=_SEED)
        hashed.update_batch(sorted(found))
        if any(_jaccard(found, self._shingles[int(str(place))]) >= self._alike for place in self._index.query(hashed)):
            return True
        self._index.insert(len(self._shingles), hashed)
        self._shingles.append(found)
        return False


def shingles(kind: str, words: Sequence[str]) -> frozenset[bytes]:
    """Return all runs of five words of a text, as bytes, marked by its kind; of a shorter one, itself."""
    last = max(1, len(words) - _WORDS + 1)
    return frozenset(f"{kind}\n{' '.join(words[start : start + _WORDS])}".encode() for start in range(last))


def _jaccard(one: frozenset[bytes], other: frozenset[bytes]) -> float:
    return len(one & other) / len(one | other)
