"""Knowledge bases by name, behind an async API: one SQLite file each, in the folder ``kb`` of the user's data."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import anyio.to_thread

from agent.domain.claims import Statement
from agent.domain.errors import KnowledgeUnavailable, UnknownKnowledge, UsageError
from agent.verification.knowledge.exporting import export
from agent.verification.knowledge.forms import (
    Exported,
    Held,
    KnowledgeStats,
    Link,
    Loaded,
    Surroundings,
    TripleVerdict,
)
from agent.verification.knowledge.judging import judge_statement
from agent.verification.knowledge.linking import link
from agent.verification.knowledge.loading import load
from agent.verification.knowledge.numbering import Numbered, digest, located, numbered
from agent.verification.knowledge.store import SUBJECT, Store
from agent.verification.knowledge.surroundings import surroundings

ResultT = TypeVar("ResultT")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class KnowledgeBase:
    """A set of triples with names, types, and what is known about relations.

    SQLite runs in worker threads, one hop for a whole operation.

    Args:
        path: its file; made on first use. ``open_knowledge`` finds the one of a name.

    Raises:
        KnowledgeUnavailable: from every method, when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._store = Store(path)

    @property
    def path(self) -> Path:
        """Its file."""
        return self._store.path

    async def __aenter__(self) -> "KnowledgeBase":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the file. The knowledge base may be used again afterwards."""
        await anyio.to_thread.run_sync(self._store.close)

    async def add(
        self,
        path: Path | None = None,
        *,
        aliases: Path | None = None,
        functional: Sequence[str] = (),
        symmetric: Sequence[str] = (),
        inverse: Sequence[tuple[str, str]] = (),
        learn: bool = False,
    ) -> Loaded:
        """Add triples, names, and declarations of relations; see ``load``.

        Raises:
            UsageError: a file or a relation cannot be used; nothing was added.
        """
        return await self._do(
            lambda store: load(
                store,
                path,
                aliases=aliases,
                functional=functional,
                symmetric=symmetric,
                inverse=inverse,
                learn=learn,
            )
        )

    async def judge(self, statement: Statement) -> TripleVerdict:
        """Return what the knowledge base says of a statement; see ``judge_statement``."""
        return await self._do(lambda store: judge_statement(store, statement))

    async def link(self, text: str) -> Link:
        """Return what a name stands for, of whatever type."""
        return await self._do(lambda store: link(store, text))

    async def objects(self, subject: str, relation: str) -> tuple[Link, tuple[Held, ...]]:
        """Return what a subject stands for, and its triples of a relation, also by symmetry and inverses.

        Raises:
            UsageError: no one relation has that name.
        """

        def look(store: Store) -> tuple[Link, tuple[Held, ...]]:
            known = store.relation_named(relation)
            if known is None:
                raise UsageError(f"no one relation is called {relation!r}; `plumbline kb list NAME` shows them")
            about = link(store, subject, store.expected_types(known, SUBJECT))
            found = store.objects(about.entity, known) if about.entity is not None else ()
            return about, tuple(store.held(stored) for stored in found)

        return await self._do(look)

    async def around(self, statement: Statement, limit: int) -> Surroundings:
        """Return what is held about the subject of a statement, the most relevant first; see ``surroundings``."""
        return await self._do(lambda store: surroundings(store, statement, limit))

    async def numbered(self, limit: int) -> Numbered:
        """Return all triples in numbers; see ``numbered``.

        Raises:
            UsageError: it has more things than ``limit``, or no triples.
        """
        return await self._do(lambda store: numbered(store, limit))

    async def digest(self) -> str:
        """Return a text that changes whenever something is added."""
        return await self._do(digest)

    async def located(self, statements: Sequence[Statement]) -> tuple[tuple[int, int, int] | None, ...]:
        """Return for each statement the numbers of what it names; None where one is not known for certain."""
        return await self._do(lambda store: tuple(located(store, statement) for statement in statements))

    async def export(self, path: Path) -> Exported:
        """Write it as N-Triples; see ``export``.

        Raises:
            UsageError: the file is there already, or cannot be written.
        """
        return await self._do(lambda store: export(store, path))

    async def stats(self) -> KnowledgeStats:
        """Return how much the knowledge base holds."""
        return await self._do(Store.stats)

    async def _do(self, work: Callable[[Store], ResultT]) -> ResultT:
        return await anyio.to_thread.run_sync(work, self._store)


async def judge_triple(kb: KnowledgeBase, triple: Statement) -> TripleVerdict:
    """Return what a knowledge base says of a triple: supported, contradicted, qualified or not found, and by what."""
    return await kb.judge(triple)


def knowledge_file(home: Path, name: str) -> Path:
    """Return the file of the knowledge base of a name, which may not be there yet.

    Raises:
        UsageError: it is no name.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"a knowledge base's name is made of up to 64 letters, digits, - and _, not {name!r}")
    return home / "kb" / f"{name}.db"


def learnt_file(path: Path) -> Path:
    """Return where vectors learnt from the knowledge base of a file are kept."""
    return path.with_suffix(".complex.npz")


def open_knowledge(home: Path, name: str) -> KnowledgeBase:
    """Return the knowledge base of a name.

    Raises:
        UsageError: it is no name.
        UnknownKnowledge: there is none.
    """
    path = knowledge_file(home, name)
    if not path.is_file():
        raise UnknownKnowledge(f"there is no knowledge base {name!r}; make it with `plumbline kb add {name} FILE`")
    return KnowledgeBase(path)


def list_knowledge(home: Path) -> tuple[str, ...]:
    """Return the names of all knowledge bases."""
    return tuple(sorted(path.stem for path in (home / "kb").glob("*.db") if _NAME.fullmatch(path.stem)))


def remove_knowledge(home: Path, name: str) -> None:
    """Delete a knowledge base.

    Raises:
        UnknownKnowledge: there is none.
        KnowledgeUnavailable: its file cannot be deleted.
    """
    path = open_knowledge(home, name).path
    try:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        learnt_file(path).unlink(missing_ok=True)
    except OSError as error:
        raise KnowledgeUnavailable(f"{path} cannot be deleted: {error.strerror or error}") from error
