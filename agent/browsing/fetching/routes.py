"""Which way an address is opened: documents of the corpus from their file, all else from the web."""

from agent.browsing.errors import FetchFailed
from agent.browsing.page import Page
from agent.browsing.ports import Browser, Fetcher
from agent.browsing.search.corpus import SCHEME


class RoutedFetcher:
    """Gets ``corpus:`` addresses from one fetcher and all others from another. Implements ``Fetcher``."""

    def __init__(self, *, corpus: Fetcher, web: Fetcher) -> None:
        self._corpus = corpus
        self._web = web

    async def fetch(self, url: str) -> Page:
        """Return the page of an address.

        Raises:
            FetchFailed: see ``Fetcher.fetch``.
        """
        return await (self._corpus if url.startswith(SCHEME) else self._web).fetch(url)


class RoutedBrowser:
    """A browser that shows ``corpus:`` addresses, too; nothing on these can be handled. Implements ``Browser``."""

    def __init__(self, *, corpus: Fetcher, web: Browser) -> None:
        self._corpus = corpus
        self._web = web

    async def open(self, url: str, *, browser: bool = False) -> Page:
        """Go to an address; see ``Browser.open``."""
        if url.startswith(SCHEME):
            return await self._corpus.fetch(url)
        return await self._web.open(url, browser=browser)

    async def click(self, ref: str) -> Page:
        """Click an element; see ``Browser.click``."""
        return await self._web.click(ref)

    async def type_text(self, ref: str, text: str, *, submit: bool) -> Page:
        """Replace a field's content; see ``Browser.type_text``."""
        return await self._web.type_text(ref, text, submit=submit)

    async def select(self, ref: str, value: str) -> Page:
        """Choose an option; see ``Browser.select``."""
        return await self._web.select(ref, value)


class NoCorpus:
    """Says that the task has no documents. Implements ``Fetcher``."""

    async def fetch(self, url: str) -> Page:
        """Refuse an address.

        Raises:
            FetchFailed: always.
        """
        raise FetchFailed("not_found", f"{url} is a document of an index, and this task has none")
