"""Text of files: encodings, web pages and PDF documents."""

import codecs
import html
import re
import threading

import charset_normalizer
import inscriptis
import pypdfium2
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_properties import Display
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement

from agent.browsing.errors import UnreadableDocument
from agent.verification.words import CJK

PAGE_BREAK = "\f"
"""Stands between the pages of a PDF document."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 65_536
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_DECLARED_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w-]{2,40})", re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{1,1000})</title", re.IGNORECASE)
_APART = re.compile(f"(?<=[{CJK}]) (?=[{CJK}])")
_TOGETHER = re.compile(f"(?<=[{CJK}])(?=[{CJK}])")
_FEWEST_APART = 4
_PDFIUM_ENCRYPTED = 4
# pdfium keeps state of its own for the whole process and must not be entered by two threads
_PDFIUM_LOCK = threading.Lock()


def decode(data: bytes, *, is_html: bool = False) -> str:
    """Return the text of a file's bytes; it never fails.

    A byte order mark decides, then valid UTF-8, then what a web page declares, then a guess. Bytes that do not fit
    become U+FFFD.

    Raises:
        UnreadableDocument: the bytes are no text at all.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    head = data[:_SAMPLE]
    if len(_CONTROL.findall(head)) * 100 > len(head):
        raise UnreadableDocument("binary", "the file is binary; only text, web pages and PDF documents can be read")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return _decode_other(data, is_html=is_html)


def _decode_other(data: bytes, *, is_html: bool) -> str:
    sample = data[:_SAMPLE]
    almost = data.decode(errors="replace")
    if almost.count("\ufffd") < len(_MULTIBYTE.findall(sample)):
        return almost
    declared = _DECLARED_CHARSET.search(data[:4096]) if is_html else None
    for encoding in (declared and declared[1].decode(), _guess(sample), "latin-1"):
        try:
            if encoding:
                return data.decode(encoding, errors="replace")
        except (LookupError, ValueError):
            continue
    return almost


def _guess(sample: bytes) -> str | None:
    """Return the encoding that bytes are probably in.

    Few bytes above ASCII, each alone between letters, are the accents of a western text; a statistical guess takes
    short texts of that kind for Chinese.
    """
    high = _HIGH_RUN.findall(sample)
    if sum(map(len, high)) * 8 < len(sample) and max(map(len, high)) <= 2:
        return "cp1252"
    best = charset_normalizer.from_bytes(sample).best()
    return best.encoding if best else None


def html_text(page: str) -> tuple[str, str]:
    """Return the text of a web page and its title.

    Scripts, styles and hidden elements are left out. Headings are marked as in Markdown, so that passages know what
    they stand under, and table cells are separated by a bar.
    """
    css = CSS_PROFILES["strict"].copy()
    for level in range(1, 7):
        css[f"h{level}"] = HtmlElement(display=Display.block, prefix="#" * level + " ", margin_before=1, margin_after=1)
    try:
        text = inscriptis.get_text(page, ParserConfig(css=css, table_cell_separator=" | "))
    except (ValueError, RecursionError) as error:
        raise UnreadableDocument("damaged", f"the web page cannot be parsed: {error}") from error
    title = _TITLE.search(page[:_SAMPLE])
    return text, " ".join(html.unescape(title[1]).split()) if title else ""


def pdf_text(data: bytes, *, longest: int) -> tuple[str, str]:
    """Return the text of a PDF document, its pages separated by form feeds, and its title.

    Args:
        data: the file.
        longest: characters after which reading stops with an error.

    Raises:
        UnreadableDocument: it is encrypted, damaged, has only pictures, or is longer than ``longest``.
    """
    with _PDFIUM_LOCK:
        try:
            with pypdfium2.PdfDocument(data) as document:
                return _pages(document, longest), _pdf_title(document)
        except pypdfium2.PdfiumError as error:
            if error.err_code == _PDFIUM_ENCRYPTED:
                raise UnreadableDocument("encrypted", "the PDF document needs a password") from error
            raise UnreadableDocument("damaged", f"the PDF document cannot be parsed: {error}") from error


def _pages(document: pypdfium2.PdfDocument, longest: int) -> str:
    pages: list[str] = []
    length = 0
    for page in document:
        textpage = page.get_textpage()
        # pdfium puts U+FFFE where it joined a word that was hyphenated at the end of a line
        text = str(textpage.get_text_range()).replace("\ufffe", "").replace(PAGE_BREAK, "\n")
        textpage.close()
        page.close()
        text = "\n".join(closed_up(line) for line in text.split("\n"))
        pages.append(text)
        length += len(text) + 1
        if length > longest:
            raise UnreadableDocument("too_large", f"the PDF document has more than {longest:,} characters of text")
    if not any(page.strip() for page in pages):
        raise UnreadableDocument("empty", "the PDF document has no text, only pictures; run text recognition first")
    return PAGE_BREAK.join(pages)


def closed_up(line: str) -> str:
    """Return a line without the spaces that justification put between its CJK characters.

    Single spaces between words, as in headings and tables, stay: only a line most of whose characters stand apart was
    spaced out.
    """
    apart = 0 if line.isascii() else len(_APART.findall(line))
    if apart < _FEWEST_APART or apart < len(_TOGETHER.findall(line)):
        return line
    return _APART.sub("", line)


def _pdf_title(document: pypdfium2.PdfDocument) -> str:
    return " ".join(str(document.get_metadata_value("Title")).split())
