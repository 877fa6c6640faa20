"""Real sentences for tests: those of this repository's own documents."""

import re
from functools import lru_cache
from pathlib import Path

from agent.verification.lexicon import ANAPHORS
from agent.verification.sentences import split_sentences

_DOCUMENTS = Path(__file__).parents[3]
_STATES = re.compile(r"[A-Z][^|<>{}]{30,250}[^:?!]\.$", re.DOTALL)


@lru_cache(maxsize=1)
def real_sentences() -> tuple[str, ...]:
    """Return the full sentences of the documents that name what they are about, in order."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(_DOCUMENTS.glob("docs/*.md"))]
    found = (" ".join(text[start:end].split()) for text in texts for start, end in split_sentences(text))
    return tuple(
        dict.fromkeys(
            sentence
            for sentence in found
            if _STATES.fullmatch(sentence)
            and len(split_sentences(sentence)) == 1
            and sentence.split()[0].lower().strip("*_`") not in ANAPHORS
        )
    )
