"""The program of a sandbox for pages: one browser, each visit in a context of its own."""

import asyncio
from pathlib import Path
from typing import Final

from msgspec import json

from toolserver import __version__
from toolserver.browsing.browser.launching import PROGRAMS, Engine, find_program
from toolserver.errors import ToolServerError
from toolserver.line_serving import Answering, Send, fits, send_pieces
from toolserver.pages import wire
from toolserver.pages.visiting import visited

NOWHERE: Final = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""Pages reach nothing but what serves them; the sandbox has no network besides."""

PROFILE: Final = ".browser"
AT_ONCE: Final = 2
"""Visits at the same time."""

_ENDS: Final = 2
"""How often a visit is begun where the browser ends meanwhile; it may have been another page that ended it."""

_REQUEST: Final = json.Decoder(wire.Request)


class Program:
    """Opens pages for a host. A browser that does not let go of one is ended, and another started for the next.

    Args:
        send: sends a message to the host.
        folder: the workspace.
    """

    def __init__(self, send: Send, folder: Path | None = None) -> None:
        self._send = send
        self._engine = Engine((folder or Path.cwd()) / PROFILE, proxy=None, flags=(NOWHERE,))
        self._places = asyncio.Semaphore(AT_ONCE)
        self._answering = Answering(_REQUEST, self._answer)

    async def begin(self) -> None:
        """Tell the host that it can ask."""
        no_browser = None if find_program() else f"there is no Chromium (looked for {', '.join(PROGRAMS)})"
        await self._send(wire.Ready(version=__version__, no_browser=no_browser))

    def take(self, line: bytes) -> None:
        """Begin to do what a line asks for.

        Raises:
            DecodeError: it is no request.
        """
        self._answering.take(line)

    async def close(self) -> None:
        """Stop everything, and end the browser."""
        await self._answering.close()
        await self._engine.close()

    async def visit(self, call: wire.Visit) -> tuple[wire.Visited, bytes]:
        """Return what becomes of a visit, and its pictures one after the other.

        Raises:
            ToolServerError: it asks for more than is done, or there is no browser.
        """
        if len(call.files) > wire.MOST_FILES or sum(map(len, call.files.values())) > wire.MOST_BYTES:
            raise ToolServerError(f"a site has at most {wire.MOST_FILES} files and {wire.MOST_BYTES:,} bytes")
        if len(call.steps) > wire.MOST_STEPS:
            raise ToolServerError(f"a journey has at most {wire.MOST_STEPS} steps")
        async with self._places:
            for _ in range(_ENDS):
                browser = await self._engine.browser()
                try:
                    told, data = await visited(browser, call)
                except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the next visit has another
                    reason = " ".join(str(error).split())[:200] or type(error).__name__
                    told, data = wire.Visited(stopped=f"the page brought the browser down: {reason}"), b""
                    if browser.is_connected():
                        # it does not let go of the page; whoever visits beside this one begins again
                        await self._engine.close()
                        return told, data
                if browser.is_connected():
                    return told, data
            return told, data

    async def _answer(self, ask: wire.Ask) -> None:
        done = wire.Done(id=ask.id)
        try:
            told, data = await self.visit(ask.call)
            done = wire.Done(id=ask.id, visited=told, size=len(data))
            if not fits(done):
                data, stopped = b"", "what the page shows is more than is told"
                done = wire.Done(id=ask.id, visited=wire.Visited(stopped=stopped))
            await send_pieces(self._send, ask.id, data)
        except asyncio.CancelledError:
            done = wire.Done(id=ask.id, error="cancelled")
        except ToolServerError as error:
            done = wire.Done(id=ask.id, error=str(error))
        await self._send(done)
