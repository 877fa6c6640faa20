"""Pages of the web, by way of a browsing sandbox."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime
from hashlib import sha256

from agent.browsing.courtesy import Turns
from agent.browsing.errors import FetchFailed
from agent.browsing.page import Anchor, Download, Element, Extractor, Link, Page, make_page
from agent.domain.errors import SandboxUnavailable, ServiceError
from toolserver.client import (
    BrowsingBroken,
    BrowsingSandbox,
    DownloadedFile,
    Got,
    PageAnswer,
    PageFailed,
    SandboxLost,
    ToolServerError,
)

KeepBytes = Callable[[bytes], Awaitable[object]]
"""Keeps the bytes of a page, as a blob under their hash."""


async def forget(data: bytes) -> None:
    """Keep nothing."""


class WebFetcher:
    """Gets pages by plain requests. Implements ``Fetcher``.

    Args:
        sandbox: gets them.
        keep: is given the bytes of each page; their hash is the page's ``raw_sha256``.
        kept_bytes: the bytes of a larger page are not given to ``keep``.
        turns: whose turn it is at a site, where other sandboxes ask it too; within one the program sees to that.
    """

    def __init__(
        self,
        sandbox: BrowsingSandbox,
        keep: KeepBytes = forget,
        *,
        kept_bytes: int | None = None,
        turns: Turns | None = None,
    ) -> None:
        self._turns = turns
        self._sandbox = sandbox
        self._keep = keep
        self._kept_bytes = kept_bytes

    async def fetch(self, url: str) -> Page:
        """Return the page of an address.

        Raises:
            FetchFailed: there is none to read; ``needs_browser`` where a real browser might show one.
            ServiceError: what fetches is itself broken.
        """
        return (await self.fetch_hinted(url))[0]

    async def fetch_hinted(self, url: str) -> tuple[Page, bool]:
        """Return the page of an address, and whether a real browser would probably show more; raises like ``fetch``."""
        async with translated(), self._turn(url):
            got = await self._sandbox.fetch(url)
        return await self._kept(got), got.page.needs_browser

    def _turn(self, url: str) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._turns is None else self._turns.turn(url)

    async def _kept(self, got: Got) -> Page:
        small = self._kept_bytes is None or len(got.raw) <= self._kept_bytes
        return await kept_page(got, self._keep if small else forget)


class SandboxedWeb(WebFetcher):
    """The web: plain requests, and a real browser where a page needs one. Implements ``Fetcher`` and ``Browser``."""

    async def open(self, url: str, *, browser: bool = False) -> Page:
        """Go to an address: by a plain request first, in the browser where that shows too little.

        Args:
            url: the address.
            browser: do without the plain request.

        Raises:
            FetchFailed: there is no page to read.
            ServiceError: what fetches is itself broken.
        """
        if browser:
            return await self._page(self._opened(url))
        try:
            page, more = await self.fetch_hinted(url)
        except FetchFailed as failed:
            if not failed.needs_browser:
                raise
        else:
            if not more:
                return page
        return await self._page(self._opened(url))

    async def click(self, ref: str) -> Page:
        """Click an element of the last snapshot; raises like ``open``, of kind ``stale`` where it is gone."""
        return await self._page(self._sandbox.click(ref))

    async def type_text(self, ref: str, text: str, *, submit: bool) -> Page:
        """Replace a field's content, and press Enter if asked to; raises like ``click``."""
        return await self._page(self._sandbox.type_text(ref, text, submit=submit))

    async def select(self, ref: str, value: str) -> Page:
        """Choose an option by its visible text; raises like ``click``."""
        return await self._page(self._sandbox.select(ref, value))

    async def close(self) -> None:
        """End the sandbox."""
        await self._sandbox.close()

    async def _opened(self, url: str) -> Got:
        async with self._turn(url):
            return await self._sandbox.open(url)

    async def _page(self, coming: Awaitable[Got]) -> Page:
        async with translated():
            got = await coming
        page = await self._kept(got)
        downloads = [await self._download(file) for file in got.page.downloads]
        shot = await self._shot() if page.tier == "browser" else ""
        return page.model_copy(update={"screenshot_sha256": shot, "downloads": tuple(downloads)})

    async def _shot(self) -> str:
        """Keep a picture of what the browser shows, and return its hash; empty where none can be taken."""
        try:
            async with translated():
                picture = await self._sandbox.screenshot()
        except FetchFailed:
            return ""  # the text is what counts; that there is no picture is seen from the page
        await self._keep(picture)
        return sha256(picture).hexdigest()

    async def _download(self, file: DownloadedFile) -> Download:
        """Keep a file that a page handed over, as it came to the sandbox."""
        async with translated():
            content = await self._sandbox.downloaded(file)
        await self._keep(content)
        return Download(name=file.name, sha256=sha256(content).hexdigest(), size=len(content))


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Raise what a browsing sandbox raises as errors of the agent."""
    try:
        yield
    except PageFailed as failed:
        raise FetchFailed(
            failed.kind, str(failed), needs_browser=failed.needs_browser, retry_after=failed.retry_after
        ) from failed
    except BrowsingBroken as error:
        raise ServiceError(str(error)) from error
    except SandboxLost as error:
        raise SandboxUnavailable(f"the browsing sandbox was lost: {error}") from error
    except ToolServerError as error:
        raise ServiceError(f"the browsing sandbox failed: {error}") from error


async def kept_page(got: Got, keep: KeepBytes) -> Page:
    """Return the page that a sandbox got, when its bytes are kept."""
    await keep(got.raw)
    # a text of megabytes takes a second to be cut into sentences
    return await asyncio.to_thread(page_of_answer, got.page, sha256(got.raw).hexdigest())


def page_of_answer(answer: PageAnswer, raw_sha256: str) -> Page:
    """Return the page that an answer tells of; what points outside of the text is left out, for a page is hostile."""
    size = len(answer.text)
    return make_page(
        answer.text,
        url=answer.url,
        final_url=answer.final_url,
        title=answer.title,
        fetched_at=datetime.fromisoformat(answer.retrieved_at),
        tier=answer.tier,
        raw_sha256=raw_sha256,
        links=[Link(text=link.text, url=link.url, offset=link.offset) for link in answer.links if link.offset <= size],
        elements=[
            Element(
                ref=element.ref,
                role=element.role,
                name=element.name,
                value=element.value,
                options=element.options,
            )
            for element in answer.elements
        ],
        anchors=[Anchor(name=anchor.name, offset=anchor.offset) for anchor in answer.anchors if anchor.offset <= size],
        status=answer.status,
        content_type=answer.content_type,
        extractor=Extractor(
            name=answer.extractor.name, version=answer.extractor.version, options=answer.extractor.options
        ),
        notes=answer.notes,
        by_line=answer.by_line,
    )
