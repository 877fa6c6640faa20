"""Puts the questions of a suite to a seat, each in a session of its own, over real pages."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import NamedTuple, Unpack
from urllib.parse import urlsplit

from agent.browsing.config import BrowsingConfig, CorpusSearchConfig
from agent.browsing.corpus import Corpus
from agent.browsing.documents import read_document
from agent.browsing.page import Page
from agent.browsing.policy import Policy
from agent.browsing.ports import Browser, World
from agent.browsing.quotes import check_quote
from agent.browsing.research.graph import browse
from agent.browsing.research.guided import GuidedSeat
from agent.browsing.research.seat import ModelSeat
from agent.browsing.search.corpus import SCHEME
from agent.browsing.session import Session
from agent.browsing.state import BrowseState, PageView
from agent.browsing.testing import MemoryEffects
from agent.domain.messages import Reply, Transcript
from agent.ledger.blobs import BlobStore
from agent.models.alone import ModelAlone
from agent.models.asking import HowAsked
from agent.models.port import ChatModel
from agent.runtime.browsing import open_world
from agent.runtime.settings import Settings
from evals.browsing import suite
from evals.browsing.anchors import entry_region
from evals.browsing.oracle import OraclePolicy
from evals.browsing.site import served, write_passages
from evals.browsing.suite import Answered, Question, Region, SuiteName
from toolserver.client import BrowsingSettings, HostRule

ORACLE = "oracle"
"""The seat that follows a script."""

Told = Callable[[Answered], None]


class Place(NamedTuple):
    """Where the questions of a suite are put.

    Attributes:
        world: what sessions can reach.
        url_of: address of the page that a question is about.
        region_of: the anchors around the entry that must be quoted; None where any place of the page will do.
    """

    world: World
    url_of: Callable[[Question], str]
    region_of: Callable[[Question], Region | None]


class CountedModel(ModelAlone):
    """A chat model in all roles, with what it was asked and how long that took. Implements ``Models``."""

    def __init__(self, model: ChatModel) -> None:
        super().__init__(model)
        self.calls = 0
        self.seconds = 0.0

    async def ask(self, step: str, messages: Transcript, **how: Unpack[HowAsked]) -> Reply:
        """Ask the model and return its reply."""
        began = monotonic()
        self.calls += 1
        try:
            return await super().ask(step, messages, **how)
        finally:
            self.seconds += monotonic() - began

    def seat(self) -> Policy:
        """Return who sits in a session's seat for this model: it drives the loop, or the loop drives it."""
        return GuidedSeat(self) if self.model.profile.strategy == "guided" else ModelSeat(self)


async def run_suite(
    questions: Sequence[Question], place: Place, model: ChatModel | None, right: suite.Judge, *, told: Told
) -> list[Answered]:
    """Put questions one after the other and return what came of them.

    Args:
        questions: in order.
        place: where.
        model: who answers; None for the oracle.
        right: what counts as a right answer.
        told: hears of each question when it has ended.
    """
    answered = []
    for question in questions:
        answered.append(await _answered(question, place, model, right))
        told(answered[-1])
    return answered


async def _answered(question: Question, place: Place, model: ChatModel | None, right: suite.Judge) -> Answered:
    counted = None if model is None else CountedModel(model)
    policy: Policy = OraclePolicy(question, place.url_of(question)) if counted is None else counted.seat()
    effects = MemoryEffects()
    began = monotonic()
    session = Session(
        question.question,
        fetcher=place.world.fetcher,
        search=place.world.search,
        browser=place.world.browser,
        effects=effects,
    )
    end = await browse(session, policy)
    seconds = monotonic() - began
    answer = suite.said(end)
    quotes = [part for kept in end.kept for part in kept.quotes]
    texts = [await effects.get_blob(part.quote.source.text_sha256) for part in quotes]
    states = [check_quote(part.quote, text.decode()) for part, text in zip(quotes, texts, strict=True)]
    wanted = place.url_of(question)
    return Answered(
        id=question.id,
        question=question.question,
        expected=question.answers[0],
        answer=answer,
        right=end.ended == "finished" and right(answer, question),
        exact=end.ended == "finished" and suite.exact(answer, question),
        page=bool(quotes) and all(part.url == wanted for part in quotes),
        entry=await asyncio.to_thread(_in_entry, end, _pages(session.trail), place.region_of, question),
        quotes=len(quotes),
        invalid=sum(state != "valid" for state in states),
        cited=tuple(dict.fromkeys(part.quote.source.location for part in quotes)),
        steps=end.used,
        calls=counted.calls if counted else 0,
        seconds=seconds,
        model_seconds=counted.seconds if counted else 0.0,
    )


def _pages(trail: Sequence[BrowseState]) -> dict[str, Page]:
    """Return the pages that a session has seen, by the hash of their text."""
    views = [view for state in trail for view in state.views if isinstance(view, PageView)]
    return {view.page.text_sha256: view.page for view in views}


def _in_entry(
    end: BrowseState,
    pages: dict[str, Page],
    region_of: Callable[[Question], Region | None],
    question: Question,
) -> bool | None:
    region = region_of(question)
    if region is None:
        return None
    quotes = [part.quote for kept in end.kept for part in kept.quotes]
    return bool(quotes) and all(
        suite.in_entry(pages[quote.source.text_sha256], [(quote.start, quote.end)], region) for quote in quotes
    )


@contextlib.asynccontextmanager
async def python_docs(folder: Path, settings: Settings, home: Path, blobs: BlobStore) -> AsyncIterator[Place]:
    """Give the pages of an HTML folder, served on loopback, found by an index of it, opened in a real browser."""
    with served(folder) as base:
        async with _corpus(home, "bench-pages") as corpus:
            await corpus.add([folder], base_url=base)
            async with _world(settings, home, blobs, corpus, port=urlsplit(base).port or 80) as world:
                yield Place(
                    _in_browser(world),
                    lambda question: base + question.page,
                    lambda q: entry_region(folder / q.page, q.anchor),
                )


class _AlwaysBrowser:
    """A browser that never does with a plain request. Implements ``Browser``."""

    def __init__(self, browser: Browser) -> None:
        self.click, self.type_text, self.select = browser.click, browser.type_text, browser.select
        self._browser = browser

    async def open(self, url: str, *, browser: bool = True) -> Page:
        """Go to an address in the real browser."""
        return await self._browser.open(url, browser=True)


def _in_browser(world: World) -> World:
    """Return a world whose pages are all opened in the real browser."""
    return world if world.browser is None else dataclasses.replace(world, browser=_AlwaysBrowser(world.browser))


@contextlib.asynccontextmanager
async def passages(data: Path, settings: Settings, home: Path, blobs: BlobStore) -> AsyncIterator[Place]:
    """Give passages as documents of the local corpus, one page each; nothing is fetched."""
    folder = home / "corpora" / "bench-passages"
    await asyncio.to_thread(write_passages, suite.chinese_passages(data), folder)

    def url_of(question: Question) -> str:
        return f"{SCHEME}{read_document(folder / f'{question.page}.md').id}"

    async with _corpus(home, "bench-passages") as corpus:
        await corpus.add([folder])
        async with _world(settings, home, blobs, corpus, port=80) as world:
            yield Place(world, url_of, lambda question: None)


@contextlib.asynccontextmanager
async def _corpus(home: Path, name: str) -> AsyncIterator[Corpus]:
    (home / "corpora").mkdir(parents=True, exist_ok=True)
    async with Corpus(home / "corpora" / f"{name}.db") as corpus:
        yield corpus


@contextlib.asynccontextmanager
async def _world(
    settings: Settings, home: Path, blobs: BlobStore, corpus: Corpus, *, port: int
) -> AsyncIterator[World]:
    config = BrowsingConfig(
        enabled=True,
        search=(CorpusSearchConfig(),),
        private_hosts=(HostRule(host="127.0.0.1", ports=(port,), private=True),),
        # the site is our own
        web=BrowsingSettings(delay_seconds=0, links=20_000),
    )
    world = await open_world(config, settings=settings, home=home, run_id="bench-browsing", corpus=corpus, blobs=blobs)
    try:
        yield world
    finally:
        await world.close()


def questions_of(name: SuiteName, data: Path, count: int) -> tuple[list[Question], suite.Judge]:
    """Return the questions of a suite and what counts as right in it."""
    if name == "python-docs":
        return suite.python_questions(data, count), suite.version_right
    return suite.chinese_questions(data, count), suite.text_right
