"""Tells what pages do that they should not: canaries called, dialogs, other origins asked, other pages gone to."""

from typing import Any

from playwright.async_api import BrowserContext, Dialog, Page, Route

from tests.webui.hostile.payloads import ELSEWHERE


class Watch:
    """What the pages of a browser context did."""

    def __init__(self, url: str) -> None:
        self.done: list[str] = []
        self._url = url

    async def over(self, context: BrowserContext) -> None:
        """Begin to watch; frames of all origins can call the canary."""
        await context.expose_binding("canary", self._canary)
        await context.route(lambda url: not url.startswith((self._url, "data:", "blob:")), self._asked)
        context.on("dialog", self._dialog)
        context.on("page", self._page)

    def has(self, name: str) -> bool:
        """Return whether a payload did what it is for."""
        return any(done in (f"ran {name}", f"asked {name}") for done in self.done)

    async def _canary(self, _source: dict[str, Any], name: str) -> None:
        self.done.append(f"ran {name}")

    async def _asked(self, route: Route) -> None:
        address = route.request.url
        name = address.removeprefix(f"{ELSEWHERE}/").partition("?")[0]
        self.done.append(f"asked {name}" if address.startswith(ELSEWHERE) else f"asked {address}")
        await route.fulfill(status=200, content_type="text/html", body="<p>elsewhere</p>")

    async def _dialog(self, dialog: Dialog) -> None:
        self.done.append(f"dialog {dialog.message}")
        await dialog.dismiss()

    def _page(self, page: Page) -> None:
        page.on("framenavigated", lambda frame: self._moved(frame.url) if frame.parent_frame is None else None)

    def _moved(self, url: str) -> None:
        if not url.startswith((self._url, "about:blank")):
            self.done.append(f"went to {url}")
