"""The browser tier: a real browser on one page at a time, with the manners and readers of the text tier."""

import importlib.util
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from toolserver import __version__
from toolserver.browsing.browser.launching import PROGRAMS, Engine, find_program
from toolserver.browsing.browser.seen import Seen
from toolserver.browsing.browser.session import BrowserSession
from toolserver.browsing.browser.visit import BrowserLimits
from toolserver.browsing.files import FetchedPage
from toolserver.browsing.judging import judge
from toolserver.browsing.settings import BrowsingSettings
from toolserver.browsing.texts import TextTier
from toolserver.browsing.transfer import LONGEST_URL, Arrived, checked
from toolserver.browsing.wire import DownloadedFile, Extractor, PageAnswer, PageElement
from toolserver.errors import PageFailed

ARRIVING: Final = ".arriving"
DOWNLOADS: Final = "downloads"
"""Folders of the workspace: for files on their way, and for those that are there."""


def obstacle() -> str | None:
    """Return why there is no real browser here; None where there is one."""
    if importlib.util.find_spec("playwright") is None:
        return "the package playwright is not installed; install the extra browser"
    if find_program() is None:
        return f"there is no Chromium (looked for {', '.join(PROGRAMS)})"
    return None


class Chromium:
    """A real browser. Each action returns the page as it is afterwards.

    Args:
        settings: how to behave.
        proxy: address of the proxy through which everything goes.
        texts: the text tier, to whose manners the browser keeps and whose readers make text of its pages.
        folder: the workspace.
    """

    def __init__(self, settings: BrowsingSettings, proxy: str, texts: TextTier, folder: Path | None = None) -> None:
        self._texts = texts
        self._folder = folder or Path.cwd()
        place = proxy.removeprefix("http://").rstrip("/")
        self._engine = Engine(self._folder / ARRIVING, proxy=place)
        limits = BrowserLimits(
            load_seconds=settings.page_seconds,
            action_seconds=settings.page_seconds * 2,
            page_bytes=settings.page_bytes,
            download_bytes=settings.download_bytes,
            all_download_bytes=settings.all_download_bytes,
        )
        self._session = BrowserSession(
            self._engine, self._folder / DOWNLOADS, proxy=place, limits=limits, agent=settings.user_agent
        )

    async def open(self, url: str) -> FetchedPage:
        """Go to an address, where its site allows that.

        Raises:
            PageFailed: there is no page to read.
            BrowsingBroken: there is no browser.
        """
        address = checked(url)
        await self._texts.manners.require_permission(address)
        async with self._texts.manners.turn(address):
            # with its fragment, by which pages made by scripts know what to show
            seen = await self._session.open(url)
        return await self._page(url, seen)

    async def click(self, ref: str) -> FetchedPage:
        """Click an element of the last snapshot; ``PageFailed`` of kind ``stale`` where it is gone."""
        return await self._page("", await self._session.click(ref))

    async def type_text(self, ref: str, text: str, *, submit: bool) -> FetchedPage:
        """Replace a field's content, and press Enter if asked to."""
        return await self._page("", await self._session.type_text(ref, text, submit=submit))

    async def select(self, ref: str, value: str) -> FetchedPage:
        """Choose an option by its visible text."""
        return await self._page("", await self._session.select(ref, value))

    async def screenshot(self) -> bytes:
        """Return what is shown, as PNG."""
        return await self._session.screenshot(pictures=False)

    async def take(self, path: str) -> bytes:
        """Return the content of a file that a page gave, and delete it; ``PageFailed`` where it is not there."""
        return await self._session.take(self._folder / path)

    async def close(self) -> None:
        """End the browser."""
        await self._session.close()
        await self._engine.close()

    async def _page(self, url: str, seen: Seen) -> FetchedPage:
        """Return the page that was seen, where its site allows that; ``url`` is what was asked for, if anything was."""
        if len(seen.url) > LONGEST_URL:
            raise PageFailed("refused_address", f"the page gave itself an address of over {LONGEST_URL:,} characters")
        # redirects, scripts and clicks lead to other pages and sites than were asked about
        if seen.url.startswith(("http:", "https:")):
            await self._texts.manners.require_permission(checked(seen.url))
        at = datetime.now(UTC).isoformat(timespec="seconds")
        downloads = tuple(
            DownloadedFile(
                path=Path(file.path).relative_to(self._folder).as_posix(),
                name=file.name,
                size=file.size,
                sha256=file.sha256,
            )
            for file in seen.downloads
        )
        if not seen.html:
            return _instead(url, at, seen, downloads)
        raw = seen.html.encode("utf-8", "replace")
        arrived = Arrived(seen.url, seen.status or 200, "text/html", "utf-8", "", raw)
        read = await self._texts.readers.read(arrived)
        try:
            judge(arrived, read)
        except PageFailed as failed:
            # a page that is all fields and buttons says little and can be used all the same
            if failed.kind != "empty" or not (seen.elements or downloads):
                raise
        answer = PageAnswer(
            url=url or seen.url,
            final_url=seen.url,
            retrieved_at=at,
            tier="browser",
            status=seen.status or 0,
            content_type="text/html",
            title=seen.title or read.title,
            text=read.text,
            extractor=read.extractor,
            links=read.links,
            anchors=read.anchors,
            elements=tuple(
                PageElement(
                    ref=element.ref,
                    role=element.role,
                    name=element.name,
                    value=element.value,
                    options=element.options,
                )
                for element in seen.elements
            ),
            notes=seen.notes,
            downloads=downloads,
        )
        return FetchedPage(answer, raw)


def _instead(url: str, at: str, seen: Seen, downloads: tuple[DownloadedFile, ...]) -> FetchedPage:
    """Return a page that tells of the files that came instead of one."""
    lines = [f"The file {file.name} came ({file.size:,} bytes). It was kept as a file." for file in downloads]
    text = "\n".join(lines)
    answer = PageAnswer(
        url=url or seen.url,
        final_url=seen.url,
        retrieved_at=at,
        tier="text",
        status=seen.status or 0,
        content_type="",
        title=seen.title,
        text=text,
        extractor=Extractor(name="plumbline", version=__version__),
        notes=seen.notes,
        downloads=downloads,
    )
    return FetchedPage(answer, text.encode())
