"""The local corpus: files made searchable, in one SQLite file, behind an async API."""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

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
        self, paths: Iterable[Path], *, progress: Callable[[IndexProgress], None] | None = None
    ) -> IndexSummary:
        """Bring the corpus up to date with some files and folders.

        Files whose content has not changed are left alone, files that are gone are dropped, and a file that cannot be
        read is reported and stops nothing. Each batch is committed by itself: after an interruption the next call goes
        on from there.

        Args:
            paths: files and folders; folders are walked, see ``find_files``.
            progress: told after each batch.

        Raises:
            UsageError: a path does not exist and never did.
            CorpusBusy: another process kept writing.
        """
        roots = [await anyio.to_thread.run_sync(_absolute, path) for path in paths]
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
            counts["removed"] = await anyio.to_thread.run_sync(drop_files, self._store, gone)
        return IndexSummary(**counts, skipped=tuple(skipped))

    async def search(self, query: str, limit: int = 5) -> tuple[Passage, ...]:
        """Return the passages that match a query in plain words best, best first; nothing in a query is an operator."""
        return await self._read(lambda connection: store.search(connection, query, limit))

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

    async def stats(self) -> CorpusStats:
        """Return how much the corpus holds."""
        return await self._read(store.stats)

    async def _read(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        def run() -> ResultT:
            with self._store.reading() as connection:
                return work(connection)

        return await anyio.to_thread.run_sync(run)


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()
