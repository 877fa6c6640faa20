"""Bringing a corpus up to date with files and folders. Blocking, in batches, each one transaction."""

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from agent.browsing.documents import Document, parse_document, read_file
from agent.browsing.errors import SkipReason, UnreadableDocument
from agent.browsing.store import Store, delete_document, insert_document, rename_document
from agent.domain.base import Fact
from agent.domain.errors import UsageError

JUNK_FOLDERS = frozenset({"node_modules", "__pycache__", "venv", "site-packages", "bower_components"})
JUNK_ENDINGS = (".pyc", ".pyo", ".o", ".so", ".a", ".class", ".min.js", ".min.css", ".map", "~", ".swp", ".tmp")
PRIVATE_ENDINGS = (".pem", ".key", ".p12", ".pfx", ".keystore", ".kdbx")
"""Files that hold keys; what is indexed can reach a model."""
BATCH_FILES, BATCH_BYTES = 256, 16 * 1024 * 1024

Change = Literal["added", "updated", "unchanged", "removed"]


class SkippedFile(Fact):
    """A file that gave no document, and why."""

    path: str
    reason: SkipReason
    detail: str


class IndexSummary(Fact):
    """What one call of ``add`` did, in files."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    skipped: tuple[SkippedFile, ...] = ()


class IndexProgress(Fact):
    """How far indexing has come, in files."""

    done: int
    total: int


class FoundFile(NamedTuple):
    """A file to be indexed; its path is absolute."""

    path: str
    size: int


def find_files(roots: Sequence[Path]) -> list[FoundFile]:
    """Return the files below some files and folders, sorted, each once.

    Hidden files and folders, build and dependency folders, private keys and symbolic links are left out below a folder;
    a path that is given itself is taken as it is.
    """
    found: dict[str, FoundFile] = {}
    for root in roots:
        candidates = _walk(str(root)) if root.is_dir() else [str(root)] if root.exists() else []
        for path in candidates:
            found[path] = FoundFile(path, Path(path).stat(follow_symlinks=False).st_size)
    return [found[path] for path in sorted(found)]


def _walk(root: str) -> Iterator[str]:
    pending = [root]
    while pending:
        try:
            entries = list(os.scandir(pending.pop()))
        except OSError:
            # a folder that cannot be listed hides its files, as one that does not exist would
            continue
        for entry in entries:
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in JUNK_FOLDERS:
                    pending.append(entry.path)
            elif not entry.name.lower().endswith(JUNK_ENDINGS + PRIVATE_ENDINGS):
                yield entry.path


def known_files(store: Store, roots: Sequence[Path]) -> dict[str, str]:
    """Return the indexed files at or below some paths, with the SHA-256 of their content when they were read."""
    with store.reading() as connection:
        rows = connection.execute("SELECT path, raw_sha256 FROM files").fetchall()
    prefixes = tuple(f"{str(root).rstrip(os.sep)}{os.sep}" for root in roots)
    exact = {str(root) for root in roots}
    return {path: digest for path, digest in rows if path in exact or path.startswith(prefixes)}


def check_roots(roots: Sequence[Path], known: Iterable[str]) -> None:
    """Refuse a path that neither exists nor was indexed before.

    Raises:
        UsageError: it is probably misspelt.
    """
    indexed = list(known)
    for root in roots:
        if not root.exists() and not any(path == str(root) or path.startswith(f"{root}{os.sep}") for path in indexed):
            raise UsageError(f"there is no file or folder {root}")


def batches(files: Sequence[FoundFile]) -> Iterator[list[FoundFile]]:
    """Yield the files in groups that are small enough for one transaction."""
    batch: list[FoundFile] = []
    size = 0
    for file in files:
        if batch and (len(batch) >= BATCH_FILES or size + file.size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.size
    if batch:
        yield batch


def index_batch(store: Store, batch: Sequence[FoundFile], known: dict[str, str]) -> list[Change | SkippedFile]:
    """Read a group of files and bring their entries up to date; return what became of each file."""
    outcomes: list[Change | SkippedFile] = []
    changed: list[tuple[str, str, Document]] = []
    gone: list[str] = []
    for path, _ in batch:
        try:
            parsed = _changed(path, known.get(path))
        except UnreadableDocument as error:
            outcomes.append(SkippedFile(path=_printable(path), reason=error.reason, detail=str(error)))
            gone.extend([path] if path in known else [])
            continue
        except Exception as error:  # noqa: BLE001 - whatever a parser does to one file, the others must get in
            detail = f"the file cannot be parsed: {type(error).__name__}: {error}"
            outcomes.append(SkippedFile(path=path, reason="damaged", detail=detail))
            gone.extend([path] if path in known else [])
            continue
        if parsed is None:
            outcomes.append("unchanged")
        else:
            changed.append((path, *parsed))
    if changed or gone:
        with store.writing() as connection:
            for path in gone:
                _forget(connection, path)
            outcomes.extend(_write(connection, path, digest, document) for path, digest, document in changed)
    return outcomes


def drop_files(store: Store, paths: Sequence[str]) -> int:
    """Take files out of the corpus, with the documents that no other file has; return how many there were."""
    if paths:
        with store.writing() as connection:
            for path in paths:
                _forget(connection, path)
    return len(paths)


def _changed(path: str, known_digest: str | None) -> tuple[str, Document] | None:
    """Return a file's digest and document, or None where its content is what is already indexed."""
    if _printable(path) != path:
        raise UnreadableDocument("unreadable", "the file name is not valid Unicode; rename the file")
    data = read_file(Path(path))
    digest = hashlib.sha256(data).hexdigest()
    if digest == known_digest:
        return None
    return digest, parse_document(data, name=Path(path).name, location=path)


def _printable(path: str) -> str:
    return path.encode(errors="replace").decode()


def _write(connection: sqlite3.Connection, path: str, raw_sha256: str, document: Document) -> Change | SkippedFile:
    row = connection.execute("SELECT number, text_sha256 FROM documents WHERE id = ?", (document.id,)).fetchone()
    if row and row[1] != document.text_sha256:
        detail = f"its id {document.id} is that of another document"
        return SkippedFile(path=path, reason="collision", detail=detail)
    before = connection.execute("SELECT document FROM files WHERE path = ?", (path,)).fetchone()
    number = row[0] if row else insert_document(connection, document)
    connection.execute(
        "INSERT INTO files (path, raw_sha256, title, document) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (path) DO UPDATE SET raw_sha256 = excluded.raw_sha256, title = excluded.title,"
        " document = excluded.document",
        (path, raw_sha256, document.title, number),
    )
    if before and before[0] != number:
        _release(connection, before[0], path)
    return "updated" if before else "added"


def _forget(connection: sqlite3.Connection, path: str) -> None:
    row = connection.execute("DELETE FROM files WHERE path = ? RETURNING document", (path,)).fetchone()
    if row:
        _release(connection, row[0], path)


def _release(connection: sqlite3.Connection, number: int, path: str) -> None:
    """Drop a document that no file has any more, or name it after another file where it bore this one's name."""
    other = connection.execute(
        "SELECT path, title FROM files WHERE document = ? ORDER BY path LIMIT 1", (number,)
    ).fetchone()
    if other is None:
        delete_document(connection, number)
        return
    (location,) = connection.execute("SELECT location FROM documents WHERE number = ?", (number,)).fetchone()
    if location == path:
        rename_document(connection, number, location=other[0], title=other[1])
