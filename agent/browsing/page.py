"""Pages: what an address said at a time, as one text that quotes can point into, and the windows it is read through."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from pydantic import Field, model_validator

from agent.browsing.errors import UnknownSentence
from agent.domain.base import Fact
from agent.domain.evidence import Source
from agent.verification.quotes import text_digest
from agent.verification.sentences import Span, split_sentences

Tier = Literal["text", "browser", "corpus", "pdf"]
"""How a page was had: by a plain request, by a real browser, from the local corpus, or from a PDF document."""

LONGEST_SENTENCE = 400
"""Characters; a longer sentence of a page is cut, so that every sentence fits into a window."""
ID_LENGTH = 10


class Link(Fact):
    """A link on a page. ``offset`` is where its text begins, in code points of the page's text."""

    text: str
    url: str
    offset: int = Field(ge=0)


class Anchor(Fact):
    """A place of a page that an address can point to by its fragment. ``offset`` as in ``Link``."""

    name: str
    offset: int = Field(ge=0)


class Element(Fact):
    """Something on a page that can be clicked or filled in; ``ref`` names it in this snapshot only.

    ``options`` are what a selection field offers, as far as they are told.
    """

    ref: str
    role: str
    name: str = ""
    value: str = ""
    options: tuple[str, ...] = ()


class Download(Fact):
    """A file that a page handed over; its content is a blob.

    Attributes:
        name: what the page called it; never a path.
        sha256: of its content.
        size: bytes.
    """

    name: str
    sha256: str
    size: int = Field(ge=0)


class Extractor(Fact):
    """What made a page's text out of its bytes, so that it can be made again."""

    name: str
    version: str
    options: dict[str, str] = Field(default_factory=dict)


class Page(Fact):
    """What an address said when it was fetched.

    Attributes:
        url: the address that was asked for.
        final_url: the address that answered, after redirects.
        raw_sha256: SHA-256 of the bytes that came, which are kept as a blob.
        text: line feeds only, no NUL characters; Unicode is not normalised, so that offsets mean the same everywhere.
        sentences: spans in order; the sentence ``s<n>``, counted from 1, is ``sentences[n - 1]``.
        anchors: places that an address can point to, in the order of the text.
        elements: what can be clicked and filled in; only the browser tier has any.
        status: of the HTTP answer; 0 where there was none.
        content_type: as the server said, without parameters.
        extractor: what made the text; None where the text came as it is.
        notes: what whoever browses should know beside the text, such as a dialog that the page opened.
        screenshot_sha256: of a picture of the page, a blob in PNG; empty where the browser took none.
        downloads: files that it handed over.
    """

    url: str
    final_url: str
    title: str
    fetched_at: datetime
    tier: Tier
    raw_sha256: str
    text: str
    text_sha256: str
    sentences: tuple[Span, ...]
    links: tuple[Link, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    elements: tuple[Element, ...] = ()
    status: int = 0
    content_type: str = ""
    extractor: Extractor | None = None
    notes: tuple[str, ...] = ()
    screenshot_sha256: str = ""
    downloads: tuple[Download, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "Page":
        if text_digest(self.text) != self.text_sha256:
            raise ValueError("text_sha256 is not the hash of the text")
        end = 0
        for span in self.sentences:
            if not end <= span.start < span.end <= len(self.text):
                raise ValueError("the sentences must lie in the text, in order and without overlap")
            end = span.end
        return self

    @property
    def id(self) -> str:
        """Short name: the beginning of the text's hash."""
        return self.text_sha256[:ID_LENGTH]

    @property
    def source(self) -> Source:
        """The origin, as evidence names it."""
        return Source(
            title=self.title,
            location=self.final_url,
            text_sha256=self.text_sha256,
            requested=self.url if self.url != self.final_url else "",
            retrieved_at=self.fetched_at.isoformat(),
            raw_sha256=self.raw_sha256,
        )

    @property
    def pointed_at(self) -> int | None:
        """Where the address that was asked for points to in the text; None where it points nowhere."""
        name = urlsplit(self.url).fragment
        names = (name, unquote(name))
        return next((anchor.offset for anchor in self.anchors if name and anchor.name in names), None)

    def sentence_text(self, number: int) -> str:
        """Return a sentence by its number, counted from 1.

        Raises:
            UnknownSentence: the page does not have it.
        """
        if not 1 <= number <= len(self.sentences):
            raise UnknownSentence(f"the page has the sentences s1 to s{len(self.sentences)}, not s{number}")
        start, end = self.sentences[number - 1]
        return self.text[start:end]


class Window(NamedTuple):
    """A slice of a page: its sentence numbers, counted from 1 and inclusive, and its span in the page's text."""

    first: int
    last: int
    start: int
    end: int


def make_page(
    text: str | None,
    *,
    url: str,
    title: str,
    fetched_at: datetime,
    tier: Tier,
    raw_sha256: str,
    final_url: str = "",
    links: Sequence[Link] = (),
    anchors: Sequence[Anchor] = (),
    elements: Sequence[Element] = (),
    status: int = 0,
    content_type: str = "",
    extractor: Extractor | None = None,
    notes: Sequence[str] = (),
    by_line: bool = False,
) -> Page:
    """Return the page of an extracted text; a page without any has no sentences.

    ``text`` is as extracted and goes through ``clean_text``; offsets of links and anchors count after that.
    With ``by_line``, each line is a sentence, as in code and tables.
    """
    clean = clean_text(text or "")
    return Page(
        url=url,
        final_url=final_url or url,
        title=clean_text(title),
        fetched_at=fetched_at,
        tier=tier,
        raw_sha256=raw_sha256,
        text=clean,
        text_sha256=text_digest(clean),
        sentences=split_sentences(clean, by_line=by_line, longest=LONGEST_SENTENCE),
        links=tuple(links),
        anchors=tuple(anchors),
        elements=tuple(elements),
        status=status,
        content_type=content_type,
        extractor=extractor,
        notes=tuple(notes),
    )


def clean_text(text: str) -> str:
    """Return a text with line feeds only, without NUL characters, and with surrogate pairs joined and halves replaced.

    Texts from JSON and from browsers may hold surrogates, which have no UTF-8 and could not be kept.
    """
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def windows(page: Page, characters: int) -> tuple[Window, ...]:
    """Return the windows of a page in order: whole sentences each, without overlap, together all of them.

    No window has more than ``characters``, which is at least ``LONGEST_SENTENCE``.
    """
    return tuple(_windows(page.sentences, characters))


def _windows(spans: Sequence[Span], characters: int) -> Iterator[Window]:
    first = 0
    for index, span in enumerate(spans):
        if span.end - spans[first].start > characters and index > first:
            yield Window(first + 1, index, spans[first].start, spans[index - 1].end)
            first = index
    if spans:
        yield Window(first + 1, len(spans), spans[first].start, spans[-1].end)


def window_at(cut: Sequence[Window], offset: int) -> int:
    """Return the index of the window that holds an offset, or of the first after it."""
    return next((index for index, window in enumerate(cut) if offset < window.end), max(len(cut) - 1, 0))


def window_text(page: Page, window: Window) -> str:
    """Return a window as it stands in the page."""
    return page.text[window.start : window.end]
