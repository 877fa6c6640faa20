"""The text tier: pages and files by plain requests."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from toolserver.browsing.files import FetchedFile, FetchedPage
from toolserver.browsing.judging import HARDLY_ANY, judge, judge_refusal, weight
from toolserver.browsing.manners import ROBOTS_BYTES, Manners
from toolserver.browsing.reading import Read, Readers
from toolserver.browsing.settings import BrowsingSettings
from toolserver.browsing.transfer import Arrived, Transfer, checked
from toolserver.browsing.wire import FileAnswer, PageAnswer
from toolserver.errors import PageFailed

_PROSE: Final = ("", "text/plain", "text/markdown", "text/x-rst", "text/troff")
"""Types of plain texts that have sentences; of all others each line is one, as in code and tables."""

_CUT: Final = "the page has more text than is read; what is shown is its beginning"
_RECOGNISED: Final = "text of this document lies unseen over pictures, as where writing was recognised; it may differ"


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
        """Get a page. One that only says where the page is now is followed like any redirect.

        Raises:
            PageFailed: there is none to read.
        """
        way = _Way(url, self._settings)
        while True:
            arrived = await self._arrived(way, self._settings.page_bytes)
            at = datetime.now(UTC).isoformat(timespec="seconds")
            judge_refusal(arrived)
            require_ok(arrived)
            read = await self.readers.read(arrived)
            if not read.refresh or weight(read.text) >= HARDLY_ANY:
                break
            way.go(checked(read.refresh))
        needs_browser = judge(arrived, read)
        return FetchedPage(_page(url, at, arrived, read, needs_browser=needs_browser), arrived.data)

    async def download(self, url: str) -> FetchedFile:
        """Get a file, whatever it is.

        Raises:
            PageFailed: there is none.
        """
        arrived = await self._arrived(_Way(url, self._settings), self._settings.download_bytes)
        require_ok(arrived)
        answer = FileAnswer(url=url, final_url=arrived.url, content_type=arrived.content_type, name=arrived.name)
        return FetchedFile(answer, arrived.data)

    async def close(self) -> None:
        """Drop all connections and end what reads."""
        await self.readers.close()
        await self._transfer.close()

    async def _arrived(self, way: "_Way", limit: int) -> Arrived:
        """Return what an address answers after its redirects."""
        while True:
            await self.manners.require_permission(way.here)
            async with self.manners.turn(way.here), self._parallel:
                answer = await self._once(way.here, limit, way=way)
            if isinstance(answer, Arrived):
                return answer
            way.go(answer)

    async def _once(self, url: str, limit: int, *, way: "_Way | None" = None, cut: bool = False) -> Arrived | str:
        way = way or _Way(url, self._settings)
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(max(way.seconds, 0)):
                return await self._transfer.once(url, limit, cut=cut)
        except TimeoutError as error:
            seconds = self._settings.page_seconds
            raise PageFailed("timeout", f"{url} did not arrive within {seconds:g} s; open another page") from error
        finally:
            # waiting for a host's turn is no time of the page
            way.seconds -= asyncio.get_running_loop().time() - began

    async def _robots_file(self, url: str) -> tuple[int, str]:
        for _ in range(self._settings.redirects + 1):
            answer = await self._once(url, ROBOTS_BYTES, cut=True)
            if isinstance(answer, Arrived):
                return answer.status, answer.data.decode(errors="replace")
            url = answer
        return 404, ""


class _Way:
    """The way from an address to the one that answers.

    Attributes:
        here: where it has led so far.
        seconds: time that is left.
    """

    def __init__(self, url: str, settings: BrowsingSettings) -> None:
        self.here = checked(url)
        self.seconds = settings.page_seconds
        self._url = url
        self._most = settings.redirects
        self._seen = [self.here]

    def go(self, to: str) -> None:
        """Follow a redirect.

        Raises:
            PageFailed: there are too many, or they lead in a circle.
        """
        if to in self._seen:
            raise PageFailed("redirects", f"{self._url} leads in a circle: {to} comes twice; open another page")
        if len(self._seen) > self._most:
            raise PageFailed("redirects", f"{self._url} has more than {self._most} redirects; open another page")
        self._seen.append(to)
        self.here = to


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
        by_line=read.media == "plain" and arrived.content_type not in _PROSE,
        links=read.links,
        anchors=read.anchors,
        notes=(*((_CUT,) if read.cut else ()), *((_RECOGNISED,) if read.recognised else ())),
        needs_browser=needs_browser,
    )
