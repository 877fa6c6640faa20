# ruff: noqa: RUF001 - Chinese punctuation is meant
"""Sentences of real pages, said again and altered, put to the check that works by words alone.

Each passage is a quote. A sentence of it should be supported; the same sentence with another number, a negation more or
less, two words exchanged, or said of something else should not, and neither should a sentence of another passage. The
check is always given a question in the very words of the sentence, as somebody asks who expects it to be true. Now and
then an alteration keeps the meaning, as when items of a list change places, so a few that pass need not be mistakes.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from agent.browsing.quotes import quote_sentences
from agent.browsing.state import Kept, PageQuote
from agent.browsing.synthesis.support import support_of
from agent.browsing.testing import page_of
from agent.domain.errors import UsageError
from agent.verification.sentences import split_sentences
from evals.benchmarks.short_documents import PACKAGES, Language, documents

Alteration = Literal[
    "none", "number", "negation added", "negation left out", "words exchanged", "other subject", "other passage"
]
ALTERATIONS: tuple[Alteration, ...] = (
    "none",
    "number",
    "negation added",
    "negation left out",
    "words exchanged",
    "other subject",
    "other passage",
)

_NUMBER = re.compile(r"(?<![A-Za-z0-9_.,])\d{1,4}(?![A-Za-z0-9_])")
_VERB = {"en": re.compile(r"\b(?:is|are|can|will|was|should|may|must)\b"), "zh": re.compile("是|有|为|能|会")}
_DENIED = {"en": re.compile(r"\b(?:not|no|never|without|none)\b|n't\b"), "zh": re.compile("不|没|无|未|非")}
_NOT = {"en": re.compile(r"\s+not\b"), "zh": re.compile("不|没有|未")}
_PIECES = re.compile("(\uff0c|\u3001|是|在|于|和|与)")
_SUBJECT = {
    "en": re.compile(r"[A-Z][^,;:.()]{2,50}?(?=\s(?:is|are|was|were|has|have|can|will|should|may|must)\b)"),
    "zh": re.compile("[\u4e00-\u9fff]{2,8}?(?=是|在|于|位于|的|有|为)"),
}
"""What a sentence begins with before its first verb: mostly its subject."""
_PARAGRAPHS_READ = 12_000


class Checked(BaseModel):
    """What the check said of the sentences of one kind: by words alone, no judge was asked."""

    language: str
    source: str
    alteration: Alteration
    sentences: int
    supported: int
    open: int
    refused: int


def measure(count: int = 200, *, cmrc: Path | None = None) -> tuple[Checked, ...]:
    """Return what the check says of altered sentences.

    Args:
        count: passages of each language.
        cmrc: passages of CMRC 2018, JSONL, for Chinese ones; else a Debian package.

    Raises:
        UsageError: a file cannot be used, or the package with the passages is not installed.
    """
    found: list[Checked] = []
    for language in ("en", "zh"):
        passages, source = (_cmrc(cmrc), cmrc.name) if cmrc and language == "zh" else _installed(language)
        rng = random.Random(0)  # noqa: S311 - a fixed choice, no secret
        chosen = rng.sample(passages, min(count, len(passages)))
        found += [_checked(chosen, language, source, alteration) for alteration in ALTERATIONS]
    return tuple(found)


def _checked(passages: Sequence[Sequence[str]], language: Language, source: str, alteration: Alteration) -> Checked:
    rng = random.Random(1)  # noqa: S311 - a fixed choice, no secret
    outcomes: Counter[str] = Counter()
    gap = " " if language == "en" else ""
    for index, passage in enumerate(passages):
        text = gap.join(passage)
        if alteration == "other passage":
            sentence = passages[(index + 1) % len(passages)][0]
            said = None if sentence in text else sentence
        elif alteration == "other subject":
            others = (passages[(index + step) % len(passages)][0] for step in range(1, len(passages)))
            said = with_other_subject(passage[0], text, others, language)
        else:
            said = next(altered(passage, language, alteration, rng), None)
        if said is not None:
            outcomes[support_of(said, (_kept(text),), question_of(said, language)).outcome] += 1
    return Checked(
        language=language,
        source=source,
        alteration=alteration,
        sentences=outcomes.total(),
        **{name: outcomes[name] for name in ("supported", "open", "refused")},
    )


def altered(passage: Sequence[str], language: Language, alteration: Alteration, rng: random.Random) -> Iterator[str]:
    """Yield the sentences of a passage in which something could be altered, altered."""
    for sentence in passage:
        match alteration:
            case "none":
                said = sentence
            case "number":
                said = _NUMBER.sub(lambda match: str(int(match[0]) + rng.randint(1, 9)), sentence, count=1)
            case "negation added":
                denied = _DENIED[language].search(sentence)
                word = r"\g<0> not" if language == "en" else r"不\g<0>"
                said = sentence if denied else _VERB[language].sub(word, sentence, count=1)
            case "negation left out":
                said = _NOT[language].sub("", sentence, count=1)
            case _:
                said = _exchanged(sentence, language)
        if alteration == "none" or said != sentence:
            yield said


def with_other_subject(sentence: str, text: str, others: Iterable[str], language: Language) -> str | None:
    """Return a sentence with the subject of the first other sentence that has one which the text does not name.

    None where the sentence does not begin with a subject, or no other one has a usable one.
    """
    own = _SUBJECT[language].match(sentence)
    found = (_SUBJECT[language].match(other) for other in others)
    foreign = next((match[0] for match in found if match and match[0] not in text), None)
    return foreign + sentence[own.end() :] if own and foreign else None


def question_of(sentence: str, language: Language) -> str:
    """Return a question that has all words of a sentence, which therefore must not count as proved by it."""
    return f"Is it true that {sentence.rstrip('.')}?" if language == "en" else f"{sentence.rstrip('。')}吗？"


def _exchanged(sentence: str, language: Language) -> str:
    """Return a sentence with two of its words, or pieces between marks, in each other's place."""
    parts = sentence.rstrip(".。").split() if language == "en" else _PIECES.split(sentence.rstrip("。"))
    if language == "en":
        places = [place for place, part in enumerate(parts) if len(part) > 4 and part.isalpha()]
    else:
        places = [place for place, part in enumerate(parts) if 2 <= len(part) <= 6]
    if len(places) < 3 or parts[places[0]].lower() == parts[places[-1]].lower():
        return sentence
    parts[places[0]], parts[places[-1]] = parts[places[-1]], parts[places[0]]
    return f"{' '.join(parts)}." if language == "en" else f"{''.join(parts)}。"


def _kept(text: str) -> Kept:
    page = page_of(text)
    part = PageQuote(
        quote=quote_sentences(page, 1, len(page.sentences), evidence_id="E1"),
        url=page.url,
        fetched_at=page.fetched_at.isoformat(),
        tier=page.tier,
        raw_sha256=page.raw_sha256,
    )
    return Kept(id="E1", quotes=(part,))


def _installed(language: Language) -> tuple[list[list[str]], str]:
    source = documents(language, _PARAGRAPHS_READ)
    names = " and ".join(PACKAGES[language])
    if names not in source.origin:
        raise UsageError(f"the passages are paragraphs of the Debian packages {names}; install them")
    return _passages([item.text for item in source.items], language), names


def _cmrc(path: Path) -> list[list[str]]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
        texts = [str(json.loads(line)["text"]) for line in lines if line.strip()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} has no passages of CMRC 2018, one JSON object a line: {error}") from error
    return _passages(texts, "zh")


def _passages(texts: Sequence[str], language: Language) -> list[list[str]]:
    """Return texts of two to eight whole sentences, as lists of these."""
    found = []
    for text in texts:
        sentences = [" ".join(text[start:end].split()) for start, end in split_sentences(text)]
        whole = [one for one in sentences if one.endswith((".", "。")) and 12 <= len(one) <= 250]
        if language == "en":
            whole = [one for one in whole if one[0].isupper() and len(one) >= 40]
        if len(whole) >= 2:
            found.append(whole[:8])
    return found
