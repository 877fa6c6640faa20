"""Input files and documents named on the command line."""

import asyncio
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress

from agent.browsing.corpus import Corpus
from agent.browsing.indexing import IndexSummary
from agent.cli.workshop import Workshop
from agent.domain.errors import ConfigurationError, UsageError
from agent.domain.task import WorkspaceFile, workspace_path
from agent.ledger.blobs import BlobStore
from agent.runtime.services import corpus_file

INPUT_LIMIT = 256 << 20
"""Largest sum of all input files, in bytes."""
DEFAULT_CORPUS = "default"


def given_path(text: str) -> Path:
    """Return a path as it was given on the command line.

    Raises:
        BadParameter: it is empty, which would otherwise stand for the current folder.
    """
    if not text:
        raise typer.BadParameter("the path is empty; name a file or folder, such as . for this one")
    return Path(text)


async def read_files(
    paths: Sequence[Path], blobs: BlobStore, console: Console | None = None
) -> tuple[WorkspaceFile, ...]:
    """Store input files as blobs and return their places in the workspace.

    Folders are taken with their files, but without links and hidden files and folders, whose content the user has not
    named; the console is told how many were left out. A file or folder that is named itself is always taken.

    Raises:
        UsageError: a file is missing, unreadable, wrongly named, given twice, or all are too large together.
    """
    found: dict[str, WorkspaceFile] = {}
    total = 0
    left_out: list[Path] = []
    for path, name in _named(paths, left_out):
        data = await asyncio.to_thread(read_input, path)
        total += len(data)
        if total > INPUT_LIMIT:
            raise UsageError(f"the input files are larger than {INPUT_LIMIT >> 20} MiB together; leave some out")
        if name in found:
            raise UsageError(f"two input files would be {name!r} in the workspace; rename one")
        found[name] = WorkspaceFile(path=name, sha256=await blobs.put(data), size=len(data))
    if left_out and console is not None:
        console.print(
            f"! left out inside the given folders: {len(left_out)} links, hidden files or hidden folders; "
            "name one with --file to have it",
            style="yellow",
        )
    return tuple(found.values())


async def document_corpus(
    shop: Workshop, docs: Sequence[Path], corpus: str | None, console: Console | None
) -> str | None:
    """Return the name of the index to search: of the given documents, the named one, or the default if it exists."""
    if docs and corpus:
        raise UsageError("give either --docs or --corpus, not both")
    if docs:
        resolved = sorted(str(path.resolve()) for path in docs)
        name = f"docs-{hashlib.sha256(os.fsencode(chr(0).join(resolved))).hexdigest()[:12]}"
        found = await index_documents(shop.home, name, docs, console)
        if not found.added + found.updated + found.unchanged:
            why = f": {found.skipped[0].detail}" if found.skipped else ""
            raise UsageError(f"{', '.join(repr(str(path)) for path in docs)} has no document that can be read{why}")
        return name
    name = corpus or DEFAULT_CORPUS
    exists = corpus_file(shop.home, name).exists()
    if corpus and not exists:
        raise UsageError(f"there is no index {corpus!r}; make it with: plumbline index PATH --name {corpus}")
    return name if exists else None


async def index_documents(
    home: Path, name: str, paths: Sequence[Path], console: Console | None, *, base_url: str | None = None
) -> IndexSummary:
    """Bring an index up to date with the given documents, with progress; ``base_url`` as for ``Corpus.add``."""
    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no file or folder {str(path)!r}")
    place = corpus_file(home, name)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"cannot make {place.parent}: {error.strerror}; set PLUMBLINE_HOME to a folder that can be written"
        ) from error
    corpus = Corpus(place)
    try:
        if console is None:
            return await corpus.add(paths, base_url=base_url)
        with Progress(console=console, transient=True) as progress:
            bar = progress.add_task("indexing documents", total=None)
            return await corpus.add(
                paths,
                base_url=base_url,
                progress=lambda news: progress.update(bar, completed=news.done, total=news.total),
            )
    finally:
        await corpus.close()


def _named(paths: Iterable[Path], left_out: list[Path]) -> Iterator[tuple[Path, str]]:
    for path in paths:
        if path.is_dir():
            for inner in _inside(path, left_out):
                yield inner, _workspace_name(f"{path.resolve().name}/{inner.relative_to(path).as_posix()}")
        else:
            yield path, _workspace_name(path.name)


def _inside(folder: Path, left_out: list[Path]) -> Iterator[Path]:
    """Yield the files below a folder, and note what the user cannot have meant by naming the folder."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise UsageError(f"cannot read {str(folder)!r}: {error.strerror}") from error
    for entry in entries:
        if entry.is_symlink() or entry.name.startswith("."):
            left_out.append(entry)
        elif entry.is_dir():
            yield from _inside(entry, left_out)
        elif entry.is_file():
            yield entry


def _workspace_name(name: str) -> str:
    try:
        return workspace_path(name)
    except ValueError as error:
        raise UsageError(str(error)) from error


def read_input(path: Path) -> bytes:
    """Return the bytes of a file that the user has named.

    Raises:
        UsageError: it is missing, no file, unreadable, or too large.
    """
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
