"""A run's world: what was made, looked at and tried once is taken from the record, whoever asks for it again."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from agent.domain.artefacts import Mutation, Scenario, Trial
from agent.domain.errors import SandboxUnavailable, UsageError
from agent.domain.task import Task
from agent.execution.artefacts import Handle, RecordedWorld
from agent.ledger.effects import Mode, RunLedger
from agent.ledger.lease import Lease
from agent.ledger.store import Ledger
from agent.verification.artefacts.testing import Measured, ScriptedBuild, ScriptedWorld
from agent.verification.artefacts.world import BuildFailed, NotConcerned, TrialImpossible
from toolserver.client import SandboxLost

WALKS = Scenario(name="walks")


class NotedWorld(ScriptedWorld):
    """A scripted world that counts what was really done."""

    def __init__(self, *answers: Measured | Exception) -> None:
        script = {"good": answers or (Measured(1),), "bad": (Measured(9),)}
        super().__init__(script, mutations={"cut": "bad", "same": "same", "odd": TrialImpossible("no such part")})
        self.done: Counter[str] = Counter()

    async def build(self, program: str) -> ScriptedBuild:
        self.done["build"] += 1
        await asyncio.sleep(0)
        return await super().build(program)

    async def mutate(self, build: ScriptedBuild, mutation: Mutation) -> ScriptedBuild:
        self.done["mutate"] += 1
        return await super().mutate(build, mutation)

    async def simulate(self, build: ScriptedBuild, scenario: Scenario, measure: str, seed: int) -> Trial:
        self.done["simulate"] += 1
        return await super().simulate(build, scenario, measure, seed)


@pytest.fixture
async def lease(ledger: Ledger) -> Lease:
    return await ledger.leases.claim(await ledger.create(Task(goal="x")), "test")


@asynccontextmanager
async def opened(
    ledger: Ledger, lease: Lease, world: ScriptedWorld, *, replay: bool = False
) -> AsyncIterator[RecordedWorld]:
    """A run's world; at the end everything it recorded is committed, as at the end of a session."""
    mode: Mode = "replay" if replay else "live"
    run = RunLedger(ledger, lease.run_id, fence=None if replay else lease.fence, mode=mode)
    await run.load()
    yield RecordedWorld(world, run, "building.world")
    await run.flush()


async def everything(world: RecordedWorld) -> list[object]:
    build = await world.build("good")
    cut = await world.mutate(build, Mutation(name="cut"))
    return [
        await world.inspect(build),
        await world.look(build),
        (await world.simulate(build, WALKS, "distance", 3)).value,
        (await world.simulate(cut, WALKS, "distance", 3)).value,
        await world.files(cut),
    ]


async def test_a_replay_gives_the_same_and_does_nothing(ledger: Ledger, lease: Lease) -> None:
    first, second = NotedWorld(), NotedWorld()
    async with opened(ledger, lease, first) as world:
        live = await everything(world)
    assert live[2:4] == [1, 9]
    assert first.done == {"build": 1, "mutate": 1, "simulate": 2}
    async with opened(ledger, lease, second, replay=True) as world:
        assert await everything(world) == live
    assert second.done == {}


async def test_what_is_new_after_a_resumption_makes_the_build_again_and_nothing_else(
    ledger: Ledger, lease: Lease
) -> None:
    async with opened(ledger, lease, NotedWorld()) as world:
        await everything(world)
    again = NotedWorld()
    async with opened(ledger, lease, again) as world:
        await everything(world)
        assert again.done == {}
        cut = await world.mutate(await world.build("good"), Mutation(name="cut"))
        assert (await world.simulate(cut, WALKS, "distance", 4)).value == 9
    assert again.done == {"build": 1, "mutate": 1, "simulate": 1}


async def test_what_several_ask_for_at_the_same_time_is_done_once(ledger: Ledger, lease: Lease) -> None:
    noted = NotedWorld()
    async with opened(ledger, lease, noted) as world:
        builds = await asyncio.gather(*(world.build("good") for _ in range(4)))
        assert builds == [Handle("good")] * 4
        trials = await asyncio.gather(*(world.simulate(build, WALKS, "distance", 0) for build in builds))
    assert {trial.value for trial in trials} == {1}
    assert noted.done == {"build": 1, "simulate": 1}


async def test_failures_are_recorded_and_are_the_same_in_a_replay(ledger: Ledger, lease: Lease) -> None:
    raised = [
        TrialImpossible("no floor"),
        NotConcerned("no door"),
        UsageError("no such measure"),
        ZeroDivisionError("0"),
    ]
    expected = [TrialImpossible, NotConcerned, UsageError, TrialImpossible]
    for replay in (False, True):
        async with opened(ledger, lease, NotedWorld(*raised), replay=replay) as world:
            with pytest.raises(BuildFailed, match="there is no build 'ugly'"):
                await world.build("ugly")
            build = await world.build("good")
            for seed, error in enumerate(expected):
                with pytest.raises(error):
                    await world.simulate(build, WALKS, "distance", seed)
            with pytest.raises(TrialImpossible, match="no such part"):
                await world.mutate(build, Mutation(name="odd"))
            assert await world.mutate(build, Mutation(name="same")) is build


async def test_a_lost_sandbox_stops_the_run_and_is_no_verdict(ledger: Ledger, lease: Lease) -> None:
    async with opened(ledger, lease, NotedWorld(SandboxLost("the sandbox is gone"))) as world:
        build = await world.build("good")
        with pytest.raises(SandboxUnavailable, match="the sandbox is gone"):
            await world.simulate(build, WALKS, "distance", 0)
