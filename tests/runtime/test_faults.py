"""Faults of disks, databases and model servers: each is told in one line, and the run goes on when it is over."""

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.domain.errors import LedgerUnavailable, ModelRefused, PlumblineError
from agent.domain.messages import Reply
from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.models.config import OpenAIConfig, RetryPolicy
from agent.models.openai_compatible import OpenAICompatible
from agent.models.port import Profile
from agent.models.testing.script import Payload, Raw, Reset, Step, Truncated, call, error, say
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.models.testing.scripted_server import ScriptedServer
from agent.runtime.history import read_view
from tests.studio import StudioServices, studio

DONE = call("submit", answer="Done.", success=False)


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 4 MB of its own."""
    place = folder / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


async def test_a_full_disk_stops_the_run_with_a_line_and_nothing_recorded_is_lost(
    small_disk: Path, folder: Path
) -> None:
    ledger = await Ledger.open(small_disk / "home")
    filler = small_disk / "filler"
    long = "x" * 900_000
    turns = [call("write_file", path=f"{n}.txt", content=f"{n}{long}") for n in range(8)]
    model = ScriptedModel([*turns, *turns, DONE])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="Fill the disk"))
        with pytest.raises(LedgerUnavailable, match="make room"):
            await runner.wait(run_id)
        recorded = [event.seq async for event in ledger.events(run_id)]
        assert recorded == list(range(1, len(recorded) + 1))
        asked_before = len(model.asked)
        filler.unlink(missing_ok=True)
        subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
        model = ScriptedModel(lambda asked: DONE)
        async with studio(ledger, StudioServices(model, folder)) as another:
            await another.resume(run_id)
            await another.wait(run_id)
    assert 1 < asked_before < 9
    assert len(model.asked) == 1
    await ledger.close()


async def test_a_read_only_data_folder_is_told_in_one_line(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(LedgerUnavailable, match="set PLUMBLINE_HOME to a writable folder"):
        await Ledger.open(small_disk / "home")


async def test_a_database_that_another_process_locks_is_waited_for(home: Path, folder: Path) -> None:
    ledger = await Ledger.open(home)
    other = sqlite3.connect(home / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with studio(ledger, StudioServices(ScriptedModel([DONE]), folder)) as runner:
        starting = asyncio.create_task(runner.start(Task(goal="x")))
        await asyncio.sleep(0.3)
        assert not starting.done()
        other.execute("COMMIT")
        other.close()
        await runner.wait(await starting)
    await ledger.close()


@pytest.mark.parametrize(
    "faults",
    [
        [error(429, "slow down", Retry_After="0")],
        [error(500, "oops"), error(529, "overloaded")],
        [Reset()],
        [Truncated(DONE)],
        [Payload({"choices": []})],
    ],
    ids=["429", "5xx", "reset", "truncated", "no choices"],
)
async def test_a_passing_fault_of_the_model_server_is_retried_visibly(
    ledger: Ledger, folder: Path, faults: list[Step]
) -> None:
    async with ScriptedServer([*faults, DONE]) as server:
        model = _model(server.base_url)
        async with studio(ledger, StudioServices(model, folder)) as runner:
            run_id = await runner.start(Task(goal="x"))
            report = await runner.wait(run_id)
        await model.close()
    view = await read_view(ledger, run_id)
    assert report.answer == "Done."
    assert len(view.notices) == len(faults)
    assert all("next try in" in notice for notice in view.notices)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (error(401, "bad key"), "key"),
        (error(404, "no such model"), "404 Not Found: no such model"),
        (Raw(b"<html><h1>It works!</h1></html>"), "text/html"),
    ],
    ids=["wrong key", "unknown model", "html"],
)
async def test_a_lasting_fault_of_the_model_server_stops_the_run_with_a_line_and_it_can_be_resumed(
    ledger: Ledger, folder: Path, fault: Step, told: str
) -> None:
    async with ScriptedServer([fault, DONE]) as server:
        model = _model(server.base_url)
        async with studio(ledger, StudioServices(model, folder)) as runner:
            run_id = await runner.start(Task(goal="x"))
            with pytest.raises(ModelRefused, match=told) as caught:
                await runner.wait(run_id)
            assert "\n" not in str(caught.value)
            assert (await ledger.find(run_id)).status == "paused"
            await runner.resume(run_id)
            await runner.wait(run_id)
        await model.close()


async def test_a_model_that_talks_prose_over_http_ends_as_an_unverified_answer(ledger: Ledger, folder: Path) -> None:
    async with ScriptedServer([say("Hello!"), say("I am a chat model.")]) as server:
        model = _model(server.base_url)
        async with studio(ledger, StudioServices(model, folder)) as runner:
            report = await runner.wait(await runner.start(Task(goal="x")))
        await model.close()
    assert (report.outcome, report.exit_code) == ("unverified", 3)


async def test_a_sandbox_that_cannot_be_opened_pauses_the_run(ledger: Ledger, folder: Path) -> None:
    class NoRoom(StudioServices):
        async def open_sandbox(self, options, run_id, on_egress=None):  # type: ignore[no-untyped-def]
            from toolserver.client import SandboxUnavailable

            raise SandboxUnavailable("the engine is down")

    async with studio(ledger, NoRoom(ScriptedModel([DONE]), folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        with pytest.raises(PlumblineError, match="the engine is down"):
            await runner.wait(run_id)
    assert (await ledger.find(run_id)).status == "paused"


async def test_a_run_whose_sandbox_is_lost_in_the_middle_goes_on_in_a_new_one(ledger: Ledger, folder: Path) -> None:
    services = StudioServices(ScriptedModel([]), folder)

    async def lose(asked: Asked) -> Reply:
        await services.opened[0].place.close(keep_workspace=False)
        return call("shell", command="cat a.txt")

    services.model = model = ScriptedModel([call("write_file", path="a.txt", content="kept"), lose, DONE])
    async with studio(ledger, services) as runner:
        run_id = await runner.start(Task(goal="x"))
        await runner.wait(run_id)
    view = await read_view(ledger, run_id)
    assert len(services.opened) == 2
    assert "\nkept\n" in str(model.asked[2].messages[-1]["content"])
    assert ["the sandbox was lost and opened again" in notice for notice in view.notices] == [True]


def _model(url: str) -> OpenAICompatible:
    retry = RetryPolicy(deadline_seconds=10, first_wait_seconds=0.01, longest_wait_seconds=0.05)
    config = OpenAIConfig(
        model="scripted", base_url=url, api_key_env=None, retry=retry, profile=Profile(tool_mode="native")
    )
    return OpenAICompatible("scripted", config)
