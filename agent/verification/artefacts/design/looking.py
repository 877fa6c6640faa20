"""Where nobody who can judge looks is at hand."""

from agent.domain.design import Critique
from agent.verification.artefacts.design.ports import Brief, Looked


class NoLooker:
    """Has no opinion. Implements ``Looker``."""

    async def look(self, step: str, brief: Brief, seen: Looked) -> tuple[Critique, ...]:
        """Return no critique."""
        return ()

    async def better(self, step: str, brief: Brief, first: Looked, second: Looked) -> float:
        """Return a draw."""
        return 0.5
