"""Input files and documents named on the command line."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from agent.browsing.corpus import Corpus
from agent.browsing.indexing import IndexSummary
from agent.cli.workshop import Workshop
from agent.domain.errors import UsageError
from agent.domain.task import WorkspaceFile, workspace_path
from agent.ledger.blobs import BlobStore
from agent.runtime.services import corpus_file

INPUT_LIMIT = 256 << 20
"""Largest sum of all input files, in bytes."""
DEFAULT_CORPUS = "default"


async def read_files(paths: Sequence[Path], blobs: BlobStore) -> tuple[WorkspaceFile, ...]:
    """Store input files as blobs and return their places in the workspace; folders are taken with all their files.

    Raises:
        UsageError: a file is missing, unreadable, wrongly named, given twice, or all are too large together.
    """
    found: dict[str, WorkspaceFile] = {}
    total = 0
    for path, name in _named(paths):
        data = await asyncio.to_thread(_read, path)
        total += len(data)
        if total > INPUT_LIMIT:
            raise UsageError(f"the input files are larger than {INPUT_LIMIT >> 20} MiB together; leave some out")
        if name in found:
            raise UsageError(f"two input files would be {name!r} in the workspace; rename one")
        found[name] = WorkspaceFile(path=name, sha256=await blobs.put(data), size=len(data))
    return tuple(found.values())


async def document_corpus(
    shop: Workshop, docs: Sequence[Path], corpus: str | None, console: Console | None
) -> str | None:
    """Return the name of the index to search: of the given documents, the named one, or the default if it exists."""
    if docs and corpus:
        raise UsageError("give either --docs or --corpus, not both")
    if docs:
        resolved = sorted(str(path.resolve()) for path in docs)
        name = f"docs-{hashlib.sha256(chr(0).join(resolved).encode()).hexdigest()[:12]}"
        await index_documents(shop.home, name, docs, console)
        return name
    name = corpus or DEFAULT_CORPUS
    exists = corpus_file(shop.home, name).exists()
    if corpus and not exists:
        raise UsageError(f"there is no index {corpus!r}; make it with: plumbline index PATH --name {corpus}")
    return name if exists else None


async def index_documents(home: Path, name: str, paths: Sequence[Path], console: Console | None) -> IndexSummary:
    """Bring an index up to date with the given documents, with progress."""
    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no file or folder {str(path)!r}")
    place = corpus_file(home, name)
    place.parent.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(place)
    try:
        if console is None:
            return await corpus.add(paths)
        with Progress(console=console, transient=True) as progress:
            bar = progress.add_task("indexing documents", total=None)
            return await corpus.add(
                paths, progress=lambda news: progress.update(bar, completed=news.done, total=news.total)
            )
    finally:
        await corpus.close()


def _named(paths: Iterable[Path]) -> Iterable[tuple[Path, str]]:
    for path in paths:
        if path.is_dir():
            for inner in sorted(path.rglob("*")):
                if inner.is_file():
                    yield inner, _workspace_name(f"{path.resolve().name}/{inner.relative_to(path).as_posix()}")
        else:
            yield path, _workspace_name(path.name)


def _workspace_name(name: str) -> str:
    try:
        return workspace_path(name)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{str(path)!r} is neither a file nor a folder")
        if path.stat().st_size > INPUT_LIMIT:
            raise UsageError(f"{str(path)!r} is larger than {INPUT_LIMIT >> 20} MiB")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(f"there is no file {str(path)!r}") from error
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error.strerror}") from error
