"""Text of PDF documents."""

from importlib.metadata import version
from typing import Final

import pypdfium2

from toolserver.browsing.wire import PageAnchor
from toolserver.errors import PageFailed

_ENCRYPTED: Final = 4


def pdf_content(data: bytes, *, longest: int) -> tuple[str, str, list[PageAnchor], bool]:
    """Return title and text of a document, where its pages begin, as ``#page=N`` points to them, and if there are more.

    Raises:
        PageFailed: it is encrypted, damaged, or has only pictures.
    """
    try:
        with pypdfium2.PdfDocument(data) as document:
            title = " ".join(str(document.get_metadata_value("Title")).split())[:500]
            text, anchors, cut = _pages(document, longest)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _ENCRYPTED:
            raise PageFailed("login", "the PDF document needs a password; open another page") from error
        raise PageFailed("not_text", "the PDF document is damaged; open another page") from error
    if not text.strip():
        raise PageFailed("empty", "the PDF document has no text, only pictures; open another page")
    return title, text, anchors, cut


def _pages(document: pypdfium2.PdfDocument, longest: int) -> tuple[str, list[PageAnchor], bool]:
    pieces: list[str] = []
    anchors: list[PageAnchor] = []
    length = 0
    for number, page in enumerate(document, start=1):
        textpage = page.get_textpage()
        # pdfium puts U+FFFE where it joined a word that was hyphenated at the end of a line
        text = str(textpage.get_text_range()).replace("\ufffe", "").replace("\f", "\n").replace("\x00", "")
        text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
        textpage.close()
        page.close()
        if length + len(text) > longest:
            return "".join(pieces).rstrip(), anchors, True
        anchors.append(PageAnchor(name=f"page={number}", offset=length))
        pieces.append(text + "\n\f\n")
        length += len(pieces[-1])
    return "".join(pieces).rstrip(), anchors, False


def extractor_version() -> str:
    """Return the version of what reads documents."""
    return version("pypdfium2")
