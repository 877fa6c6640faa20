"""The text that is to be checked, and what it is checked against, as they are named on the command line."""

import asyncio
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console

from agent.browsing.documents import LARGEST_FILE, parse_document, read_file
from agent.browsing.errors import UnreadableDocument
from agent.cli.inputs import document_corpus
from agent.cli.workshop import Workshop
from agent.domain.errors import UnknownRun, UsageError
from agent.domain.evidence import Evidence
from agent.ledger.blobs import BlobStore
from agent.runtime.history import read_view
from agent.runtime.services import corpus_file
from agent.verification.knowledge.base import open_knowledge

STDIN = "standard input"
LONGEST_CHECKED = 2_000_000
"""Characters of a text that is checked; a longer one would be read for minutes before its first claim."""
_URL = re.compile(r"https?://", re.IGNORECASE)
_KNOWLEDGE = re.compile(r"kb[: ](.*)", re.DOTALL)
_WEB = "web"
_INDEX_NAME = re.compile(r"[\w-]{1,200}")


@dataclass(frozen=True)
class GivenText:
    """The text to be checked: a stored blob, or the address of a page that the run fetches."""

    title: str
    location: str
    sha256: str = ""
    url: str = ""


@dataclass(frozen=True)
class Against:
    """What a text is checked against; ``names`` is how the user called it."""

    names: tuple[str, ...] = ()
    corpus: str | None = None
    web: bool = False
    knowledge: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


async def given_text(name: str, blobs: BlobStore) -> GivenText:
    """Return the text of a file, of standard input, or the address where the run finds it.

    Raises:
        UsageError: there is no text.
    """
    if _URL.match(name):
        if not _has_host(name):
            raise UsageError(f"{name!r} is no address of a page; write it as https://host/path")
        return GivenText(title="", location=name, url=name)
    return await _stored(name, blobs)


def _has_host(address: str) -> bool:
    try:
        return bool(urlsplit(address).hostname)
    except ValueError:
        return False


async def _stored(name: str, blobs: BlobStore) -> GivenText:
    shown = STDIN if name == "-" else name
    try:
        data = await asyncio.to_thread(_typed if name == "-" else lambda: read_file(_file(name)))
        document = await asyncio.to_thread(parse_document, data, name=Path(shown).name, location=shown)
    except UnreadableDocument as error:
        raise UsageError(f"{shown!r} cannot be checked: {error}") from error
    if len(document.text) > LONGEST_CHECKED:
        raise UsageError(
            f"{shown!r} has {len(document.text):,} characters, and at most {LONGEST_CHECKED:,} are checked; split it"
        )
    text = document.text.encode("utf-8", "replace")
    return GivenText(title=document.title, location=shown, sha256=await blobs.put(text))


def _file(name: str) -> Path:
    path = Path(name)
    if not name or not path.exists():
        raise UsageError(f"there is no file {name!r}; name a file, - for standard input, or an address")
    if path.is_dir():
        raise UsageError(f"{name!r} is a folder; name one file of it")
    return path


def _typed() -> bytes:
    """Return what stands on standard input; nothing where that is closed."""
    return b"" if sys.stdin is None else sys.stdin.buffer.read(LARGEST_FILE + 1)


async def resolved(names: Sequence[str], shop: Workshop, console: Console | None) -> Against:
    """Return what the given names stand for.

    A name is tried as ``web``, as ``kb:NAME``, as a file or folder, as an index, and as a run, in this order.

    Raises:
        UsageError: it is none of them, or does not go together with another one.
    """
    names = tuple(dict.fromkeys(names))
    knowledge = tuple(match[1] for name in names if (match := _KNOWLEDGE.match(name)))
    for base in knowledge:
        await open_knowledge(shop.home, base).close()
    others = [name for name in names if name != _WEB and not _KNOWLEDGE.match(name)]
    paths = _existing(others)
    indexes = [name for name in others if name not in paths and _is_index(shop.home, name)]
    if len(indexes) > 1 or (indexes and paths):
        raise UsageError("a text is checked against one index, or against files and folders; name one with --against")
    runs = [name for name in others if name not in paths and name not in indexes]
    evidence = await _evidence_of(runs, shop)
    corpus = None
    if paths or indexes:
        documents = [Path(name) for name in paths]
        corpus = await document_corpus(shop, documents, indexes[0] if indexes else None, console)
    return Against(names=names, corpus=corpus, web=_WEB in names, knowledge=knowledge, evidence=evidence)


def _existing(names: Sequence[str]) -> list[str]:
    return [name for name in names if name and Path(name).exists()]


def _is_index(home: Path, name: str) -> bool:
    return _INDEX_NAME.fullmatch(name) is not None and corpus_file(home, name).exists()


async def _evidence_of(names: Sequence[str], shop: Workshop) -> tuple[Evidence, ...]:
    """Return the evidence of some runs; where there are several, ids tell which run it is from."""
    found: list[Evidence] = []
    for name in names:
        try:
            run_id = (await shop.ledger.find(name)).id
        except UnknownRun as error:
            raise UnknownRun(
                f"--against {name!r} is no file or folder, no index (see: plumbline index) and no run (see: "
                "plumbline runs); write web for the web, kb:NAME for a knowledge base"
            ) from error
        report = (await read_view(shop.ledger, run_id)).report
        if report is None or not report.evidence:
            raise UsageError(f"run {run_id} has no evidence to check against; name a run that cites some")
        prefix = f"{run_id}/" if len(names) > 1 else ""
        found.extend(item.model_copy(update={"id": f"{prefix}{item.id}"}) for item in report.evidence)
    return tuple(found)
