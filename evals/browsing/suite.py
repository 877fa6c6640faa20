"""The questions of the browsing suites, chosen by a fixed rule, and what counts as right."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from pydantic import Field

from agent.browsing.page import Page
from agent.browsing.state import BrowseState
from agent.domain.base import Fact
from agent.domain.errors import UsageError
from evals.rows import json_rows

SuiteName = Literal["python-docs", "cmrc2018"]
SUITES: tuple[SuiteName, ...] = get_args(SuiteName)

_CITED = re.compile(r"\s*\[E\d+\]")
_VERSION = re.compile(r"\d+(?:\.\d+)+")


class Question(Fact):
    """One question with what answers it.

    Attributes:
        answers: all forms that are right.
        page: what must be cited: a path below the site's address, or the title of a passage's page.
        anchor: fragment of the entry that must be quoted; empty where the whole page will do.
        symbol: what the entry is about.
        quote: the sentence or words that state it.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    page: str
    anchor: str = ""
    symbol: str = ""
    quote: str


class Region(NamedTuple):
    """An entry of a page: the anchor at its beginning, and all anchors after its end, in order."""

    anchor: str
    following: tuple[str, ...]


Judge = Callable[[str, Question], bool]
"""Says whether an answer is right."""


class Passage(Fact):
    """A text of its own page."""

    page: str
    title: str
    text: str


class Answered(Fact):
    """What came of one question.

    Attributes:
        right: the answer is right.
        exact: it is so without any word more or less.
        page: everything that is cited is from the right page.
        entry: everything that is cited is from the entry; None where there is none to tell.
        quotes: quotes that were made.
        invalid: those of them that are not on their page word for word.
        calls: of the model.
        seconds: from question to answer; ``model_seconds`` is the model's part of it.
    """

    id: str
    question: str
    expected: str
    answer: str
    right: bool
    exact: bool
    page: bool
    entry: bool | None = None
    quotes: int = Field(ge=0)
    invalid: int = Field(ge=0)
    cited: tuple[str, ...] = ()
    steps: int = Field(ge=0)
    calls: int = Field(ge=0)
    seconds: float = Field(ge=0)
    model_seconds: float = Field(ge=0)

    @property
    def full(self) -> bool:
        """Whether the answer is right and cited from the right page."""
        return self.right and self.page


def python_questions(facts: Path, count: int) -> list[Question]:
    """Return questions about when something was added, each from another page as far as there are enough.

    The rule: go through the facts at equal distances; where a page was used already, go on to the next fact whose page
    was not.
    """
    rows = _rows(facts)
    chosen: list[dict[str, Any]] = []
    used: set[str] = set()
    step = max(len(rows) // count, 1)
    for start in range(0, len(rows), step):
        fresh = (row for row in rows[start:] + rows[:start] if row["page"] not in used)
        row = next(fresh, rows[start])
        used.add(row["page"])
        chosen.append(row)
    return [
        Question(
            id=row["id"],
            question=row["question"],
            answers=(row["answer"],),
            page=row["page"],
            anchor=row["anchor"],
            symbol=row["symbol"],
            quote=row["quote"],
        )
        for row in chosen[:count]
    ]


def chinese_questions(passages: Path, count: int) -> list[Question]:
    """Return questions over passages.

    The rule: go through the passages at equal distances, and take the first question of the first one, the second of
    the second one, and so on.
    """
    rows = _rows(passages)
    step = max(len(rows) // count, 1)
    found = []
    for place, row in enumerate(rows[::step][:count]):
        asked = row["questions"][place % len(row["questions"])]
        answers = tuple(dict.fromkeys(answer["text"] for answer in asked["answers"]))
        found.append(
            Question(
                id=asked["id"], question=asked["question"], answers=answers, page=row["passage_id"], quote=answers[0]
            )
        )
    return found


def chinese_passages(passages: Path) -> list[Passage]:
    """Return all passages; each is a page of the corpus."""
    return [Passage(page=row["passage_id"], title=row["title"], text=row["text"]) for row in _rows(passages)]


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise UsageError(f"{path} is not there; give the file of the suite by --data")
    return json_rows(path)


def said(state: BrowseState) -> str:
    """Return the answer of a session without its citations."""
    return _CITED.sub("", state.answer).strip()


def version_right(answer: str, question: Question) -> bool:
    """Whether an answer names the version asked for and no other."""
    return set(_VERSION.findall(answer)) == set(question.answers)


def text_right(answer: str, question: Question) -> bool:
    """Whether an answer equals one that is right, contains it or is contained in it.

    Case, width, white space and punctuation do not count.
    """
    given = normal(answer)
    return bool(given) and any(normal(gold) in given or given in normal(gold) for gold in question.answers)


def exact(answer: str, question: Question) -> bool:
    """Whether an answer equals one that is right; case, width, white space and punctuation do not count."""
    return normal(answer) in [normal(gold) for gold in question.answers]


def normal(text: str) -> str:
    """Return a text in the form in which answers are compared."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if unicodedata.category(character)[0] not in "PZCS")


def in_entry(page: Page, spans: Sequence[tuple[int, int]], region: Region) -> bool:
    """Whether spans of a page lie in an entry: from its anchor to the next one after it that the page has.

    A page without the entry's anchor has no such entry. What follows the last entry is not told from it.
    """
    places = {anchor.name: anchor.offset for anchor in reversed(page.anchors)}
    if region.anchor not in places:
        return False
    begin = places[region.anchor]
    # parts of the page that are no content, such as its menu, are not in its text
    end = next((places[name] for name in region.following if places.get(name, -1) >= begin), len(page.text))
    return bool(spans) and all(begin <= start <= stop <= end for start, stop in spans)
