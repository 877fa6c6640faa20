"""Documents: what a file says, as one text that quotes can point into."""

import functools
import os
import re
import stat
from pathlib import Path
from typing import Literal

from agent.browsing.errors import UnreadableDocument
from agent.browsing.extraction import PAGE_BREAK, decode, html_text, pdf_text
from agent.domain.base import Fact
from agent.domain.evidence import Source
from agent.verification.headings import Heading, heading_paths, headings, path_at
from agent.verification.quotes import text_digest
from agent.verification.sentences import Span, split_sentences

MediaKind = Literal["text", "markdown", "html", "pdf", "code", "table", "data"]

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes; a larger file is skipped."""
LONGEST_TEXT = 20_000_000
"""Characters; a document with more text is skipped."""
ID_LENGTH = 10

_SUFFIXES: dict[MediaKind, str] = {
    "markdown": ".md .markdown .mdx",
    "html": ".html .htm .xhtml",
    "pdf": ".pdf",
    "table": ".csv .tsv",
    "data": ".json .jsonl .ndjson .yaml .yml .toml .ini .cfg .conf .xml .log .properties .lock",
    "code": (
        ".py .js .jsx .ts .tsx .mjs .c .h .cc .cpp .hpp .cs .java .kt .go .rs .rb .php .pl .sh .bash .zsh .bat .sql "
        ".ps1 .swift .scala .lua .r .jl .m .hs .ml .clj .ex .erl .css .scss .vue .svelte .gradle .cmake .mk .dockerfile"
    ),
}
_KIND_OF = {suffix: kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
_BY_LINE: frozenset[MediaKind] = frozenset({"code", "table", "data"})
_WITH_HEADINGS: frozenset[MediaKind] = frozenset({"markdown", "html"})
_NEWLINE = re.compile("\r\n?|\x00")
_FIRST_HEADING = re.compile(r"\s*#{1,2}\s+(\S[^\n]*)")


class Document(Fact):
    """A text with its origin.

    ``text`` has line feeds only and no NUL characters and is otherwise as it was read: Unicode is not normalised, so
    that offsets mean the same everywhere. ``id`` is the beginning of ``text_sha256``.
    """

    id: str
    title: str
    location: str
    text: str
    text_sha256: str
    media: MediaKind = "text"

    @property
    def by_line(self) -> bool:
        """Whether each line is a sentence, as in code and tables."""
        return self.media in _BY_LINE

    @functools.cached_property
    def sentences(self) -> tuple[Span, ...]:
        """Spans of all sentences; number n, counted from 1, is ``sentences[n - 1]``."""
        return split_sentences(self.text, by_line=self.by_line)

    @functools.cached_property
    def headings(self) -> tuple[Heading, ...]:
        """Headings in order; only Markdown and web pages have them."""
        return headings(self.text) if self.media in _WITH_HEADINGS else ()

    @functools.cached_property
    def _heading_paths(self) -> tuple[str, ...]:
        return heading_paths(self.headings)

    def heading_at(self, offset: int) -> str:
        """Return the headings above an offset from the highest level down, such as ``Guide > Install``."""
        return path_at(self.headings, self._heading_paths, offset)

    @property
    def source(self) -> Source:
        """The origin, as evidence names it."""
        return Source(title=self.title, location=self.location, text_sha256=self.text_sha256)

    def page_of(self, offset: int) -> int | None:
        """Return the page number, counted from 1, of an offset; None where the document has no pages."""
        return self.text.count(PAGE_BREAK, 0, offset) + 1 if self.media == "pdf" else None


def make_document(text: str, *, title: str, location: str, media: MediaKind = "text") -> Document:
    """Return the document of a text: newlines become line feeds, NUL characters go.

    Raises:
        UnreadableDocument: nothing but white space, or longer than ``LONGEST_TEXT``.
    """
    text = _NEWLINE.sub(lambda match: "" if match[0] == "\x00" else "\n", text)
    if not text.strip():
        raise UnreadableDocument("empty", "the file has no text")
    if len(text) > LONGEST_TEXT:
        raise UnreadableDocument("too_large", f"the file has more than {LONGEST_TEXT:,} characters; split it")
    digest = text_digest(text)
    return Document(id=digest[:ID_LENGTH], title=title, location=location, text=text, text_sha256=digest, media=media)


def read_document(path: Path) -> Document:
    """Return the document of a file. Blocking; call it in a thread.

    Raises:
        UnreadableDocument: the file gives no text; its ``reason`` says why.
    """
    return parse_document(read_file(path), name=path.name, location=str(path))


def read_file(path: Path) -> bytes:
    """Return the content of a regular file.

    Raises:
        UnreadableDocument: it is missing, not a regular file, not permitted or larger than ``LARGEST_FILE``.
    """
    try:
        # opened without blocking, or a named pipe in a folder would hold the index for ever
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableDocument("unreadable", "not a regular file")
            if status.st_size > LARGEST_FILE:
                raise UnreadableDocument("too_large", f"larger than {LARGEST_FILE // 1024**2} MiB; split it")
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UnreadableDocument("unreadable", error.strerror or str(error)) from error


def parse_document(data: bytes, *, name: str, location: str) -> Document:
    """Return the document of a file's content.

    Args:
        data: the file.
        name: file name; its ending tells the kind, and it is the title of last resort.
        location: path or URL, as shown to people.

    Raises:
        UnreadableDocument: the content gives no text.
    """
    media = kind_of(name, data)
    title = ""
    if media == "pdf":
        text, title = pdf_text(data, longest=LONGEST_TEXT)
    else:
        text = decode(data, is_html=media == "html")
        if media == "html":
            text, title = html_text(text)
    if not title and media in _WITH_HEADINGS and (first := _FIRST_HEADING.match(text)):
        title = first[1].strip("# ")
    return make_document(text, title=title or name, location=location, media=media)


def kind_of(name: str, data: bytes = b"") -> MediaKind:
    """Return the media kind by a file's ending, or by its first bytes where these leave no doubt."""
    if data.startswith(b"%PDF-"):
        return "pdf"
    suffix = Path(name).suffix.lower()
    if not suffix and data[:256].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return "html"
    return _KIND_OF.get(suffix, "text")
