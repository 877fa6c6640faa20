"""A run whose sandbox is lost goes on by itself, with the files it had, and does nothing twice."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from agent.domain.errors import SandboxUnavailable
from agent.domain.messages import Reply
from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.history import read_view
from agent.runtime.options import RunOptions
from agent.runtime.sandbox import RECOVERIES, KeptState, PastCall, RunSandbox
from tests.studio import StudioServices, studio
from toolserver.client import DockerSandbox, EgressEvent, Sandbox, open_sandbox
from toolserver.deployment import disk
from toolserver.testing import InProcessSandbox


class Losing:
    """Opens sandboxes that can be lost with all their files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened: list[InProcessSandbox] = []
        self.notes: list[dict[str, Any]] = []

    async def open(self) -> Sandbox:
        folder = self.folder / str(len(self.opened))
        self.opened.append(await InProcessSandbox.open(folder=folder))
        return self.opened[-1]

    async def lose(self) -> None:
        await self.opened[-1].close()

    def file(self, name: str) -> str:
        return (self.opened[-1].workspace / name).read_text()


async def test_the_snapshot_is_restored_and_only_what_came_after_it_is_made_again(ledger: Ledger, folder: Path) -> None:
    losing = Losing(folder)
    sandbox = RunSandbox(losing.open, ledger.blobs, (), note=losing.notes.append)
    await sandbox.call("1", "shell", {"command": "date +%N > stamp"})
    stamp = losing.file("stamp")
    kept = await sandbox.snapshot()
    await sandbox.call("2", "shell", {"command": "echo two >> log"})
    await losing.lose()
    outcome = await sandbox.call("3", "shell", {"command": "echo three >> log"})

    assert kept is not None
    assert kept.calls == {"1"}
    assert (losing.file("stamp"), losing.file("log")) == (stamp, "two\nthree\n")
    assert outcome.ok
    assert "The sandbox was lost and opened again" in outcome.text
    assert [note["times"] for note in losing.notes] == [1]
    await sandbox.close()


async def test_a_later_process_restores_the_snapshot_that_the_ledger_knows(ledger: Ledger, folder: Path) -> None:
    losing = Losing(folder)
    first = RunSandbox(losing.open, ledger.blobs, ())
    past = [PastCall(name, "shell", {"command": f"date +%N > {name}"}) for name in ("1", "2")]
    await first.call(past[0].call_id, past[0].tool, past[0].arguments)
    stamp = losing.file("1")
    kept = await first.snapshot()
    assert kept is not None
    await losing.lose()
    later = RunSandbox(losing.open, ledger.blobs, (), past, kept=[kept])
    await later.tools()

    assert losing.file("1") == stamp
    assert losing.file("2")
    await later.close()


async def test_a_call_that_the_snapshot_contains_is_not_run_again_when_its_result_was_not_recorded(
    ledger: Ledger, folder: Path
) -> None:
    losing = Losing(folder)
    first = RunSandbox(losing.open, ledger.blobs, ())
    await first.call("1", "shell", {"command": "echo x >> log"})
    kept = await first.snapshot()
    assert kept is not None
    await losing.lose()
    later = RunSandbox(losing.open, ledger.blobs, (), (), kept=[kept])
    outcome = await later.call("1", "shell", {"command": "echo x >> log"})

    assert losing.file("log") == "x\n"
    assert not outcome.ok
    await later.close()


async def test_a_snapshot_that_is_not_here_is_made_up_for_by_the_calls(ledger: Ledger, folder: Path) -> None:
    losing = Losing(folder)
    past = [PastCall("1", "write_file", {"path": "a", "content": "made again"})]
    sandbox = RunSandbox(losing.open, ledger.blobs, (), past, kept=[KeptState("0" * 64, frozenset({"1"}))])
    await sandbox.tools()

    assert losing.file("a") == "made again"
    await sandbox.close()


async def test_a_sandbox_that_is_lost_again_and_again_stops_the_run(ledger: Ledger, folder: Path) -> None:
    losing = Losing(folder)
    sandbox = RunSandbox(losing.open, ledger.blobs, ())
    for number in range(RECOVERIES):
        await sandbox.call(f"before-{number}", "list_files", {})
        await losing.lose()
    await sandbox.call("last", "list_files", {})
    await losing.lose()

    with pytest.raises(SandboxUnavailable, match="resume the run"):
        await sandbox.call("after", "list_files", {})


@dataclass
class DockerServices(StudioServices):
    """Services whose sandboxes are containers."""

    async def open_sandbox(
        self, options: RunOptions, run_id: str, on_egress: Callable[[EgressEvent], None] | None = None
    ) -> Sandbox:
        return await open_sandbox(DockerSandbox(testing=True), run_id, state_dir=self.folder / "sandboxes")


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def named(run_id: str) -> str:
    return docker("ps", "-a", "--filter", f"label=plumbline.sandbox={run_id}", "--format", "{{.Names}}")


def killed(run_id: str, folder: Path) -> None:
    docker("kill", named(run_id))


def erased(run_id: str, folder: Path) -> None:
    name = named(run_id)
    docker("rm", "-f", name)
    docker("volume", "rm", name)
    # where it has a disk of its own, the volume is only a name for this file
    (folder / "sandboxes" / run_id / disk.IMAGE).unlink(missing_ok=True)


@pytest.mark.docker
@pytest.mark.usefixtures("engine_ready")
@pytest.mark.parametrize(("end", "found"), [(killed, "still there"), (erased, "rebuilt")])
async def test_a_run_survives_its_container(
    ledger: Ledger, folder: Path, end: Callable[[str, Path], None], found: str
) -> None:
    run_id = f"run-{uuid4().hex[:8]}"

    def turn(asked: Asked) -> Reply:
        number = sum(message["role"] == "assistant" for message in asked.messages)
        if number == 2:
            end(run_id, folder)
        if number < 4:
            return call("shell", command=f"echo {number} >> log")
        return call("submit", answer="Done.", success=False)

    async with studio(ledger, DockerServices(ScriptedModel(turn), folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="Count"), run_id=run_id))
    notices = (await read_view(ledger, run_id)).notices

    (artefact,) = report.artefacts
    assert await ledger.blobs.get(artefact.sha256) == b"0\n1\n2\n3\n"
    assert [found in notice for notice in notices] == [True]
    assert named(run_id) == ""
