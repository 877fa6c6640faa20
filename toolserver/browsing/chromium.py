"""The browser tier: a real browser on one page at a time."""

from toolserver.browsing.files import FetchedPage
from toolserver.browsing.settings import BrowsingSettings
from toolserver.browsing.texts import TextTier
from toolserver.errors import ToolServerError


def obstacle() -> str | None:
    """Return why there is no real browser here; None where there is one."""
    return "the browser tier is not there yet"


class Chromium:
    """A real browser. Each action returns the page as it is afterwards.

    Args:
        settings: how to behave.
        proxy: address of the proxy through which everything goes.
        texts: the text tier, to whose manners the browser keeps and whose readers make text of its pages.
    """

    def __init__(self, settings: BrowsingSettings, proxy: str, texts: TextTier) -> None:
        self._texts = texts

    async def open(self, url: str) -> FetchedPage:
        """Go to an address.

        Raises:
            PageFailed: there is no page to read.
        """
        raise ToolServerError(f"{url} cannot be opened: {obstacle()}")

    async def click(self, ref: str) -> FetchedPage:
        """Click an element of the last snapshot; ``PageFailed`` of kind ``stale`` where it is gone."""
        raise ToolServerError(f"{ref} cannot be clicked: {obstacle()}")

    async def type_text(self, ref: str, text: str, *, submit: bool) -> FetchedPage:
        """Replace a field's content, and press Enter if asked to."""
        raise ToolServerError(f"{ref} cannot be filled in: {obstacle()}")

    async def select(self, ref: str, value: str) -> FetchedPage:
        """Choose an option by its visible text."""
        raise ToolServerError(f"{ref} cannot be filled in: {obstacle()}")

    async def screenshot(self) -> bytes:
        """Return what is shown, as PNG."""
        raise ToolServerError(f"there is no picture: {obstacle()}")

    async def close(self) -> None:
        """End the browser."""
