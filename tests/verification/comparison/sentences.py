"""Real sentences for tests: some hundred of this repository's own documents, as they once were."""

from functools import lru_cache
from pathlib import Path

_SENTENCES = Path(__file__).with_name("sentences.txt")


@lru_cache(maxsize=1)
def real_sentences() -> tuple[str, ...]:
    """Return full sentences that name what they are about."""
    return tuple(_SENTENCES.read_text(encoding="utf-8").splitlines())
