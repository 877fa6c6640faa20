"""A scripted seat that knows where the answer is and has to get there by the actions, as everybody else does."""

import re
from collections.abc import AsyncGenerator

from agent.browsing.page import Page
from agent.browsing.policy import Choice
from agent.browsing.session import Session
from evals.browsing.suite import Question

_LONGEST_FOUND = 200

_Acts = AsyncGenerator[Choice, None]


class OraclePolicy:
    """Searches, opens the right page, finds the entry, quotes the very sentence and finishes. Implements ``Policy``.

    Args:
        question: what is asked, with page, anchor and quote.
        url: address of the page.
    """

    def __init__(self, question: Question, url: str) -> None:
        self._question = question
        self._url = url
        self._acts: _Acts | None = None

    async def choose(self, session: Session) -> Choice:
        """Return the next action of the script."""
        if self._acts is None:
            self._acts = self._script(session)
        try:
            return await anext(self._acts)
        except StopAsyncIteration:
            return Choice("reject", {"reason": "the page or the sentence was not found"})

    async def _script(self, session: Session) -> _Acts:
        for query in self._queries():
            yield Choice("search", {"query": query})
            results = session.state.results.results if session.state.results else ()
            number = next((number for number, one in enumerate(results, start=1) if one.url == self._url), None)
            if number is not None:
                yield Choice("open", {"result": number})
                break
        page = session.state.page.page if session.state.page else None
        if page is None:
            return
        start = _anchor(page, self._question.anchor)
        if self._question.anchor:
            line = page.text[start:].lstrip().partition("\n")[0]
            yield Choice("find", {"text": line[:_LONGEST_FOUND]})
        number = _sentence(page, self._question.quote, start)
        yield Choice("quote", {"text": self._question.quote} if number is None else {"first": number})
        if session.state.kept:
            yield Choice("finish", {"answer": f"{self._question.answers[0]} [{session.state.kept[-1].id}]"})

    def _queries(self) -> list[str]:
        """Return what leads to the page: parts of the symbol, then words of its address, the question, the quote."""
        stem = re.sub(r"\.\w+$", "", self._question.page.rpartition("/")[2])
        candidates = [
            self._question.symbol.replace(".", " "),
            f"{stem} {re.sub(r'[^a-zA-Z0-9]+', ' ', self._question.page)}" if self._question.anchor else "",
            self._question.question,
            self._question.quote[:100],
        ]
        return [query for query in candidates if query.strip()]


def _anchor(page: Page, name: str) -> int:
    """Return where an anchor stands; the beginning of the page where there is none."""
    return next((anchor.offset for anchor in page.anchors if anchor.name == name), 0) if name else 0


def _sentence(page: Page, quote: str, start: int) -> int | None:
    """Return the number of the first sentence from an offset on that is a quote word for word; None where none is."""
    wanted = quote.split()
    for number, (begin, _) in enumerate(page.sentences, start=1):
        if begin >= start and page.sentence_text(number).split() == wanted:
            return number
    return None
