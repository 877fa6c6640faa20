"""Which results to open and which sentences of a page to read, decided by words alone."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from agent.browsing.compression import compressed
from agent.browsing.page import Page
from agent.browsing.ports import SearchResult
from agent.browsing.ranking import Ranking
from agent.browsing.research.asked import CJK_RUN, Asked, has_number
from agent.browsing.research.entries import Entry
from agent.verification.words import CJK

_NOTES = (
    re.compile(
        r"\b(?:new|newly|added|adds?|introduc\w+|availab\w+|exist\w*|first|since)\b|新增|引入|加入|添加", re.IGNORECASE
    ),
    re.compile(r"\b(?:chang\w+|modif\w+|differ\w*|renam\w+)\b|更改|变更|修改|改变|改名", re.IGNORECASE),
    re.compile(r"\b(?:deprecat\w+|remov\w+|obsolete\w*|discontinu\w+|dropped)\b|弃用|移除|废弃|删除", re.IGNORECASE),
)
"""Words by which notes of reference pages say that something began, changed or ended."""
_OPENING = 24
"""Characters of a sentence in which such a word makes it a note."""

CLOSE = 0.85
"""Results whose score is at least this part of the best one's could be meant as well."""

_ENTRY_CHARACTERS = 800
_PAGE_CHARACTERS = 1000
"""How much a small model reads at once; each hundred characters cost it about half a second."""


class Ranked(NamedTuple):
    """A result by its number in the list, counted from 1, and how well it fits."""

    number: int
    score: float


class Shown(NamedTuple):
    """What a model is given to read: what it is about, and sentence numbers of the page with their texts."""

    about: str
    sentences: tuple[tuple[int, str], ...]

    @property
    def lines(self) -> str:
        """The sentences as lines, numbered from 1."""
        return "\n".join(f"[{place}] {text}" for place, (_, text) in enumerate(self.sentences, start=1))


def ranked(asked: Asked, results: Sequence[SearchResult]) -> tuple[Ranked, ...]:
    """Return results, the best first.

    The words of the question count, those of a title twice, and a little how early the result came. A symbol's page is
    the one that is named after the module or class it belongs to.
    """
    ranking = Ranking(f"{result.title} {result.snippet}" for result in results)
    most = ranking.coverage(asked.question, asked.question) or 1.0
    scored = []
    for index, result in enumerate(results):
        said = ranking.coverage(asked.question, f"{result.title} {result.snippet}")
        titled = ranking.coverage(asked.question, result.title)
        score = (said + titled) / most + 0.5 / (index + 1) + 2 * _named_after(result, asked.symbol)
        scored.append(Ranked(index + 1, score))
    return tuple(sorted(scored, key=lambda one: (-one.score, one.number)))


def unsure(asked: Asked, order: Sequence[Ranked]) -> tuple[int, ...]:
    """Return the numbers of results that are about as good as the best; none where words decide."""
    if asked.symbol or len(order) < 2:
        return ()
    close = [one.number for one in order[:4] if one.score >= CLOSE * order[0].score]
    return tuple(close) if len(close) > 1 else ()


def _named_after(result: SearchResult, symbol: str) -> float:
    """Return how much of a symbol's name a page is named after, between 0 and 1; its address or title tells."""
    parts = symbol.lower().split(".") if symbol else []
    path = unquote(urlsplit(result.url).path).lower().rstrip("/").rsplit("/", 1)[-1]
    stem = re.sub(r"\.(?:html?|md|rst|txt|php|aspx?)$", "", path)
    title = re.split(r"[\s:(|\u2014]", result.title.lower().strip(), maxsplit=1)[0]
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in (stem, title):
            return 0.5 + 0.5 * length / len(parts)
        if stem.startswith((f"{name}-", f"{name}_")):
            return 0.4 + 0.4 * length / len(parts)
    return 0.0


def shown_of_entry(asked: Asked, page: Page, entry: Entry) -> Shown:
    """Return what to read of an entry; of a long one, the sentences that could state what is asked."""
    numbers = list(range(entry.first, entry.last + 1))
    # the signature says what the rest is about, and states nothing itself
    body = [(number, _flat(page.sentence_text(number))) for number in numbers if number > entry.first]
    body = [(number, text) for number, text in body if not _is_other_note(asked, text)] or body
    if asked.number:
        body = [(number, text) for number, text in body if has_number(text)] or body
    if sum(len(text) for _, text in body) > _ENTRY_CHARACTERS:
        kept = set(compressed(asked.question, body, _ENTRY_CHARACTERS).kept)
        body = [pair for pair in body if pair[0] in kept]
    return Shown(entry.signature, tuple(body))


def shown_of_page(asked: Asked, page: Page) -> Shown:
    """Return the sentences of a page that say most about a question; none where the page has none of its words."""
    sentences = [
        (number, text)
        for number in range(1, len(page.sentences) + 1)
        if not _is_heading(text := page.sentence_text(number), page.title)
    ]
    if not Ranking(text for _, text in sentences).best(asked.question, 1):
        return Shown("", ())
    kept = set(compressed(asked.question, sentences, _PAGE_CHARACTERS).kept)
    return Shown(_flat(page.title)[:100], tuple((number, _flat(text)) for number, text in sentences if number in kept))


def _is_heading(text: str, title: str) -> bool:
    return text.startswith("#") or text.strip() == title.strip()


def shown_of_mentions(asked: Asked, page: Page) -> Shown:
    """Return the sentences of a page that name the symbol asked for, each with the one after it."""
    name = re.compile(rf"(?<![\w.]){re.escape(asked.symbol)}(?!\w)")
    last = len(page.sentences)
    naming = [number for number in range(1, last + 1) if name.search(page.sentence_text(number))]
    near = sorted({beside for number in naming for beside in (number, min(number + 1, last))})
    body = [(number, page.sentence_text(number)) for number in near]
    kept = set(compressed(asked.question, body, _PAGE_CHARACTERS).kept) if body else set()
    return Shown(_flat(page.title)[:100], tuple((number, _flat(text)) for number, text in body if number in kept))


def _is_other_note(asked: Asked, text: str) -> bool:
    """Whether a sentence is a note of another kind than the question asks for: of a change, not of the beginning.

    Small models take the last version that is named for the one in which something began.
    """
    wanted = [index for index, words in enumerate(_NOTES) if words.search(asked.question)]
    opening = [(match.start(), index) for index, words in enumerate(_NOTES) if (match := words.search(text[:_OPENING]))]
    return len(wanted) == 1 and bool(opening) and min(opening)[1] != wanted[0]


def term_on(asked: Asked, page: Page) -> str:
    """Return the longest name of a question that stands on a page, or one of its words; empty where none does."""
    text = page.text.casefold()
    found = [asked.symbol] if asked.symbol else []
    for name in (*found, *asked.names):
        if name.casefold() in text:
            return name
    words = sorted(re.findall(rf"[^\W_{CJK}]{{4,}}", asked.question), key=len, reverse=True)
    parts = (part for name in asked.names if CJK_RUN.fullmatch(name) for part in _parts(name))
    return next((part for part in (*words, *parts) if part.casefold() in text), "")


def _parts(run: str) -> Iterator[str]:
    """Yield the parts of a run of characters without spaces, the longest first."""
    for length in range(len(run) - 1, 1, -1):
        for start in range(len(run) - length + 1):
            yield run[start : start + length]


def _flat(text: str) -> str:
    return " ".join(text.split())
