"""Real pages in Chromium: opened, watched for complaints, and photographed."""

import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    async_playwright,
    expect,
)

from evals.benchmarks.web_client import FLAGS
from webui.app import STATIC

KEEP_IN = "PLUMBLINE_SCREENSHOTS"
"""Environment variable with the folder in which screenshots are kept; by default they end with the test."""

WIDE, PHONE = (1280, 860), (390, 844)
"""Sizes of a window on a desk and of a phone, in pixels."""

PATIENCE = 30_000
"""Milliseconds that a page may take for what is expected of it: the machine may have much else to do."""

_FLAGS = ["--headless", *FLAGS, "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


def missing() -> str | None:
    """Return why no page can be opened here; None where one can."""
    if _program() is None:
        return "Chromium is not installed"
    if not (STATIC / "index.html").is_file():
        return "the client is not built; run: npm --prefix webui/client run build"
    return None


@contextlib.asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Start Chromium and end it."""
    async with async_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = await playwright.chromium.launch(executable_path=_program(), args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    size: tuple[int, int] = WIDE
    scheme: Literal["light", "dark"] = "light"
    language: str = "en-GB"
    touch: bool = False


class Windows:
    """Windows that are signed in to one server, kept from one test to the next.

    What takes longest in a test of a page is to sign in and to load the client for the first time. What the pages of a
    test stored in the browser is gone when the next one takes their window.

    Args:
        browser: to open them in.
        link: makes an address that signs one in.
    """

    def __init__(self, browser: Browser, link: Callable[[], str]) -> None:
        self._browser = browser
        self._link = link
        self._free: dict[Look, list[BrowserContext]] = {}

    async def take(self, look: Look) -> BrowserContext:
        """Return a window that nobody has."""
        if free := self._free.get(look):
            return free.pop()
        context, link = await opened(self._browser, look), self._link()
        answer = await context.request.get(link, max_redirects=0)
        assert answer.headers["location"] == "/", answer.headers["location"]
        return context

    async def give_back(self, look: Look, context: BrowserContext) -> None:
        """Let others have a window, without its pages and what they stored."""
        place = urlsplit(self._link())
        session = await context.new_cdp_session(context.pages[0])
        kept = {"origin": f"{place.scheme}://{place.netloc}", "storageTypes": "local_storage,indexeddb,cache_storage"}
        await session.send("Storage.clearDataForOrigin", kept)
        for page in context.pages:
            await page.close()
        self._free.setdefault(look, []).append(context)

    async def close(self) -> None:
        """Close the windows."""
        for free in self._free.values():
            for context in free:
                await context.close()


async def opened(browser: Browser, look: Look) -> BrowserContext:
    """Open a window with cookies of its own."""
    return await browser.new_context(
        viewport={"width": look.size[0], "height": look.size[1]},
        color_scheme=look.scheme,
        locale=look.language,
        has_touch=look.touch,
        reduced_motion="reduce",
    )


class Stage:
    """Opens pages of one server and keeps what they complain of.

    Args:
        browser: to open them in.
        url: of the server; requests to anything else are complaints.
        folder: of screenshots, where the environment names none.
        windows: where pages without an address are opened.
    """

    def __init__(self, browser: Browser, url: str, folder: Path, windows: Windows | None = None) -> None:
        self.complaints: list[str] = []
        self._browser = browser
        self._url = url
        self._folder = Path(os.environ.get(KEEP_IN) or folder)
        self._windows = windows
        self._taken: list[tuple[Look, BrowserContext]] = []
        self._contexts: list[BrowserContext] = []
        self._expected: list[str] = []

    async def page(self, address: str | None = None, **how: Any) -> Page:
        """Open a page in a window that has no other.

        Args:
            address: where it goes to, in a window that is not signed in; a link of ``Web.link`` signs it in. Without
                one the page is blank, in a window that is signed in.
            how: fields of ``Look``.
        """
        look = Look(**how)
        if address is None:
            assert self._windows is not None, "no windows were given that are signed in"
            context = await self._windows.take(look)
            self._taken.append((look, context))
        else:
            context = await opened(self._browser, look)
            self._contexts.append(context)
        for event, hear in self._hears():
            context.on(event, hear)
        page = await context.new_page()
        if address is not None:
            await page.goto(address)
        return page

    def expect(self, part: str) -> None:
        """Allow complaints that contain a text, such as of a request that is refused on purpose."""
        self._expected.append(part)

    async def shot(self, page: Page, name: str, *, whole: bool = False) -> Path:
        """Keep a screenshot under a name and return its file; ``whole`` shows what is below the window as well."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}.png"
        await page.screenshot(path=path, full_page=whole, animations="disabled")
        return path

    async def close(self) -> None:
        """Close the pages, and fail if they complained."""
        for look, context in self._taken:
            assert self._windows is not None
            await self._windows.give_back(look, context)
        for context in [*(context for _, context in self._taken), *self._contexts]:
            for event, hear in self._hears():
                context.remove_listener(event, hear)
        for context in self._contexts:
            await context.close()
        left = [each for each in self.complaints if not any(part in each for part in self._expected)]
        assert left == []

    def _hears(self) -> tuple[tuple[Any, Callable[[Any], None]], ...]:
        return ("request", self._requested), ("console", self._said), ("weberror", self._broke)

    def _broke(self, error: WebError) -> None:
        self.complaints.append(f"uncaught: {error.error}")

    def _requested(self, request: Request) -> None:
        if not request.url.startswith((self._url, "data:", f"blob:{self._url}")):
            self.complaints.append(f"request to another origin: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")


def _program() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")
