"""The program of a browsing sandbox: reads requests, has them done by the tier they are for, and answers."""

import asyncio
import socket
from typing import TYPE_CHECKING, Any, Final

from msgspec import json

from toolserver import __version__, line_serving
from toolserver.browsing import wire
from toolserver.browsing.files import FetchedFile, FetchedPage
from toolserver.browsing.settings import BrowsingSettings
from toolserver.browsing.texts import TextTier
from toolserver.errors import PageFailed, ToolServerError
from toolserver.line_serving import Answering, Send, fits, send_pieces

if TYPE_CHECKING:
    from toolserver.browsing.chromium import Chromium

_REQUEST: Final = json.Decoder(wire.Request)


class Program:
    """Does what a host asks, several calls at a time. The calls of the browser are done one after the other.

    Args:
        settings: how to behave.
        proxy: address of the proxy through which everything goes.
        send: sends a message to the host.
    """

    def __init__(self, settings: BrowsingSettings, proxy: str, send: Send) -> None:
        self._settings = settings
        self._proxy = proxy
        self._send = send
        self._texts = TextTier(settings, proxy)
        self._chromium: Chromium | None = None
        self._handling = asyncio.Lock()
        self._answering = Answering(_REQUEST, self._answer)

    async def begin(self) -> None:
        """Tell the host that it can ask."""
        await self._send(wire.Ready(version=__version__, no_browser=no_browser()))

    def take(self, line: bytes) -> None:
        """Begin to do what a line asks for.

        Raises:
            DecodeError: it is no request.
        """
        self._answering.take(line)

    async def close(self) -> None:
        """Stop everything."""
        await self._answering.close()
        if self._chromium is not None:
            await self._chromium.close()
        await self._texts.close()

    async def _answer(self, ask: wire.Ask) -> None:
        done = wire.Done(id=ask.id)
        try:
            told, data = await self._done(ask)
            done = self._sendable(wire.Done(id=ask.id, size=len(data), **told), data)
            await send_pieces(self._send, ask.id, data)
        except PageFailed as failed:
            done = wire.Done(id=ask.id, failure=_failure(failed))
        except asyncio.CancelledError:
            done = wire.Done(id=ask.id, error="cancelled")
        except (ToolServerError, ImportError) as error:
            done = wire.Done(id=ask.id, error=_one_line(str(error)))
        except Exception as error:  # noqa: BLE001 - one page must not end the program, nor stop a run, for all others
            failure = PageFailed("unreachable", f"this cannot be read ({type(error).__name__}: {error}); open another")
            done = wire.Done(id=ask.id, failure=_failure(failure))
        await self._send(done)

    def _sendable(self, done: wire.Done, data: bytes) -> wire.Done:
        """Return an answer that the host takes; it hangs up at one that is larger than it may be.

        Raises:
            PageFailed: it is too large.
        """
        limit = self._settings.answer_bytes
        if len(data) > limit or not fits(done):
            raise PageFailed("too_large", f"what came has more than {limit:,} bytes; open another page")
        return done

    async def _done(self, ask: wire.Ask) -> tuple[dict[str, Any], bytes]:
        match ask.call:
            case wire.Fetch(url=url):
                return _told(await self._texts.fetch(url))
            case wire.Download(url=url):
                return _told(await self._texts.download(url))
            case wire.Take(path=path):
                # others may use the browser meanwhile
                return {}, await self._browser().take(path)
        async with self._handling:
            chromium = self._browser()
            match ask.call:
                case wire.Open(url=url):
                    return _told(await chromium.open(url))
                case wire.Click(ref=ref):
                    return _told(await chromium.click(ref))
                case wire.TypeText(ref=ref, text=text, submit=submit):
                    return _told(await chromium.type_text(ref, text, submit=submit))
                case wire.Select(ref=ref, value=value):
                    return _told(await chromium.select(ref, value))
                case wire.Screenshot():
                    return {}, await chromium.screenshot()

    def _browser(self) -> "Chromium":
        if self._chromium is None:
            if (obstacle := no_browser()) is not None:
                raise ToolServerError(f"there is no real browser in this sandbox: {obstacle}")
            from toolserver.browsing.chromium import Chromium

            self._chromium = Chromium(self._settings, self._proxy, self._texts)
        return self._chromium


def no_browser() -> str | None:
    """Return why there is no real browser here; None where there is one."""
    try:
        from toolserver.browsing.chromium import obstacle
    except ImportError as error:
        return f"the package {error.name} is not installed; install the extra browser"
    return obstacle()


def _told(got: FetchedPage | FetchedFile) -> tuple[dict[str, Any], bytes]:
    if isinstance(got, FetchedPage):
        return {"page": got.page}, got.raw
    return {"file": got.file}, got.raw


def _failure(failed: PageFailed) -> wire.Failure:
    return wire.Failure(
        kind=failed.kind,
        message=_one_line(str(failed)),
        needs_browser=failed.needs_browser,
        retry_after=failed.retry_after,
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:500]


async def serve(settings: BrowsingSettings, proxy: str, connection: socket.socket) -> None:
    """Serve the host at the other end of a connection until it leaves."""
    await line_serving.serve(lambda send: Program(settings, proxy, send), connection)
