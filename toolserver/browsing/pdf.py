"""Text of PDF documents."""

from importlib.metadata import version
from typing import Final, NamedTuple

import pypdfium2

from toolserver.browsing.hidden import INVISIBLE
from toolserver.browsing.pdf_hidden import shown_text
from toolserver.browsing.wire import PageAnchor
from toolserver.errors import PageFailed

VERSION: Final = "1"
"""Of the rules here and in ``pdf_hidden``; raised with every change that makes other texts."""

_ENCRYPTED: Final = 4


class PdfContent(NamedTuple):
    """What a document holds.

    Attributes:
        anchors: where its pages begin, as ``#page=N`` points to them.
        cut: there is more than was asked for.
        recognised: a part of its text is not painted but lies over pictures, as recognised writing does.
    """

    title: str
    text: str
    anchors: list[PageAnchor]
    cut: bool
    recognised: bool


def pdf_content(data: bytes, *, longest: int) -> PdfContent:
    """Return what can be seen of a document.

    Raises:
        PageFailed: it is encrypted, damaged, or has only pictures.
    """
    try:
        with pypdfium2.PdfDocument(data) as document:
            title = " ".join(INVISIBLE.sub("", str(document.get_metadata_value("Title"))).split())[:500]
            content = _pages(document, title, longest)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _ENCRYPTED:
            raise PageFailed("login", "the PDF document needs a password; open another page") from error
        raise PageFailed("not_text", "the PDF document is damaged; open another page") from error
    if not content.text.strip():
        raise PageFailed("empty", "the PDF document has no text, only pictures; open another page")
    return content


def _pages(document: pypdfium2.PdfDocument, title: str, longest: int) -> PdfContent:
    pieces: list[str] = []
    anchors: list[PageAnchor] = []
    length = 0
    recognised = False
    for number, page in enumerate(document, start=1):
        textpage = page.get_textpage()
        # pdfium puts U+FFFE where it joined a word that was hyphenated at the end of a line
        shown, found = shown_text(page, textpage)
        recognised = recognised or found
        text = shown.replace("\ufffe", "").replace("\f", "\n").replace("\r\n", "\n").replace("\r", "\n")
        text = INVISIBLE.sub("", text).rstrip()
        textpage.close()
        page.close()
        if length + len(text) > longest:
            return PdfContent(title, "".join(pieces).rstrip(), anchors, True, recognised)
        anchors.append(PageAnchor(name=f"page={number}", offset=length))
        pieces.append(text + "\n\f\n")
        length += len(pieces[-1])
    return PdfContent(title, "".join(pieces).rstrip(), anchors, False, recognised)


def extractor_version() -> str:
    """Return the version of what reads documents."""
    return f"{VERSION}+pypdfium2{version('pypdfium2')}"
