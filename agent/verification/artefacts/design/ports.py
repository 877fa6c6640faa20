"""Who does the work of a design: who writes criteria, who writes programs, who looks, and who is asked and told.

Each takes the step that begins the names of its effects: unique in a design, and the same on every re-run. All before
the first slash of a step is one course of work, such as ``r1.c2``; what belongs to different ones may happen at the
same time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from agent.domain.artefacts import ArtefactKind, Criteria, Criterion, Inspection, Mutation, Scenario, View
from agent.domain.base import Fact
from agent.domain.design import Critique, PartPlan
from agent.verification.artefacts.world import ScenarioTemplate


@dataclass(frozen=True)
class Offer:
    """What a world can try out: all that criteria may be made of."""

    kind: ArtefactKind
    scenarios: tuple[ScenarioTemplate, ...]


@dataclass(frozen=True)
class Brief:
    """What whoever writes programs is told. The criteria are not part of it: only what failed of them is told later.

    Attributes:
        guide: of the world: language, limits, an example.
        hints: what the user says besides the wish.
    """

    wish: str
    kind: ArtefactKind
    guide: str
    hints: tuple[str, ...] = ()
    parts: tuple[PartPlan, ...] = ()


@dataclass(frozen=True)
class Mending:
    """How a check is carried out from now on, and why it was not right before."""

    scenario: Scenario
    control: Mutation | None
    reason: str


Easier = Callable[[Mending], str]
"""Says why a check would be easier to pass after a repair; empty where it would not."""


class CriteriaWriter(Protocol):
    """Writes criteria; it never sees a program."""

    async def write(self, step: str, wish: str, offer: Offer) -> Criteria:
        """Return criteria for a wish; what cannot be tested is listed as such. They are checked and frozen elsewhere.

        Hints are not told: they help those who design, and what is asked for is the same with them and without.

        Raises:
            ModelOutputError: there are none that can be used.
        """

    async def mend(self, step: str, criterion: Criterion, detail: str, offer: Offer, easier: Easier) -> Mending | None:
        """Return another way to try what came out inconclusive; None to leave it as it is.

        What ``easier`` refuses is refused by the design as well.

        Raises:
            ModelOutputError: there is none that can be used.
        """


class Designer(Protocol):
    """Writes programs.

    Raises:
        ModelOutputError: from each of the methods; what was to be written cannot be used, or is none.
    """

    async def parts(self, step: str, brief: Brief) -> tuple[PartPlan, ...]:
        """Return the parts of which the artefact is to be made; none where it is of one piece."""

    async def program(self, step: str, brief: Brief, *, number: int, of: int) -> str:
        """Return the first program of a candidate, the one of a number from 1 of so many that are made at once."""

    async def repair(self, step: str, brief: Brief, program: str, error: str) -> str:
        """Return a program in place of one that made nothing usable."""

    async def redesign(self, step: str, brief: Brief, program: str, reflection: str, *, number: int, of: int) -> str:
        """Return a program in place of one that is not good enough; ``program`` is empty where there is none yet."""


@dataclass(frozen=True)
class Looked:
    """A candidate as it is shown to whoever looks at it."""

    id: str
    inspection: Inspection
    views: tuple[View, ...]


class Looker(Protocol):
    """Looks at candidates: visual verification. A look that comes to nothing is a critique with a failure."""

    async def look(self, step: str, brief: Brief, seen: Looked) -> tuple[Critique, ...]:
        """Return what rules say, and what a model says where there is one."""

    async def better(self, step: str, brief: Brief, first: Looked, second: Looked) -> float:
        """Return what the first of two gets in a game between them: 1 won, 0.5 drawn, 0 lost."""


class Asker(Protocol):
    """The person of a design: asked when it does not get on, and heard after each round."""

    async def ask(self, step: str, question: str, options: Sequence[str]) -> str:
        """Return the answer."""

    async def heard(self, number: int, *, before: str) -> Sequence[str]:
        """Return what they have said unasked since the last round; ``before`` is the step that is told right after."""


Stage = Literal["criteria", "mended", "parts", "candidate", "tried", "round", "stopped"]


class Happened(Fact):
    """Something of a design stands from now on, as those who watch are told.

    Attributes:
        stage: ``criteria``: frozen, or why not. ``mended``: a check is carried out in another way. ``parts``.
            ``candidate``: built, inspected and looked at, or failed. ``tried``: it was tried out. ``round``: its end.
            ``stopped``: the end.
        round: its number; 0 before the first.
        candidate: the id of the one it is about; empty for others.
        text: one line for people.
        data: as JSON what stands: ``criteria``, ``parts``, ``candidate``, ``results``, ``round``, ``accepted``.
    """

    stage: Stage
    round: int = 0
    candidate: str = ""
    text: str
    data: Mapping[str, Any] = {}


class Teller(Protocol):
    """Whoever tells those who watch. Nothing follows from it."""

    async def tell(self, step: str, happened: Happened) -> None:
        """Tell what stands; ``step`` is unique in the design."""
