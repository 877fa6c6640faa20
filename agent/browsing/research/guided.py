"""A small model in a session's seat: the loop drives it through typed steps, each with a choice from a list.

Search, open, find the entry or the sentences that matter, let the model name the sentence that answers and copy the
answer, check it, quote, finish. What words decide is decided without the model, which is asked once or twice.
"""

import asyncio
import unicodedata
from collections.abc import AsyncGenerator, Sequence

from pydantic import Field

from agent.browsing.page import Page
from agent.browsing.policy import Choice
from agent.browsing.research.asked import Asked, asked_in, has_number, is_version, queries
from agent.browsing.research.choosing import (
    Shown,
    ranked,
    shown_of_entry,
    shown_of_mentions,
    shown_of_page,
    term_on,
    unsure,
)
from agent.browsing.research.entries import Entry, entry_of
from agent.browsing.session import Session
from agent.domain.base import Form
from agent.domain.errors import ModelOutputError
from agent.models.asking import Models
from agent.models.prepared import Asker
from agent.verification.literal import literal

MOST_PAGES = 4
"""Pages that are opened for one search."""
MOST_READINGS = 4
"""Pages that a model reads for one question."""
NOT_STATED = "not stated"

_USED_UP = "no answer was found before the steps were used up"
_NEAR = 600
"""Characters: a sentence no farther below the signature of its entry is quoted together with it."""
_LONGEST_ANSWER = 100
_LONGEST_FOUND = 200

_Acts = AsyncGenerator[Choice, None]


class Found(Form):
    """The sentence that states the answer, by its number among those shown, and the answer; 0 where none does."""

    sentence: int
    answer: str = Field(max_length=_LONGEST_ANSWER)


class Again(Form):
    """The answer as a single sentence gives it."""

    answer: str = Field(max_length=_LONGEST_ANSWER)


class Picked(Form):
    """The result that is most likely to have the answer; 0 where none is."""

    result: int


class Rephrased(Form):
    """Another query."""

    query: str = Field(min_length=1, max_length=60)


class GuidedSeat:
    """Drives a small model through one session. Implements ``Policy``.

    An answer is given only if it stands word for word in the quoted sentence; otherwise the next page is read, and in
    the end the question is rejected.

    Args:
        models: where the model is asked; each call is recorded as ``guided/<n>-<what>``.
    """

    def __init__(self, models: Models) -> None:
        self._asker = Asker(models, __package__)
        self._acts: _Acts | None = None
        self._asked = 0
        self._readings = 0
        self._read: set[str] = set()

    async def choose(self, session: Session) -> Choice:
        """Return the next action."""
        if self._acts is None:
            self._acts = self._browse(session, asked_in(session.state.question))
        if session.state.left == 1 and not _quoted(session):
            return Choice("reject", {"reason": _USED_UP})
        try:
            act = await anext(self._acts)
        except StopAsyncIteration:
            return Choice("reject", {"reason": "no page that was found states it"})
        return act if session.state.left > 1 or act.name == "finish" else Choice("reject", {"reason": _USED_UP})

    async def _browse(self, session: Session, asked: Asked) -> _Acts:
        searched = queries(asked)
        for query in searched:
            async for act in self._search(session, asked, query):
                yield act
        if self._readings < MOST_READINGS and (other := await self._rephrased(asked, searched[-1])):
            async for act in self._search(session, asked, other):
                yield act

    async def _search(self, session: Session, asked: Asked, query: str) -> _Acts:
        """Search, and read the best pages; one that has the entry of the symbol asked for comes before all others."""
        yield Choice("search", {"query": query})
        if not _succeeded(session) or session.state.results is None:
            return
        order = await self._order(asked, session)
        mentioning: list[int] = []
        for number in order[:MOST_PAGES]:
            yield Choice("open", {"result": number})
            page = _opened(session)
            if page is None:
                continue
            entry = await asyncio.to_thread(entry_of, page, asked.symbol) if asked.symbol else None
            if asked.symbol and entry is None:
                if term_on(asked, page) == asked.symbol:
                    mentioning.append(number)
            else:
                async for act in self._on(session, asked, page, entry):
                    yield act
            yield Choice("back", {})
        for number in mentioning[:2]:
            yield Choice("open", {"result": number})
            page = _opened(session)
            if page is None:
                continue
            async for act in self._on(session, asked, page, None):
                yield act
            yield Choice("back", {})

    async def _order(self, asked: Asked, session: Session) -> list[int]:
        """Return numbers of results, the best first; the model is asked where words do not tell."""
        results = session.state.results.results if session.state.results else ()
        order = ranked(asked, results)
        numbers = [one.number for one in order if results[one.number - 1].url not in self._read]
        close = [number for number in unsure(asked, order) if number in numbers]
        if len(close) < 2:
            return numbers
        lines = [f"[{place}] {_brief(results[number - 1].title, results[number - 1].snippet)}"
                 for place, number in enumerate(close, start=1)]  # fmt: skip
        try:
            picked = await self._asker.form(
                self._step("pick"),
                "guided_pick",
                Picked,
                max_tokens=20,
                choices={"result": list(range(len(close) + 1))},
                results="\n".join(lines),
                question=asked.question,
            )
        except ModelOutputError:
            return numbers
        if not 1 <= picked.result <= len(close):
            return numbers
        first = close[picked.result - 1]
        return [first, *(number for number in numbers if number != first)]

    async def _on(self, session: Session, asked: Asked, page: Page, entry: Entry | None) -> _Acts:
        """Read a page, and quote and finish where it answers the question."""
        if page.url in self._read or self._readings >= MOST_READINGS:
            return
        self._read.add(page.url)
        term = entry.signature[:_LONGEST_FOUND] if entry else term_on(asked, page)
        if term:
            yield Choice("find", {"text": term})
        shown = await asyncio.to_thread(_shown, asked, page, entry)
        if not shown.sentences:
            return
        self._readings += 1
        found = await self._found(asked, shown)
        if found is None:
            return
        number, answer = found
        before = len(session.state.kept)
        # the sentence that states the answer is the last passage, and a step is left for the end
        for first, last in _passages(page, entry, number)[-(session.state.left - 1) :]:
            yield Choice("quote", {"first": first, "last": last})
        kept = [kept.id for kept in session.state.kept[before:]]
        if kept:
            yield Choice("finish", {"answer": f"{answer} {''.join(f'[{name}]' for name in kept)}"})

    async def _found(self, asked: Asked, shown: Shown) -> tuple[int, str] | None:
        """Return the number of the sentence that answers and the answer; None where nothing passes the checks."""
        try:
            found = await self._asker.form(
                self._step("find"),
                "guided_find_zh" if asked.cjk else "guided_find",
                Found,
                max_tokens=120,
                choices={"sentence": list(range(len(shown.sentences) + 1))},
                about=shown.about,
                sentences=shown.lines,
                question=asked.question,
            )
        except ModelOutputError:
            return None
        if not 1 <= found.sentence <= len(shown.sentences) or _is_not_stated(found.answer):
            return None
        number, text = shown.sentences[found.sentence - 1]
        answer = _trimmed(found.answer)
        if stated(asked, answer, text):
            return number, answer
        other = next((pair for pair in shown.sentences if stated(asked, answer, pair[1])), None)
        if other is not None:
            return other[0], answer
        return await self._copied(asked, shown, number, text)

    async def _copied(self, asked: Asked, shown: Shown, number: int, text: str) -> tuple[int, str] | None:
        """Return the answer copied from one sentence alone, where the first one was not in its words."""
        try:
            again = await self._asker.form(
                self._step("again"),
                "guided_again",
                Again,
                max_tokens=100,
                about=shown.about,
                text=text,
                question=asked.question,
            )
        except ModelOutputError:
            return None
        answer = _trimmed(again.answer)
        return (number, answer) if not _is_not_stated(answer) and stated(asked, answer, text) else None

    async def _rephrased(self, asked: Asked, searched: str) -> str:
        try:
            rephrased = await self._asker.form(
                self._step("query"),
                "guided_query",
                Rephrased,
                max_tokens=50,
                question=asked.question,
                searched=searched,
            )
        except ModelOutputError:
            return ""
        return rephrased.query.strip()

    def _step(self, what: str) -> str:
        self._asked += 1
        return f"guided/{self._asked}-{what}"


def stated(asked: Asked, answer: str, text: str) -> bool:
    """Whether an answer stands word for word in a sentence, adds to the question, and is of the kind asked."""
    if not answer or _folded(answer) not in _folded(text):
        return False
    if (asked.number and not has_number(answer)) or (asked.version and not is_version(answer)):
        return False
    return literal(answer, text, asked.question).passed is not False


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _trimmed(answer: str) -> str:
    flat = " ".join(answer.split()).strip("\u3002\uff0c,;\uff1b ")
    return flat[:-1] if flat.endswith(".") and flat.count(".") <= 1 else flat


def _is_not_stated(answer: str) -> bool:
    return answer.strip(" .").lower() in ("", NOT_STATED, "not stated in the text")


def _shown(asked: Asked, page: Page, entry: Entry | None) -> Shown:
    if entry is not None:
        return shown_of_entry(asked, page, entry)
    return shown_of_mentions(asked, page) if asked.symbol else shown_of_page(asked, page)


def _passages(page: Page, entry: Entry | None, number: int) -> Sequence[tuple[int, int]]:
    """Return what to quote: a sentence of an entry with the signature above it, in one quote where they are close."""
    if entry is None or number <= entry.first:
        return [(number, number)]
    start, end = page.sentences[entry.first - 1].start, page.sentences[number - 1].end
    return [(entry.first, number)] if end - start <= _NEAR else [(entry.first, entry.first), (number, number)]


def _succeeded(session: Session) -> bool:
    return bool(session.state.history) and session.state.history[-1].ok


def _quoted(session: Session) -> bool:
    return bool(session.state.history) and session.state.history[-1].name == "quote"


def _opened(session: Session) -> Page | None:
    return session.state.page.page if _succeeded(session) and session.state.page is not None else None


def _brief(title: str, snippet: str) -> str:
    return " ".join(f"{title[:80]}: {snippet[:80]}".split())
