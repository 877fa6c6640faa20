"""Evidence for claims on the web: a search for each claim, and a few pages that are read once for all claims."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import urldefrag

from agent.browsing.evidence.sentences import Range, best_quotes, query_of
from agent.browsing.page import Page
from agent.browsing.ports import Effects, Fetcher, SearchBackend
from agent.browsing.session import EffectsUnder, Session
from agent.domain.claims import Claim
from agent.domain.evidence import Evidence
from agent.verification.chain.ports import JudgeFailed

PAGES = 3
"""Pages that are read for a claim."""


class WebRetriever:
    """Searches the web for each claim, opens the first pages, and quotes the sentences that are most about it.

    A page that several claims lead to is opened once, under a step that its address alone names, so that it does not
    matter which claim came first. Pages are hostile: nothing in them but sentences is used.

    Args:
        fetcher: gets pages.
        search: finds them.
        effects: where searches and pages are recorded.
        step: begins the steps under which pages are opened; unique in the run.
        pages: pages that are read for a claim.
    """

    def __init__(
        self, *, fetcher: Fetcher, search: SearchBackend, effects: Effects, step: str, pages: int = PAGES
    ) -> None:
        self._fetcher = fetcher
        self._search = search
        self._effects = effects
        self._step = step
        self._pages = pages
        self._opened: dict[str, Page | str] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def retrieve(self, step: str, claim: Claim) -> Sequence[Evidence]:
        """Return quotes, the best first.

        Raises:
            JudgeFailed: nothing could be searched, or not one of the pages could be read.
        """
        query = query_of(claim)
        if not query:
            return ()
        session = self._session(step, claim.text)
        told = await session.call("search", {"query": query})
        if not told.ok:
            raise JudgeFailed(f"the web could not be searched: {told.message}")
        found = dict.fromkeys(urldefrag(result.url).url for result in told.results)
        read = [await self._page(url) for url in list(found)[: self._pages]]
        pages = [page for page in read if isinstance(page, Page)]
        if read and not pages:
            raise JudgeFailed(f"no page could be read: {read[0]}")
        ranges = [Range(page, 1, len(page.sentences)) for page in pages if page.sentences]
        return await asyncio.to_thread(best_quotes, claim, ranges)

    async def _page(self, url: str) -> Page | str:
        """Return the page of an address, or why it could not be had; it is opened once for all claims."""
        async with self._turns[url]:
            if url not in self._opened:
                self._opened[url] = await self._open(url)
            return self._opened[url]

    async def _open(self, url: str) -> Page | str:
        session = self._session(f"{self._step}/{sha256(url.encode()).hexdigest()[:16]}", url, url)
        told = await session.call("open", {"url": url})
        view = session.state.page
        return f"{url}: {told.message}" if view is None else view.page

    def _session(self, step: str, question: str, *urls: str) -> Session:
        return Session(
            question,
            fetcher=self._fetcher,
            search=self._search,
            effects=EffectsUnder(step, self._effects),
            urls=urls,
            asked_by_user=False,
        )
