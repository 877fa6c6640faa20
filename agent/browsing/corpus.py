"""The local corpus: files made searchable, in one SQLite file, behind an async API."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit

import anyio
import anyio.to_thread

from agent.browsing import store
from agent.browsing.documents import Document
from agent.browsing.indexing import (
    IndexProgress,
    IndexSummary,
    SkippedFile,
    batches,
    check_roots,
    drop_files,
    find_files,
    index_batch,
    known_files,
)
from agent.browsing.passages import Excerpt, Passage
from agent.browsing.store import CorpusStats, Store
from agent.domain.errors import UsageError

ResultT = TypeVar("ResultT")


class Corpus:
    """A searchable set of documents.

    SQLite runs in worker threads, one hop for a whole operation: a search is some ten statements, each of which would
    be a hop of its own with an asynchronous driver. Any number of readers may work while one process adds files.

    Args:
        path: the corpus file; made on first use.
        busy_seconds: how long to wait for another process that is adding files.

    Raises:
        CorpusUnavailable: from every method, when the file cannot be used.
    """

    def __init__(self, path: Path, *, busy_seconds: float = 5.0) -> None:
        self._store = Store(path, busy_seconds=busy_seconds)
        self._adding = anyio.Lock()

    @property
    def path(self) -> Path:
        """The corpus file."""
        return self._store.path

    async def __aenter__(self) -> "Corpus":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the file. The corpus may be used again afterwards."""
        await anyio.to_thread.run_sync(self._store.close)

    async def add(
        self,
        paths: Iterable[Path],
        *,
        base_url: str | None = None,
        progress: Callable[[IndexProgress], None] | None = None,
    ) -> IndexSummary:
        """Bring the corpus up to date with some files and folders.

        Files whose content has not changed are left alone, files that are gone are dropped, and a file that cannot be
        read is reported and stops nothing. Each batch is committed by itself: after an interruption the next call goes
        on from there.

        Args:
            paths: files and folders; folders are walked, see ``find_files``.
            base_url: the address under which the one folder of ``paths`` is served; see ``address_of``. Empty takes it
                away, None leaves it as it was.
            progress: told after each batch.

        Raises:
            UsageError: a path does not exist and never did, or ``base_url`` is none of a single folder.
            CorpusBusy: another process kept writing.
        """
        roots = [await anyio.to_thread.run_sync(_absolute, path) for path in paths]
        base = None if base_url is None else _base(base_url, roots)
        async with self._adding:
            known = await anyio.to_thread.run_sync(known_files, self._store, roots)
            await anyio.to_thread.run_sync(check_roots, roots, known)
            files = await anyio.to_thread.run_sync(find_files, roots)
            skipped: list[SkippedFile] = []
            counts = dict.fromkeys(("added", "updated", "unchanged", "removed"), 0)
            done = 0
            for batch in batches(files):
                outcomes = await anyio.to_thread.run_sync(index_batch, self._store, batch, known)
                for outcome in outcomes:
                    if isinstance(outcome, SkippedFile):
                        skipped.append(outcome)
                    else:
                        counts[outcome] += 1
                done += len(batch)
                if progress:
                    progress(IndexProgress(done=done, total=len(files)))
            gone = sorted(known.keys() - {file.path for file in files})
            if base is not None:
                await anyio.to_thread.run_sync(self._set_base, str(roots[0]), base)
            counts["removed"] = await anyio.to_thread.run_sync(drop_files, self._store, gone)
        return IndexSummary(**counts, skipped=tuple(skipped))

    async def search(self, query: str, limit: int = 5, *, one_a_document: bool = False) -> tuple[Passage, ...]:
        """Return the passages that match a query in plain words best, best first; nothing in a query is an operator.

        With ``one_a_document``, only the best passage of each document is returned.
        """
        return await self._read(
            lambda connection: store.search(connection, query, limit, one_a_document=one_a_document)
        )

    async def document(self, name: str) -> Document:
        """Return a whole document by its id.

        Raises:
            UnknownDocument: there is none.
        """
        return await self._read(lambda connection: store.find_document(connection, name))

    async def read(self, name: str, first: int, last: int) -> Excerpt:
        """Return sentences of a document by their numbers, counted from 1, both inclusive.

        Raises:
            UnknownDocument: there is no such document.
            UnknownSentence: it does not have the first sentence, or ``last`` is smaller.
        """
        return await self._read(lambda connection: store.read_sentences(connection, name, first, last))

    async def addresses(self, locations: Iterable[str]) -> tuple[str | None, ...]:
        """Return the web address of each document's location; None where its folder was given no ``base_url``."""
        bases = await self._read(store.bases)
        return tuple(address_of(location, bases) for location in locations)

    async def holds(self, path: str) -> bool:
        """Return whether a file of this absolute path was indexed."""
        return await self._read(lambda connection: store.holds(connection, path))

    async def stats(self) -> CorpusStats:
        """Return how much the corpus holds."""
        return await self._read(store.stats)

    def _set_base(self, root: str, url: str) -> None:
        with self._store.writing() as connection:
            store.set_base(connection, root, url)

    async def _read(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        def run() -> ResultT:
            with self._store.reading() as connection:
                return work(connection)

        return await anyio.to_thread.run_sync(run)


def address_of(location: str, bases: Mapping[str, str]) -> str | None:
    """Return the web address of a file: that of the innermost folder above it, and the path from there."""
    above = [root for root in bases if location.startswith(f"{root.rstrip(os.sep)}{os.sep}")]
    if not above:
        return None
    root = max(above, key=len)
    return bases[root] + quote(Path(location).relative_to(root).as_posix())


def _base(url: str, roots: Sequence[Path]) -> str:
    """Return a folder's address with a final slash, or nothing where it is to be taken away."""
    if len(roots) != 1 or roots[0].is_file():
        raise UsageError("an address belongs to one folder; index one folder at a time with --base-url")
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise UsageError(f"{url!r} is no address of a folder; write for example http://127.0.0.1:8000/docs/")
    return f"{url.rstrip('/')}/" if url else ""


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()
