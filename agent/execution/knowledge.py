"""Knowledge bases as a run asks them: their files may change, so each answer is recorded."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from agent.domain.claims import Statement
from agent.execution.context import RunContext
from agent.ledger.effects import ResultT
from agent.verification.knowledge.forms import Plausibilities, Surroundings, TripleVerdict


class RecordedKnowledge:
    """Asks the knowledge bases of a run. Implements ``Knowledge``.

    Args:
        run: the run; each answer is an effect of it.
        branch: begins the keys of the effects.
    """

    def __init__(self, run: RunContext, branch: str) -> None:
        self._run = run
        self._branch = branch

    async def look_up(self, step: str, base: str, statement: Statement) -> TripleVerdict:
        """Return what a knowledge base says of a statement; verdict ``error`` where it cannot be asked."""

        async def perform() -> TripleVerdict:
            return await self._run.knowledge.look_up(step, base, statement)

        return await self._effect(step, "look_up", {"base": base, **_said(statement)}, TripleVerdict, perform)

    async def around(self, step: str, base: str, statement: Statement, limit: int) -> Surroundings:
        """Return what a knowledge base holds about the subject of a statement, at most ``limit`` triples."""

        async def perform() -> Surroundings:
            return await self._run.knowledge.around(step, base, statement, limit)

        arguments = {"base": base, **_said(statement), "limit": limit}
        return await self._effect(step, "look_around", arguments, Surroundings, perform)

    async def plausible(self, step: str, base: str, statements: Sequence[Statement]) -> Plausibilities:
        """Return how plausible statements are by what was learnt from a knowledge base; it is no verdict."""

        async def perform() -> Plausibilities:
            return await self._run.knowledge.plausible(step, base, statements)

        arguments = {"base": base, "statements": [_said(statement) for statement in statements]}
        return await self._effect(step, "plausibility", arguments, Plausibilities, perform)

    async def _effect(
        self,
        step: str,
        tool: str,
        arguments: dict[str, Any],
        result_type: type[ResultT],
        perform: Callable[[], Awaitable[ResultT]],
    ) -> ResultT:
        request = {"tool": tool, "arguments": arguments, "where": "host", "effects": ["reads"]}
        return await self._run.ledger.effect(f"{self._branch}/{step}", "tool", request, result_type, perform)


def _said(statement: Statement) -> dict[str, Any]:
    return statement.model_dump(mode="json", exclude_defaults=True)
