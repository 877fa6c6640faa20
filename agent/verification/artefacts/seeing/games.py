"""Games between artefacts or systems, decided by whoever looks at them: the judge of an Elo tournament."""

from collections.abc import Mapping

from agent.verification.artefacts.design.ports import Brief, Looked
from agent.verification.artefacts.elo import Judge
from agent.verification.artefacts.seeing.looking import ModelLooker


class LookingJudge:
    """Compares two artefacts of one wish by a model, as ``elo.tournament`` asks for it, which asks both ways round.

    Args:
        looker: who compares.
        step: begins the names of the effects.
        brief: with the wish.
        shown: the artefacts by the names of their players.
        otherwise: who decides where nothing usable was said; without one that is a draw.

    Attributes:
        failures: why nothing usable was said, by the two players in the order in which they were shown.
    """

    def __init__(
        self,
        looker: ModelLooker,
        step: str,
        brief: Brief,
        shown: Mapping[str, Looked],
        otherwise: Judge | None = None,
    ) -> None:
        self._looker = looker
        self._step = step
        self._brief = brief
        self._shown = shown
        self._otherwise = otherwise
        self.failures: dict[tuple[str, str], str] = {}

    async def __call__(self, first: str, second: str) -> float:
        """Return what the first gets: 1 won, 0.5 drawn, 0 lost."""
        score, said = await self._looker.compared(
            f"{self._step}/{first}/{second}", self._brief, self._shown[first], self._shown[second]
        )
        if score is not None:
            return score
        self.failures[first, second] = said
        return 0.5 if self._otherwise is None else await self._otherwise(first, second)
