"""A small world in memory, for tests of what browses: pages, results, a record of effects, and models."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Unpack

from agent.browsing.errors import FetchFailed, SearchFailed
from agent.browsing.page import Anchor, Link, Page, make_page
from agent.browsing.ports import ResultT, SearchResult
from agent.domain.errors import LedgerUnavailable, ReplayDivergence
from agent.domain.messages import Reply, Transcript, canonical
from agent.models.alone import ModelAlone
from agent.models.asking import EXECUTOR, HowAsked
from agent.models.port import ChatModel
from agent.models.testing.scripted_model import Asked, ScriptedModel, Turn

_WORD = re.compile(r"[a-z0-9]+|[\u4e00-\u9fff]")


def page_of(
    text: str | None,
    *,
    url: str = "https://example.org/a",
    title: str = "A page",
    links: Sequence[Link] = (),
    anchors: Sequence[Anchor] = (),
) -> Page:
    """Return a page with a text, fetched at a fixed time."""
    raw = (text or "").encode("utf-8", "surrogatepass")
    return make_page(
        text,
        url=url,
        title=title,
        fetched_at=datetime(2026, 11, 1, 12, 0, tzinfo=UTC),
        tier="text",
        raw_sha256=sha256(raw).hexdigest(),
        links=links,
        anchors=anchors,
    )


class FakeWeb:
    """Pages by address. Implements ``Fetcher``.

    Attributes:
        pages: a page, or the failure that its address gives; may be changed at any time.
        fetched: addresses in the order in which they were asked for.
    """

    def __init__(self, pages: Mapping[str, Page | FetchFailed]) -> None:
        self.pages = dict(pages)
        self.fetched: list[str] = []

    async def fetch(self, url: str) -> Page:
        """Return the page of an address; an address that is not there is not found."""
        self.fetched.append(url)
        found = self.pages.get(url, FetchFailed("not_found", f"{url} answered 404; open another page"))
        if isinstance(found, FetchFailed):
            raise found
        return found


class FakeSearch:
    """Finds the pages that share most words with a query. Implements ``SearchBackend``.

    Attributes:
        failure: raised by every search while it is set.
        queries: in order.
    """

    def __init__(self, pages: Sequence[Page], *, failure: SearchFailed | None = None) -> None:
        self._pages = tuple(pages)
        self.failure = failure
        self.queries: list[str] = []

    async def search(self, query: str) -> tuple[SearchResult, ...]:
        """Return pages that share a word with the query, those that share more first."""
        self.queries.append(query)
        if self.failure is not None:
            raise self.failure
        wanted = set(_WORD.findall(query.lower()))
        shared = [(len(wanted & set(_WORD.findall(f"{page.title} {page.text}".lower()))), page) for page in self._pages]
        found = sorted((pair for pair in shared if pair[0]), key=lambda pair: -pair[0])
        return tuple(
            SearchResult(title=page.title, url=page.url, snippet=page.text[:80], backend="fake") for _, page in found
        )


class MemoryEffects:
    """A record of effects in memory. Implements ``Effects``.

    A second session over the same record is given what the first one met; with ``replay`` it may do nothing new.
    """

    def __init__(self, *, replay: "MemoryEffects | None" = None) -> None:
        self.records: dict[str, tuple[bytes, str]] = {} if replay is None else replay.records
        self.blobs: dict[str, bytes] = {} if replay is None else replay.blobs
        self.distrusted = False
        self._replay = replay is not None

    async def effect(
        self,
        step: str,
        request: dict[str, Any],
        result_type: type[ResultT],
        perform: Callable[[], Awaitable[ResultT]],
    ) -> ResultT:
        """Return the recorded result of a step, or perform it and record the result.

        Raises:
            ReplayDivergence: something else was recorded under the step, or nothing was and this is a replay.
        """
        asked = canonical(request)
        if step in self.records:
            recorded, result = self.records[step]
            if recorded != asked:
                raise ReplayDivergence(f"step {step} asks for something else than was recorded")
            return result_type.model_validate_json(result)
        if self._replay:
            raise ReplayDivergence(f"step {step} was never recorded")
        done = await perform()
        self.records[step] = (asked, done.model_dump_json())
        return done

    async def put_blob(self, data: bytes) -> str:
        """Store bytes and return their SHA-256."""
        name = sha256(data).hexdigest()
        self.blobs[name] = data
        return name

    async def get_blob(self, sha256: str) -> bytes:
        """Return stored bytes.

        Raises:
            LedgerUnavailable: there is no such blob.
        """
        if sha256 not in self.blobs:
            raise LedgerUnavailable(f"blob {sha256[:12]} is missing")
        return self.blobs[sha256]

    def distrust(self) -> None:
        """Take note that text of unknown origin has come in."""
        self.distrusted = True


class ScriptedModels(ModelAlone):
    """A model behind the port ``Models``, for every role, that records nothing.

    Args:
        model: any model, such as one of a scripted server; or the turns of a ``ScriptedModel``.

    Attributes:
        asked: step and role of each call, in order.
    """

    def __init__(
        self, model: ChatModel | Iterable[Turn] | Callable[[Asked], str | Reply | Awaitable[str | Reply]]
    ) -> None:
        super().__init__(model if isinstance(model, ChatModel) else ScriptedModel(model))
        self.asked: list[tuple[str, str]] = []

    @property
    def steps(self) -> list[str]:
        """The steps of the calls, in order."""
        return [step for step, _ in self.asked]

    async def ask(self, step: str, messages: Transcript, **how: Unpack[HowAsked]) -> Reply:
        """Ask the model.

        Raises:
            ReplayDivergence: the step was used before, which would mix up two records.
        """
        if step in self.steps:
            raise ReplayDivergence(f"step {step} was asked twice")
        self.asked.append((step, how.get("role", EXECUTOR)))
        return await super().ask(step, messages, **how)
