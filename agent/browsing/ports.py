"""What a session needs of the world: pages, search results, a browser, and a record of what it did."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, Field

from agent.browsing.page import Page
from agent.domain.base import Fact

ResultT = TypeVar("ResultT", bound=BaseModel)


class SearchResult(Fact):
    """A page that a search found.

    Attributes:
        snippet: what the backend shows of the page; it is no evidence.
        backend: which backend found it.
        offset: where in the page's text the match begins, when the backend knows the text.
    """

    title: str
    url: str
    snippet: str = ""
    backend: str = ""
    offset: int | None = Field(default=None, ge=0)


class Fetcher(Protocol):
    """Gets pages."""

    async def fetch(self, url: str) -> Page:
        """Return the page of an address.

        Raises:
            FetchFailed: there is none to read, for a reason that whoever browses can react to.
            ServiceError: what fetches is itself broken.
        """


class SearchBackend(Protocol):
    """Finds pages."""

    async def search(self, query: str) -> tuple[SearchResult, ...]:
        """Return pages that fit a query, best first; none is an answer too.

        Raises:
            SearchFailed: this backend cannot answer now.
            ServiceError: what searches is itself broken.
        """


class Browser(Protocol):
    """A real browser on the page that a session has open. Each action returns the page as it is afterwards."""

    async def open(self, url: str, *, browser: bool = False) -> Page:
        """Go to an address.

        Args:
            url: the address.
            browser: show it in the real browser in any case; else only where that shows more.

        Raises:
            FetchFailed: see ``Fetcher.fetch``.
        """

    async def click(self, ref: str) -> Page:
        """Click an element of the last snapshot.

        Raises:
            FetchFailed: of kind ``stale`` where the element is gone.
        """

    async def type_text(self, ref: str, text: str, *, submit: bool) -> Page:
        """Replace a field's content, and press Enter if asked to.

        Raises:
            FetchFailed: of kind ``stale`` where the field is gone.
        """

    async def select(self, ref: str, value: str) -> Page:
        """Choose an option by its visible text.

        Raises:
            FetchFailed: of kind ``stale`` where the field or option is gone.
        """


class Effects(Protocol):
    """Where a session records what cannot be recomputed, once; on a re-run it is given what was recorded."""

    async def effect(
        self,
        step: str,
        request: dict[str, Any],
        result_type: type[ResultT],
        perform: Callable[[], Awaitable[ResultT]],
    ) -> ResultT:
        """Return the recorded result of a step, or perform it and record the result."""

    async def put_blob(self, data: bytes) -> str:
        """Store bytes and return their SHA-256."""

    async def get_blob(self, sha256: str) -> bytes:
        """Return stored bytes."""

    def distrust(self) -> None:
        """Take note that text of unknown origin has come in."""


@dataclass(frozen=True)
class World:
    """What a session can reach: pages, results, and a real browser where there is one.

    Attributes:
        close: frees what is behind it.
    """

    fetcher: Fetcher
    search: SearchBackend
    browser: Browser | None
    close: Callable[[], Awaitable[None]]
