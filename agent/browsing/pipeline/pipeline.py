"""Pipeline mode: queries, searches, pages, quotes and an answer, in one pass.

What can go on at the same time does. What a step is called, and in which order quotes are taken, follows from the
order of queries, results and windows, never from who was first, so a re-run over the record comes to the same answer.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeVar
from urllib.parse import urldefrag

from agent.browsing.actions import LONGEST_QUERY
from agent.browsing.page import Page, Window
from agent.browsing.pipeline.forms import WriteQueries
from agent.browsing.pipeline.reading import PACKAGE, Picked, Span, neighbouring, pick, windows_to_read
from agent.browsing.pipeline.result import PipelineResult, PipelineSettings, ReadPage
from agent.browsing.ports import Effects, Fetcher, SearchBackend, SearchResult
from agent.browsing.quotes import LONGEST_QUOTE, quote_sentences
from agent.browsing.session import EffectsUnder, Session
from agent.browsing.state import Kept
from agent.browsing.synthesis.result import Dropped
from agent.browsing.synthesis.synthesise import synthesise
from agent.browsing.transition import page_quote
from agent.domain.errors import ModelOutputError, ModelRefused
from agent.domain.messages import Transcript
from agent.models.asking import Models, ask_form
from agent.models.templates import render
from agent.models.together import together

T = TypeVar("T")


class _Found(NamedTuple):
    """A page to be read: its address, and the number of the query that found it."""

    url: str
    query: int


class _Opened(NamedTuple):
    found: _Found
    page: Page
    windows: tuple[Window, ...]


class _Candidate(NamedTuple):
    """A window to be read: the number of its page, counted from 1, and its place among the page's windows."""

    page: int
    place: int


async def answer(
    question: str,
    *,
    fetcher: Fetcher,
    search: SearchBackend,
    effects: Effects,
    models: Models,
    step: str,
    settings: PipelineSettings | None = None,
) -> PipelineResult:
    """Return the answer to a question with the quotes that it rests on.

    What cannot be had or used on the way is left out and told in ``missing``.

    Args:
        question: what is to be answered.
        fetcher: gets pages; a real browser is not used.
        search: finds pages.
        effects: where searches and pages are recorded.
        models: models by role; where they are recorded is theirs to know.
        step: begins the names of all effects; unique in the run.
        settings: the limits.

    Raises:
        ServiceError: a model, or what fetches or searches, is itself broken.
        ModelRefused: the model's server refused every window; one that it takes is enough to go on.
    """
    settings = settings or PipelineSettings()
    limit = asyncio.Semaphore(settings.parallel)
    outside = _Outside(question, fetcher, search, effects, step)

    queries = await _queries(question, models, step=f"{step}/queries", settings=settings)
    results = await together(
        _limited(limit, partial(outside.results, number, query)) for number, query in enumerate(queries, start=1)
    )
    found = _pages(results, settings.pages)
    pages = await together(
        _limited(limit, partial(outside.page, number, one.url)) for number, one in enumerate(found, start=1)
    )
    missing = [told for told in itertools.chain(results, pages) if isinstance(told, str)]
    opened = [
        # a long page is searched for the question's words, which may take seconds
        _Opened(one, page, await asyncio.to_thread(windows_to_read, question, page, settings))
        for one, page in zip(found, pages, strict=True)
        if isinstance(page, Page)
    ]

    collected = _Collected(opened, settings.quotes)
    for wave in _waves(itertools.islice(_candidates(opened), settings.reads), settings.parallel):
        picked = await together(
            pick(
                question,
                opened[one.page - 1].page,
                opened[one.page - 1].windows[one.place],
                models,
                step=f"{step}/pick/{one.page}.{one.place + 1}",
                settings=settings,
            )
            for one in wave
        )
        for one, result in zip(wave, picked, strict=True):
            collected.take(one, result)
        if collected.full:
            break
    if collected.refused:
        raise ModelRefused(f"not one of the windows could be read; {collected.refused}")
    missing += collected.problems
    kept = tuple(collected.kept)
    written = await synthesise(question, kept, models, step=f"{step}/synthesis", settings=settings.synthesis)
    return PipelineResult(
        question=question,
        queries=queries,
        pages=collected.pages(),
        kept=kept,
        synthesis=written,
        missing=(*missing, *(_told(one) for one in written.dropped)),
    )


def _told(dropped: Dropped) -> str:
    return " ".join(f"left out of the answer: {dropped.text or 'all of it'} ({dropped.reason})".split())


async def _queries(question: str, models: Models, *, step: str, settings: PipelineSettings) -> tuple[str, ...]:
    """Return what to search for: what a model wrote, or the question itself where it wrote nothing usable."""
    prompt = render(PACKAGE, "queries", question=question, most=settings.queries)
    transcript = Transcript([{"role": "user", "content": prompt}])
    try:
        form = await ask_form(models, step, transcript, WriteQueries, role=settings.writer)
        written = form.queries
    except ModelOutputError:
        written = []
    # queries that differ in case alone find the same
    distinct: dict[str, str] = {}
    for query in written:
        flat = " ".join(query.split())[:LONGEST_QUERY]
        if flat:
            distinct.setdefault(flat.casefold(), flat)
    return tuple(distinct.values())[: settings.queries] or (" ".join(question.split())[:LONGEST_QUERY],)


def _pages(results: Sequence[tuple[SearchResult, ...] | str], most: int) -> tuple[_Found, ...]:
    """Return the first pages of each query; a page that an earlier query found counts there."""
    found: dict[str, _Found] = {}
    for number, listed in enumerate(results, start=1):
        new = 0
        for result in () if isinstance(listed, str) else listed:
            bare = urldefrag(result.url).url
            if new == most:
                break
            if bare not in found:
                found[bare] = _Found(bare, number)
                new += 1
    return tuple(found.values())


def _candidates(opened: Sequence[_Opened]) -> Iterator[_Candidate]:
    """Yield the windows to be read: of each page the best one, then of each the next."""
    deepest = max((len(one.windows) for one in opened), default=0)
    for place in range(deepest):
        for number, one in enumerate(opened, start=1):
            if place < len(one.windows):
                yield _Candidate(number, place)


def _waves(candidates: Iterator[_Candidate], size: int) -> Iterator[list[_Candidate]]:
    while wave := list(itertools.islice(candidates, size)):
        yield wave


class _Collected:
    """The quotes so far, in the order of windows."""

    def __init__(self, opened: Sequence[_Opened], most: int) -> None:
        self._opened = opened
        self._most = most
        self._taken: dict[str, set[int]] = {}
        self._rates: dict[int, list[float]] = {}
        self._read = 0
        self.kept: list[Kept] = []
        self.problems: list[str] = []

    @property
    def refused(self) -> str:
        """Why the model's server took no window at all; empty where it took one."""
        return self.problems[0] if self.problems and not self._read else ""

    @property
    def full(self) -> bool:
        return len(self.kept) >= self._most

    def take(self, one: _Candidate, picked: Picked) -> None:
        """Keep what was picked of a window, as far as there is room and nothing is quoted twice."""
        page = self._opened[one.page - 1].page
        self._rates.setdefault(one.page, []).append(picked.rate)
        self._read += not picked.refused
        if picked.problem:
            self.problems.append(f"{page.final_url}: {picked.problem}")
        for span in picked.spans:
            # by text, since one page may have several addresses
            taken = self._taken.setdefault(page.text_sha256, set())
            free = [number for number in range(span.first, span.last + 1) if number not in taken]
            for part in neighbouring(free) if free else ():
                if self._length(page, part) > LONGEST_QUOTE:
                    told = f"s{part.first} to s{part.last} have more than {LONGEST_QUOTE} characters"
                    self.problems.append(f"{page.final_url}: {told}, so they are not quoted")
                elif not self.full:
                    taken.update(range(part.first, part.last + 1))
                    self.kept.append(self._quoted(page, part))

    @staticmethod
    def _length(page: Page, span: Span) -> int:
        return page.sentences[span.last - 1].end - page.sentences[span.first - 1].start

    def _quoted(self, page: Page, span: Span) -> Kept:
        name = f"E{len(self.kept) + 1}"
        quote = quote_sentences(page, span.first, span.last, evidence_id=name)
        return Kept(id=name, quotes=(page_quote(page, quote),))

    def pages(self) -> tuple[ReadPage, ...]:
        """Return what was read."""
        return tuple(
            ReadPage(
                url=one.page.final_url,
                title=one.page.title,
                query=one.found.query,
                windows=len(rates),
                rate=sum(rates) / len(rates) if rates else 1.0,
            )
            for one, rates in ((one, self._rates.get(number, [])) for number, one in enumerate(self._opened, start=1))
        )


class _Outside:
    """Searches and pages, each by a session of its own, which records it and tells what could not be had."""

    def __init__(self, question: str, fetcher: Fetcher, search: SearchBackend, effects: Effects, step: str) -> None:
        self._question = question
        self._fetcher = fetcher
        self._search = search
        self._effects = effects
        self._step = step

    async def results(self, number: int, query: str) -> tuple[SearchResult, ...] | str:
        """Return what a query finds, or why nothing could be searched."""
        session = self._session(f"search/{number}")
        told = await session.call("search", {"query": query})
        return told.results if told.ok else f"{query}: {told.message}"

    async def page(self, number: int, url: str) -> Page | str:
        """Return the page of an address, or why it could not be had."""
        session = self._session(f"page/{number}", url)
        told = await session.call("open", {"url": url})
        view = session.state.page
        return f"{url}: {told.message}" if view is None else view.page

    def _session(self, name: str, *urls: str) -> Session:
        return Session(
            self._question,
            fetcher=self._fetcher,
            search=self._search,
            effects=EffectsUnder(f"{self._step}/{name}", self._effects),
            urls=urls,
        )


async def _limited(limit: asyncio.Semaphore, job: Callable[[], Awaitable[T]]) -> T:
    async with limit:
        return await job()
