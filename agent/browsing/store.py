"""The corpus's SQLite file: documents, passages, and the full-text index over them. Blocking; one writer, many readers.

The index is contentless: it holds terms only, and a passage's text is cut out of its document. Rows are taken out of it
by giving the same terms again, so the way terms are made is part of the schema.
"""

import contextlib
import sqlite3
import sys
import threading
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.browsing.documents import Document
from agent.browsing.errors import CorpusBusy, CorpusUnavailable, UnknownDocument, UnknownSentence
from agent.browsing.passages import Excerpt, Passage, windows
from agent.browsing.tokens import index_text, match_expression
from agent.domain.base import Fact
from agent.verification.sentences import Span

APPLICATION_ID = 0x504C4342
SCHEMA_VERSION = 1
"""Raised whenever tables, index terms or sentence borders change: an older file must then be made anew."""

_SCHEMA = """
CREATE TABLE documents (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, location TEXT NOT NULL,
    media TEXT NOT NULL, text_sha256 TEXT NOT NULL, text TEXT NOT NULL, spans BLOB NOT NULL
);
CREATE TABLE files (
    path TEXT PRIMARY KEY, raw_sha256 TEXT NOT NULL, title TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES documents (number)
) WITHOUT ROWID;
CREATE INDEX files_by_document ON files (document);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents (number),
    first INTEGER NOT NULL, last INTEGER NOT NULL, heading TEXT NOT NULL
);
CREATE INDEX passages_by_document ON passages (document);
CREATE VIRTUAL TABLE terms USING fts5 (
    title, heading, body, content = '', tokenize = 'porter unicode61 remove_diacritics 2'
);
INSERT INTO terms (terms, rank) VALUES ('rank', 'bm25(3.0, 2.0, 1.0)');
"""
_BASES = "CREATE TABLE IF NOT EXISTS bases (root TEXT PRIMARY KEY, url TEXT NOT NULL) WITHOUT ROWID"
"""Made when the first one is set: corpora without any need no such table."""
_CROWD = 10
"""Passages looked at for each document that is wanted, where each document counts once."""
_DOCUMENT_FIELDS = ("id", "title", "location", "text", "text_sha256", "media")
_DOCUMENT = "SELECT id, title, location, text, text_sha256, media FROM documents"


class CorpusStats(Fact):
    """How much a corpus holds; ``size`` is that of its file in bytes."""

    documents: int
    files: int
    passages: int
    characters: int
    size: int


class Store:
    """A corpus file. Connections are opened when needed and shared between threads, one thread at a time.

    Args:
        path: the file; it and its folder are made when missing.
        busy_seconds: how long to wait for another process that is writing.
    """

    def __init__(self, path: Path, *, busy_seconds: float = 5.0) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._ready = False

    def close(self) -> None:
        """Close every idle connection."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection; what SQLite complains about is raised as an error of the corpus."""
        with _translated(self.path):
            connection = self._connection()
            try:
                yield connection
            except sqlite3.Error:
                connection.close()
                raise
            except BaseException:
                self._give_back(connection)
                raise
            self._give_back(connection)

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection inside a transaction that ends with the block.

        Raises:
            CorpusBusy: another process kept writing for too long.
        """
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            self._idle.append(connection)

    def _connection(self) -> sqlite3.Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            _make_folder(self.path)
            connection = sqlite3.connect(
                self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
            )
            try:
                if not self._ready:
                    _prepare(connection, self.path)
                    self._ready = True
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("PRAGMA foreign_keys = ON")
            except BaseException:
                connection.close()
                raise
            return connection


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise CorpusBusy(f"another process is writing the corpus {path}; try again when it has finished") from error
        raise CorpusUnavailable(f"the corpus {path} cannot be used: {error}") from error
    except sqlite3.DatabaseError as error:
        raise CorpusUnavailable(f"{path} is no corpus or is damaged: {error}; make it anew from the files") from error


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusUnavailable(f"the corpus {path} cannot be made: {error.strerror or error}") from error


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables in a new file; refuse a file that is something else or from another version."""
    if _is_new(connection):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            # another process may have made them while this one waited
            if _is_new(connection):
                _make_tables(connection)
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise CorpusUnavailable(f"{path} is a database of something else; choose another name for the corpus")
    if version != SCHEMA_VERSION:
        raise CorpusUnavailable(f"the corpus {path} is from another version; make it anew from the files")


def _is_new(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None


def _make_tables(connection: sqlite3.Connection) -> None:
    for statement in _SCHEMA.split(";\n"):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def insert_document(connection: sqlite3.Connection, document: Document) -> int:
    """Store a document with its passages and return its number."""
    spans = _little_endian(array("I", [offset for span in document.sentences for offset in span]))
    row = (document.id, document.title, document.location, document.media, document.text_sha256, document.text)
    number = connection.execute(
        "INSERT INTO documents (id, title, location, media, text_sha256, text, spans) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*row, spans.tobytes()),
    ).lastrowid
    _insert_passages(connection, number or 0, document)
    return number or 0


def delete_document(connection: sqlite3.Connection, number: int) -> None:
    """Take a document and its passages out."""
    _delete_passages(connection, number)
    connection.execute("DELETE FROM documents WHERE number = ?", (number,))


def rename_document(connection: sqlite3.Connection, number: int, *, location: str, title: str) -> None:
    """Give a document the name of another file with the same text."""
    row = connection.execute(f"{_DOCUMENT} WHERE number = ?", (number,)).fetchone()
    document = _as_document(row).model_copy(update={"location": location, "title": title})
    _delete_passages(connection, number)
    connection.execute("UPDATE documents SET location = ?, title = ? WHERE number = ?", (location, title, number))
    _insert_passages(connection, number, document)


def _insert_passages(connection: sqlite3.Connection, number: int, document: Document) -> None:
    for window in windows(document):
        passage = connection.execute(
            "INSERT INTO passages (document, first, last, heading) VALUES (?, ?, ?, ?)", (number, *window)
        ).lastrowid
        start, end = document.sentences[window.first - 1].start, document.sentences[window.last - 1].end
        connection.execute(
            "INSERT INTO terms (rowid, title, heading, body) VALUES (?, ?, ?, ?)",
            (passage, *_terms(document.title, window.heading, document.text[start:end])),
        )


def _delete_passages(connection: sqlite3.Connection, number: int) -> None:
    title, text, blob = connection.execute(
        "SELECT title, text, spans FROM documents WHERE number = ?", (number,)
    ).fetchone()
    spans = _spans(blob)
    rows = connection.execute("SELECT number, first, last, heading FROM passages WHERE document = ?", (number,))
    for passage, first, last, heading in rows.fetchall():
        connection.execute(
            "INSERT INTO terms (terms, rowid, title, heading, body) VALUES ('delete', ?, ?, ?, ?)",
            (passage, *_terms(title, heading, text[spans[first - 1].start : spans[last - 1].end])),
        )
    connection.execute("DELETE FROM passages WHERE document = ?", (number,))


def find_document(connection: sqlite3.Connection, name: str) -> Document:
    """Return a document by its id.

    Raises:
        UnknownDocument: there is none.
    """
    row = connection.execute(f"{_DOCUMENT} WHERE id = ?", (name,)).fetchone()
    if row is None:
        raise UnknownDocument(f"no document has the id {name!r}; search shows the ids")
    return _as_document(row)


def _as_document(row: Sequence[str]) -> Document:
    return Document.model_validate(dict(zip(_DOCUMENT_FIELDS, row, strict=True)))


def read_sentences(connection: sqlite3.Connection, name: str, first: int, last: int) -> Excerpt:
    """Return the sentences of a document from one number to another; numbers past its end are left out.

    Raises:
        UnknownDocument: no such document.
        UnknownSentence: the first number is none of its sentences, or the last is smaller than the first.
    """
    document = find_document(connection, name)
    blob = connection.execute("SELECT spans FROM documents WHERE id = ?", (name,)).fetchone()[0]
    spans = _spans(blob)
    if not 1 <= first <= min(last, len(spans)):
        raise UnknownSentence(f"document {name} has the sentences 1 to {len(spans)}, not {first} to {last}")
    wanted = spans[first - 1 : last]
    return Excerpt(
        document=name,
        title=document.title,
        location=document.location,
        heading=document.heading_at(wanted[0].start),
        sentences=tuple((first + index, document.text[start:end]) for index, (start, end) in enumerate(wanted)),
    )


def search(
    connection: sqlite3.Connection, query: str, limit: int, *, one_a_document: bool = False
) -> tuple[Passage, ...]:
    """Return the passages that match a query best, best first; of each document only the best one, if asked to."""
    expression = match_expression(query)
    if not expression or limit < 1:
        return ()
    if not one_a_document:
        matching = "SELECT rowid, rank FROM terms WHERE terms MATCH ? ORDER BY rank LIMIT ?"
        hits = connection.execute(matching, (expression, limit)).fetchall()
        return tuple(_passage(connection, number, -rank) for number, rank in hits)
    # a document's passages overlap and crowd out other documents; only those that are returned are read
    hits = connection.execute(
        "SELECT t.rowid, t.rank, p.document FROM"
        " (SELECT rowid, rank FROM terms WHERE terms MATCH ? ORDER BY rank LIMIT ?) t"
        " JOIN passages p ON p.number = t.rowid ORDER BY t.rank, t.rowid",
        (expression, _CROWD * limit),
    ).fetchall()
    best: dict[int, tuple[int, float]] = {}
    for number, rank, document in hits:
        best.setdefault(document, (number, -rank))
    return tuple(_passage(connection, number, score) for number, score in list(best.values())[:limit])


def _passage(connection: sqlite3.Connection, number: int, score: float) -> Passage:
    row = connection.execute(
        "SELECT d.number, d.id, d.title, d.location, d.spans, p.first, p.last, p.heading"
        " FROM passages p JOIN documents d ON d.number = p.document WHERE p.number = ?",
        (number,),
    ).fetchone()
    document, name, title, location, blob, first, last, heading = row
    spans = _spans(blob)[first - 1 : last]
    begin = spans[0].start
    text = connection.execute(
        "SELECT substr(text, ?, ?) FROM documents WHERE number = ?", (begin + 1, spans[-1].end - begin, document)
    ).fetchone()[0]
    sentences = tuple((first + index, text[start - begin : end - begin]) for index, (start, end) in enumerate(spans))
    return Passage(
        document=name,
        title=title,
        location=location,
        heading=heading,
        sentences=sentences,
        score=score,
        offsets=tuple(span.start for span in spans),
    )


def stats(connection: sqlite3.Connection) -> CorpusStats:
    """Return how much the corpus holds."""
    documents, characters = connection.execute("SELECT count(*), total(length(text)) FROM documents").fetchone()
    files = connection.execute("SELECT count(*) FROM files").fetchone()[0]
    passages = connection.execute("SELECT count(*) FROM passages").fetchone()[0]
    pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return CorpusStats(
        documents=documents, files=files, passages=passages, characters=int(characters), size=pages * size
    )


def holds(connection: sqlite3.Connection, path: str) -> bool:
    """Return whether a file was indexed."""
    return connection.execute("SELECT 1 FROM files WHERE path = ?", (path,)).fetchone() is not None


def set_base(connection: sqlite3.Connection, root: str, url: str) -> None:
    """Note the address under which a folder is served; an empty one takes the note away."""
    connection.execute(_BASES)
    if url:
        connection.execute("INSERT OR REPLACE INTO bases (root, url) VALUES (?, ?)", (root, url))
    else:
        connection.execute("DELETE FROM bases WHERE root = ?", (root,))


def bases(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the addresses under which folders are served."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'bases'").fetchone() is None:
        return {}
    return dict(connection.execute("SELECT root, url FROM bases").fetchall())


def _terms(*texts: str) -> Sequence[str]:
    return [index_text(text) for text in texts]


def _spans(blob: bytes) -> list[Span]:
    offsets = array("I")
    offsets.frombytes(blob)
    _little_endian(offsets)
    return [Span(start, end) for start, end in zip(offsets[::2], offsets[1::2], strict=True)]


def _little_endian(offsets: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        offsets.byteswap()
    return offsets
