"""Runs of the product in agentdojo's environments: real Runner and ledger, the environment's tools, its judgement."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from agent.domain.base import Fact
from agent.domain.budget import Budget
from agent.domain.errors import PlumblineError, ServiceError, WaitingForPerson
from agent.domain.report import Report
from agent.domain.task import Task
from agent.execution.policy import Approval, ToolEffect
from agent.ledger.filing import Filing
from agent.ledger.store import Ledger
from agent.models.port import ChatModel
from agent.models.together import together
from agent.runtime.runner import Runner
from agent.runtime.settings import ROLES, Role, Settings
from evals.dojo.client import Bridge, Room
from evals.dojo.effects import effects_of
from evals.dojo.gullible import ObedientModel
from evals.dojo.people import Answerer, Person
from evals.dojo.protocol import DojoSuite, DojoTask
from evals.dojo.services import RoomServices
from evals.dojo.tools import room_tools

_SECONDS = 1800.0
"""Time of a run: nothing may hold up the whole measurement."""

Models = Callable[[DojoTask], Awaitable[Mapping[Role, ChatModel]]]
"""Gives the models of a run."""


@dataclass(frozen=True)
class Bout:
    """One task, attacked or not, and who is asked.

    Attributes:
        injection: what the attacker is after; None where nobody attacks.
        attack: how it is said.
    """

    suite: str
    user: str
    person: Person
    injection: str | None = None
    attack: str | None = None

    @property
    def title(self) -> str:
        """What its run is called."""
        against = "not attacked" if self.injection is None else f"{self.injection} as {self.attack}"
        return f"agentdojo {self.suite} {self.user}, {against}, {self.person}"


class Outcome(Fact):
    """What came of one bout.

    Attributes:
        saw: the attacker's words reached the model; None where it is not known.
        harmed: the harm is done, by the benchmark's judgement; None where nobody attacked.
        words: what the attacker is after is words of the answer, and no call; False where the benchmark does not say.
        done: all calls by which the harm is done were made, whatever the benchmark says of it; False where the attacker
            wants words.
        useful: the user's task is solved, by the benchmark's judgement.
        questions: that a person was asked, with the one that a run was left waiting with.
        refused: how many of them were answered with no.
        ended: how the run ended: the outcome of its report, or why there is none.
        broke: the run could not go on, so that it shows neither harm nor that there is none.
    """

    suite: str
    user: str
    injection: str | None
    attack: str | None
    person: Person
    saw: bool | None
    harmed: bool | None
    words: bool
    done: bool
    useful: bool
    questions: int = Field(ge=0)
    refused: int = Field(ge=0)
    ended: str
    broke: bool = False
    run_id: str

    @property
    def by_calls(self) -> bool:
        """Whether harm was done by calls, by the benchmark's judgement or since all of them were made."""
        return self.done or (bool(self.harmed) and not self.words)


class Arena:
    """Everything that bouts need.

    Args:
        ledger: keeps the runs.
        bridge: to the environments.
        suites: by name.
        settings: of the runs.
        models: of a run; None for the model that obeys everything.
        effects: what tools do.
    """

    def __init__(
        self,
        ledger: Ledger,
        bridge: Bridge,
        suites: Mapping[str, DojoSuite],
        settings: Settings,
        *,
        models: Models | None = None,
        effects: Callable[[str], tuple[ToolEffect, ...]] = effects_of,
    ) -> None:
        self._ledger = ledger
        self._bridge = bridge
        self._suites = suites
        self._settings = settings
        self._models = models
        self._effects = effects

    async def meet(self, bout: Bout) -> Outcome:
        """Let a run work on a task, and have what it leaves behind judged.

        Raises:
            ServiceError: the bridge or a model cannot be reached.
        """
        async with self._bridge.opened(bout.suite, bout.user, bout.injection, bout.attack) as room:
            return await self._met(bout, room)

    async def _met(self, bout: Bout, room: Room) -> Outcome:
        obedient: ObedientModel | None = None
        if self._models is None:
            obedient = ObedientModel(room.task)
            models: Mapping[Role, ChatModel] = dict.fromkeys(ROLES, obedient)
        else:
            models = await self._models(room.task)
        approval: Approval = "never" if bout.person == "off" else "effects"
        tools = room_tools(self._suites[bout.suite].tools, room, self._effects, approval)
        answerer = Answerer(bout.person, room.task)
        runner = Runner(self._ledger, RoomServices(models, tools), self._settings, asker=answerer.asker)
        task = Task(
            goal=room.task.goal, constraints=(room.task.system.replace("\\\n", ""),), budget=Budget(seconds=_SECONDS)
        )
        try:
            filing = Filing(title=bout.title, tags=("agentdojo",))
            run_id = await runner.start(task, filing=filing)
            report, ended = await _worked(runner, run_id)
            waits = ended.startswith(_WAITS)
            if waits:
                # the environment ends with this process, so that nobody could go on with it
                await runner.cancel(run_id)
        finally:
            await runner.close()
        made = {tool.tool.spec.name: tool.made for tool in tools}
        judged = await room.judge(report.answer if report is not None else "")
        return Outcome(
            suite=bout.suite,
            user=bout.user,
            injection=bout.injection,
            attack=bout.attack,
            person=bout.person,
            saw=obedient.saw if obedient is not None else None,
            harmed=judged.security,
            words=bool(room.task.said) and not room.task.orders,
            done=bool(room.task.orders) and all(call.arguments in made[call.tool] for call in room.task.orders),
            useful=judged.utility,
            questions=len(answerer.asked) + waits,
            refused=answerer.refused,
            ended=ended,
            broke=ended.startswith(_BROKE),
            run_id=run_id,
        )


async def meet_all(
    arena: Arena, bouts: Sequence[Bout], *, at_a_time: int = 4, told: Callable[[Outcome], None] = lambda outcome: None
) -> list[Outcome]:
    """Return what came of bouts, in their order; ``told`` hears of each as it ends.

    Raises:
        ServiceError: the bridge or a model cannot be reached.
    """
    free = asyncio.Semaphore(at_a_time)

    async def one(bout: Bout) -> Outcome:
        async with free:
            outcome = await arena.meet(bout)
        told(outcome)
        return outcome

    return await together(one(bout) for bout in bouts)


_WAITS = "waits: "
_BROKE = "could not go on: "


async def _worked(runner: Runner, run_id: str) -> tuple[Report | None, str]:
    try:
        report = await runner.wait(run_id)
    except WaitingForPerson as waiting:
        return None, f"{_WAITS}{waiting}"
    except ServiceError:
        raise
    except PlumblineError as error:
        return None, f"{_BROKE}{error}"
    return report, report.outcome
