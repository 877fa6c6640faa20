"""What passes through the graph of a design."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from agent.domain.artefacts import Criteria
from agent.domain.design import Candidate, PartPlan, Round, Stop
from agent.domain.task import BuildOrder
from agent.verification.artefacts.design.config import DesignConfig
from agent.verification.artefacts.design.ports import (
    Asker,
    Brief,
    CriteriaWriter,
    Designer,
    Happened,
    Looker,
    Offer,
    Stage,
    Teller,
)
from agent.verification.artefacts.freezing import FrozenCriteria
from agent.verification.artefacts.world import World


@dataclass(frozen=True)
class Crew:
    """Who does the work of a design.

    Attributes:
        allowance: whether another round may be begun; it follows from effects alone.
    """

    writer: CriteriaWriter
    designer: Designer
    looker: Looker
    asker: Asker
    teller: Teller
    allowance: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class Course:
    """What the nodes of the graph work with.

    Attributes:
        criteria: those that a person wrote; None where they are written from the wish.
    """

    wish: str
    order: BuildOrder
    criteria: Criteria | None
    world: World[Any]
    crew: Crew
    config: DesignConfig

    @property
    def offer(self) -> Offer:
        """What criteria may be made of."""
        return Offer(self.world.kind, self.world.scenarios())

    def brief(self, parts: tuple[PartPlan, ...]) -> Brief:
        """Return what designers are told."""
        return Brief(self.wish, self.world.kind, self.world.guide(), self.order.hints, parts)

    async def tell(
        self, step: str, stage: Stage, text: str, *, number: int = 0, candidate: str = "", **data: Any
    ) -> None:
        """Tell those who watch what stands."""
        happened = Happened(stage=stage, round=number, candidate=candidate, text=text, data=data)
        await self.crew.teller.tell(step, happened)


def merged(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Return what is known by name, the newer in place of the older."""
    return {**before, **now}


class State(TypedDict, total=False):
    """The state of a design.

    Attributes:
        criteria: as they were written; in force are those of ``frozen``.
        number: of the round, from 1.
        candidates: how many there are in each round.
        made: all candidates by their ids.
        builds: what they are, by the same ids.
        base: id of the candidate from whose program this round's programs are made; None without one.
        best: id of the best candidate so far.
        preferred: ids of this round's candidates, the best first by what could be seen before they were tried out.
        told: what this round's designers are told to change.
        stalls: rounds one after the other that brought nothing better.
        asked: whether a person was asked what to change.
        mendings: how often checks were repaired.
        stop: why the design is at its end; None while it is not.
    """

    criteria: Criteria
    frozen: FrozenCriteria | None
    parts: tuple[PartPlan, ...]
    number: int
    candidates: int
    made: Annotated[dict[str, Candidate], merged]
    builds: Annotated[dict[str, Any], merged]
    rounds: tuple[Round, ...]
    base: str | None
    best: str | None
    preferred: tuple[str, ...]
    told: str
    stalls: int
    asked: bool
    mendings: int
    notes: tuple[str, ...]
    stop: Stop | None


def of_round(state: State) -> list[Candidate]:
    """Return the candidates of the present round, in the order of their numbers."""
    begins = f"r{state['number']}.c"
    found = [one for name, one in state["made"].items() if name.startswith(begins)]
    return sorted(found, key=lambda one: int(one.id.removeprefix(begins)))


def bare(text: str) -> str:
    """Return a text without the full stop at its end."""
    return text.rstrip().rstrip(".\u3002")


def sentence(text: str) -> str:
    """Return a text with one full stop at its end, whether it had one or not."""
    return f"{bare(text)}."
