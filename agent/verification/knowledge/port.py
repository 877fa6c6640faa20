"""How the chain of checks asks knowledge bases: their files are outside a run, so each question is an effect."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import anyio

from agent.domain.claims import Statement
from agent.domain.errors import ConfigurationError, KnowledgeUnavailable, UsageError
from agent.verification.knowledge.base import KnowledgeBase, learnt_file, open_knowledge
from agent.verification.knowledge.forms import Plausibilities, Surroundings, TripleVerdict
from agent.verification.knowledge.plausibility.required import require


class Knowledge(Protocol):
    """Asks knowledge bases by name. A run's implementation records the answers, failures among them."""

    async def look_up(self, step: str, base: str, statement: Statement) -> TripleVerdict:
        """Return what a knowledge base says of a statement; verdict ``error`` where it cannot be asked."""

    async def around(self, step: str, base: str, statement: Statement, limit: int) -> Surroundings:
        """Return what a knowledge base holds about the subject of a statement, at most ``limit`` triples.

        Those of the statement's relation come first, then those of relations with words of it.
        """

    async def plausible(self, step: str, base: str, statements: Sequence[Statement]) -> Plausibilities:
        """Return how plausible statements are by what was learnt from a knowledge base; it is no verdict."""


class NoKnowledge:
    """Has no knowledge bases. Implements ``Knowledge``."""

    async def look_up(self, step: str, base: str, statement: Statement) -> TripleVerdict:
        """Say that there is none of that name."""
        return TripleVerdict(verdict="error", reason=f"the knowledge base {base!r} is not at hand")

    async def around(self, step: str, base: str, statement: Statement, limit: int) -> Surroundings:
        """Say that there is none of that name."""
        return Surroundings(failure=f"the knowledge base {base!r} is not at hand")

    async def plausible(self, step: str, base: str, statements: Sequence[Statement]) -> Plausibilities:
        """Score nothing: nothing was learnt."""
        return Plausibilities(scores=(None,) * len(statements))


class KnowledgeFiles:
    """Asks the knowledge bases in the user's data folder; nothing is recorded.

    Args:
        home: the data folder.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._open: dict[str, KnowledgeBase] = {}

    async def __aenter__(self) -> "KnowledgeFiles":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all files. They are opened again when needed."""
        for base in self._open.values():
            await base.close()
        self._open.clear()

    async def look_up(self, step: str, base: str, statement: Statement) -> TripleVerdict:
        """Return what a knowledge base says of a statement; verdict ``error`` where it cannot be asked."""
        try:
            return await self._base(base).judge(statement)
        except (UsageError, KnowledgeUnavailable) as error:
            return TripleVerdict(verdict="error", reason=str(error))

    async def around(self, step: str, base: str, statement: Statement, limit: int) -> Surroundings:
        """Return what a knowledge base holds about the subject of a statement, at most ``limit`` triples."""
        try:
            return await self._base(base).around(statement, limit)
        except (UsageError, KnowledgeUnavailable) as error:
            return Surroundings(failure=str(error))

    async def plausible(self, step: str, base: str, statements: Sequence[Statement]) -> Plausibilities:
        """Return how plausible statements are by what was learnt from a knowledge base; it is no verdict."""
        nothing = (None,) * len(statements)
        try:
            if not await anyio.Path(learnt_file(self._base(base).path)).is_file():
                return Plausibilities(scores=nothing)
            require()
            # numpy is an extra, and takes a while
            from agent.verification.knowledge.plausibility.ranking import open_plausibility

            async with await open_plausibility(self._home, base) as learnt:
                return Plausibilities(scores=await learnt.scores(statements))
        except (UsageError, KnowledgeUnavailable, ConfigurationError) as error:
            return Plausibilities(scores=nothing, failure=str(error))

    def _base(self, name: str) -> KnowledgeBase:
        if name not in self._open:
            self._open[name] = open_knowledge(self._home, name)
        return self._open[name]
