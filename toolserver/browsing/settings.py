"""How the program of a browsing sandbox behaves towards the web."""

from typing import Annotated

from pydantic import Field, StringConstraints

from toolserver import __version__
from toolserver.forms import Form

MB = 1024 * 1024

Header = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{1,300}$")]


class BrowsingSettings(Form):
    """How pages are got.

    Attributes:
        user_agent: what servers are told about who asks.
        robot: the name under which robots.txt files may speak to us.
        languages: the languages that servers are asked for.
        robots: whether robots.txt is obeyed; only for sites of one's own is there a reason not to.
        page_bytes: size of the largest page, decompressed.
        page_seconds: time for a page to arrive, with its redirects.
        read_seconds: processor time for the text of a page to be found.
        redirects: redirects that are followed for one page.
        text_characters: longest text of a page; the rest of a longer one is not read.
        links: links of one page that are told, and as many anchors.
        delay_seconds: time between two requests to one host.
        longest_delay_seconds: of what a robots.txt asks for between two requests, no more is granted.
        parallel: pages that are got at the same time.
        download_bytes: size of the largest file that is handed over as it is.
        all_download_bytes: of all files together that pages hand over in the browser.
    """

    user_agent: Header = f"Plumbline/{__version__} (research agent; obeys robots.txt)"
    robot: Header = "Plumbline"
    languages: Header = "en,*;q=0.5"
    robots: bool = True
    page_bytes: int = Field(default=10 * MB, ge=1024, le=64 * MB)
    page_seconds: float = Field(default=30, gt=0, le=600)
    read_seconds: float = Field(default=20, gt=0, le=600)
    redirects: int = Field(default=5, ge=0, le=20)
    text_characters: int = Field(default=5_000_000, ge=1000)
    links: int = Field(default=5000, ge=0)
    delay_seconds: float = Field(default=0.5, ge=0)
    longest_delay_seconds: float = Field(default=10, ge=0)
    parallel: int = Field(default=8, ge=1, le=64)
    download_bytes: int = Field(default=50 * MB, ge=1024, le=256 * MB)
    all_download_bytes: int = Field(default=500 * MB, ge=1024)

    @property
    def answer_bytes(self) -> int:
        """Bytes of the largest answer of the program beside its text: a page's source, a picture, a file."""
        return max(self.page_bytes, self.download_bytes)
