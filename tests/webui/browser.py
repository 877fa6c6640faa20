"""Real pages in Chromium: opened, watched for complaints, and photographed."""

import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright

from webui.app import STATIC

KEEP_IN = "PLUMBLINE_SCREENSHOTS"
"""Environment variable with the folder in which screenshots are kept; by default they end with the test."""

WIDE, PHONE = (1280, 860), (390, 844)
"""Sizes of a window on a desk and of a phone, in pixels."""

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]


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
        browser = await playwright.chromium.launch(executable_path=_program(), args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


class Stage:
    """Opens pages of one server and keeps what they complain of.

    Args:
        browser: to open them in.
        url: of the server; requests to anything else are complaints.
        folder: of screenshots, where the environment names none.
    """

    def __init__(self, browser: Browser, url: str, folder: Path) -> None:
        self.complaints: list[str] = []
        self._browser = browser
        self._url = url
        self._folder = Path(os.environ.get(KEEP_IN) or folder)
        self._contexts: list[BrowserContext] = []
        self._expected: list[str] = []

    async def page(
        self,
        address: str,
        *,
        size: tuple[int, int] = WIDE,
        scheme: Literal["light", "dark"] = "light",
        language: str = "en-GB",
        touch: bool = False,
    ) -> Page:
        """Open an address in a window with cookies of its own: a link of ``Web.link`` signs it in."""
        context = await self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            locale=language,
            has_touch=touch,
            reduced_motion="reduce",
        )
        self._contexts.append(context)
        context.on("request", self._requested)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        page = await context.new_page()
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
        for context in self._contexts:
            await context.close()
        left = [each for each in self.complaints if not any(part in each for part in self._expected)]
        assert left == []

    def _requested(self, request: Request) -> None:
        if not request.url.startswith((self._url, "data:", f"blob:{self._url}")):
            self.complaints.append(f"request to another origin: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")


def _program() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")
