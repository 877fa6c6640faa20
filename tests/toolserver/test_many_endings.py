"""Calls that are ended at random moments leave no process behind, in any number."""

import asyncio
import random
import uuid

import pytest

from tests.toolserver.asking import eventually, processes_with
from toolserver.client import Sandbox
from toolserver.testing import InProcessSandbox

CALLS = 200
SIDE_BY_SIDE = 8


def restless(marker: str) -> str:
    """Return a command that leaves a session, ignores signals and goes on for long."""
    deaf = f"trap '' TERM HUP INT; sleep 600 & sleep 600; : {marker}"
    return f'setsid bash -c "{deaf}" & bash -c "{deaf}" & sleep 600; : {marker}'


async def end_many(sandbox: Sandbox, marker: str) -> list[str | None]:
    """Run calls and end each at a random moment, by its time limit or by cancelling; return how they ended."""
    # such processes are seen while they run, so seeing none afterwards means something
    probe = asyncio.ensure_future(sandbox.call("probe", "shell", {"command": restless(marker)}))
    await eventually(lambda: len(processes_with(marker)) >= 2)
    await sandbox.cancel("probe")
    await probe

    chance = random.Random(11)  # noqa: S311 - a test that can be repeated
    free = asyncio.Semaphore(SIDE_BY_SIDE)

    async def one(number: int) -> str | None:
        async with free:
            form: dict[str, object] = {"command": restless(marker), "session": f"s{number % SIDE_BY_SIDE}"}
            moment = chance.uniform(0.01, 0.5)
            if number % 2:
                return (await sandbox.call(f"ended-{number}", "shell", {**form, "seconds": moment})).error
            call = asyncio.ensure_future(sandbox.call(f"ended-{number}", "shell", form))
            await asyncio.sleep(moment)
            await sandbox.cancel(f"ended-{number}")
            return (await call).error

    return list(await asyncio.gather(*(one(number) for number in range(CALLS))))


@pytest.mark.slow
async def test_two_hundred_calls_that_are_ended_leave_no_process(sandbox: InProcessSandbox) -> None:
    marker = f"marked-{uuid.uuid4().hex}"
    endings = await end_many(sandbox, marker)

    assert endings.count("timeout") == CALLS // 2
    assert endings.count("cancelled") == CALLS // 2
    assert processes_with(marker) == []


@pytest.mark.slow
@pytest.mark.docker
async def test_two_hundred_ended_calls_leave_no_process_in_a_container(container: Sandbox) -> None:
    marker = f"marked-{uuid.uuid4().hex}"

    endings = await end_many(container, marker)

    assert set(endings) == {"timeout", "cancelled"}
    # a container's processes are processes of this machine
    assert processes_with(marker) == []
    assert (await container.call("after", "shell", {"command": "echo well"})).text.startswith("well")
