"""The text tier: pages and files by plain requests."""

import asyncio
from datetime import UTC, datetime

from toolserver.browsing.files import FetchedFile, FetchedPage
from toolserver.browsing.judging import judge, judge_refusal
from toolserver.browsing.manners import ROBOTS_BYTES, Manners
from toolserver.browsing.reading import Read, Readers
from toolserver.browsing.settings import BrowsingSettings
from toolserver.browsing.transfer import Arrived, Transfer, checked
from toolserver.browsing.wire import FileAnswer, PageAnswer
from toolserver.errors import PageFailed


class TextTier:
    """Gets pages and files by plain requests.

    Args:
        settings: how to behave.
        proxy: address of the proxy through which everything goes.

    Attributes:
        manners: towards sites; the browser keeps to them too.
        readers: make text out of bytes; the browser has its pages read by them too.
    """

    def __init__(self, settings: BrowsingSettings, proxy: str) -> None:
        self._settings = settings
        self._transfer = Transfer(settings, proxy)
        self.readers = Readers(settings)
        self._parallel = asyncio.Semaphore(settings.parallel)
        self.manners = Manners(settings, self._robots_file)

    async def fetch(self, url: str) -> FetchedPage:
        """Get a page.

        Raises:
            PageFailed: there is none to read.
        """
        async with self._parallel:
            arrived = await self._arrived(url, self._settings.page_bytes)
            at = datetime.now(UTC).isoformat(timespec="seconds")
            judge_refusal(arrived)
            require_ok(arrived)
            read = await self.readers.read(arrived)
        needs_browser = judge(arrived, read)
        return FetchedPage(_page(url, at, arrived, read, needs_browser=needs_browser), arrived.data)

    async def download(self, url: str) -> FetchedFile:
        """Get a file, whatever it is.

        Raises:
            PageFailed: there is none.
        """
        async with self._parallel:
            arrived = await self._arrived(url, self._settings.download_bytes)
        require_ok(arrived)
        answer = FileAnswer(url=url, final_url=arrived.url, content_type=arrived.content_type, name=arrived.name)
        return FetchedFile(answer, arrived.data)

    async def close(self) -> None:
        """Drop all connections and end what reads."""
        await self.readers.close()
        await self._transfer.close()

    async def _arrived(self, url: str, limit: int) -> Arrived:
        """Return what an address answers after its redirects."""
        here = checked(url)
        seen = [here]
        for _ in range(self._settings.redirects + 1):
            await self.manners.require_permission(here)
            async with self.manners.turn(here):
                answer = await self._once(here, limit)
            if isinstance(answer, Arrived):
                return answer
            if answer in seen:
                raise PageFailed("redirects", f"{url} leads in a circle: {answer} comes twice; open another page")
            here = answer
            seen.append(here)
        raise PageFailed("redirects", f"{url} has more than {self._settings.redirects} redirects; open another page")

    async def _once(self, url: str, limit: int, *, cut: bool = False) -> Arrived | str:
        try:
            async with asyncio.timeout(self._settings.page_seconds):
                return await self._transfer.once(url, limit, cut=cut)
        except TimeoutError as error:
            seconds = self._settings.page_seconds
            raise PageFailed("timeout", f"{url} did not arrive within {seconds:g} s; open another page") from error

    async def _robots_file(self, url: str) -> tuple[int, str]:
        for _ in range(self._settings.redirects + 1):
            answer = await self._once(url, ROBOTS_BYTES, cut=True)
            if isinstance(answer, Arrived):
                return answer.status, answer.data.decode(errors="replace")
            url = answer
        return 404, ""


def require_ok(arrived: Arrived) -> None:
    """Raise where an answer is no page or file but says that there is none.

    Raises:
        PageFailed: of kind ``not_found``, ``login`` or ``status``.
    """
    status = arrived.status
    if 200 <= status < 300:
        return
    if status in (404, 410):
        raise PageFailed("not_found", f"{arrived.url} answered {status}; open another page")
    if status == 401:
        raise PageFailed("login", f"{arrived.url} asks for a login ({status}); open another page")
    raise PageFailed("status", f"{arrived.url} answered {status}; open another page or try later")


def _page(url: str, at: str, arrived: Arrived, read: Read, *, needs_browser: bool) -> PageAnswer:
    return PageAnswer(
        url=url,
        final_url=arrived.url,
        retrieved_at=at,
        tier="pdf" if read.media == "pdf" else "text",
        status=arrived.status,
        content_type=arrived.content_type,
        title=read.title,
        text=read.text,
        extractor=read.extractor,
        by_line=read.media == "plain",
        links=read.links,
        anchors=read.anchors,
        needs_browser=needs_browser,
    )
