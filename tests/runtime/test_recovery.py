"""A run whose sandbox is lost goes on by itself, with the files it had, and does nothing twice."""

import asyncio
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from msgspec import convert

from agent.domain.errors import RunPaused, SandboxUnavailable
from agent.domain.messages import Reply
from agent.domain.task import Task, WorkspaceFile
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.history import read_view
from agent.runtime.options import RunOptions
from agent.runtime.sandbox import RECOVERIES, KeptState, PastCall, RunSandbox
from tests.studio import StudioServices, studio
from toolserver.client import (
    DockerSandbox,
    Effect,
    EgressEvent,
    NodeTool,
    Progress,
    Sandbox,
    SandboxDescription,
    Snapshot,
    ToolOutcome,
    open_sandbox,
)
from toolserver.deployment import disk
from toolserver.node.toolbox import Answer, Tool
from toolserver.protocol import Form, Network
from toolserver.testing import InProcessPlace, InProcessSandbox

BAD = {"path": "../out", "kind": "folder", "mode": 0o700}
"""An entry of a snapshot that no sandbox restores."""


class Send(Form):
    """Send something to the outside."""


class Losing:
    """Opens sandboxes that can be lost with all their files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened: list[InProcessSandbox] = []
        self.notes: list[dict[str, Any]] = []
        self.tools: tuple[Tool[Any], ...] = ()

    async def open(self) -> Sandbox:
        folder = self.folder / str(len(self.opened))
        self.opened.append(await InProcessSandbox.open(folder=folder, tools=self.tools))
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


async def test_files_that_were_handed_over_come_back_and_what_became_of_them_stays(
    ledger: Ledger, folder: Path
) -> None:
    losing = Losing(folder)
    files = [WorkspaceFile(path=name, sha256=await ledger.blobs.put(b"as it came"), size=10) for name in ("a", "b")]
    sandbox = RunSandbox(losing.open, ledger.blobs, ())
    assert (await sandbox.hand(files)).ok
    await sandbox.call("1", "shell", {"command": "echo more > b"})
    await sandbox.snapshot()
    await losing.lose()
    await sandbox.call("2", "shell", {"command": "true"})
    assert (losing.file("a"), losing.file("b")) == ("as it came", "more\n")
    await sandbox.close()

    later = RunSandbox(losing.open, ledger.blobs, (), handed=files[:1])
    await later.call("3", "shell", {"command": "true"})
    assert losing.file("a") == "as it came"
    await later.close()


async def test_a_file_that_was_refused_does_not_keep_the_workspace_from_being_rebuilt(
    ledger: Ledger, folder: Path
) -> None:
    losing = Losing(folder)
    inputs = [WorkspaceFile(path="downloads", sha256=await ledger.blobs.put(b"a file"), size=6)]
    refused = [WorkspaceFile(path="downloads/a.csv", sha256=await ledger.blobs.put(b"1,2"), size=3)]
    sandbox = RunSandbox(losing.open, ledger.blobs, inputs)
    await sandbox.tools()
    assert (await sandbox.hand(refused)).error == "refused"
    await losing.lose()
    assert (await sandbox.call("1", "shell", {"command": "true"})).ok
    await sandbox.close()

    later = RunSandbox(losing.open, ledger.blobs, inputs, handed=refused)
    outcome = await later.call("2", "shell", {"command": "true"})
    assert outcome.ok
    assert "downloads/a.csv could not be put back." in outcome.text
    await later.close()


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


async def test_a_snapshot_that_cannot_be_restored_gives_way_to_the_one_before_it(ledger: Ledger, folder: Path) -> None:
    losing = Losing(folder)
    bad = convert({"entries": [{"path": "a", "kind": "folder", "mode": 448}, BAD]}, Snapshot)
    await ledger.blobs.put(bad.encoded())
    first = RunSandbox(losing.open, ledger.blobs, ())
    past = [PastCall(name, "shell", {"command": f"date +%N > {name}"}) for name in ("1", "2")]
    await first.call(past[0].call_id, past[0].tool, past[0].arguments)
    stamp = losing.file("1")
    kept = await first.snapshot()
    assert kept is not None
    await losing.lose()
    later = RunSandbox(losing.open, ledger.blobs, (), past, kept=[kept, KeptState(bad.id, frozenset({"2"}))])
    await later.tools()

    assert losing.file("1") == stamp
    assert losing.file("2")
    assert sorted(path.name for path in losing.opened[-1].workspace.iterdir()) == ["1", "2"]
    await later.close()


async def test_where_no_snapshot_can_be_restored_the_calls_of_this_process_are_made_again(
    ledger: Ledger, folder: Path, home: Path
) -> None:
    losing = Losing(folder)
    sandbox = RunSandbox(losing.open, ledger.blobs, ())
    await sandbox.call("1", "shell", {"command": "echo one > log"})
    kept = await sandbox.snapshot()
    assert kept is not None
    (blob,) = home.rglob(kept.snapshot[2:])
    blob.unlink()
    await losing.lose()
    await sandbox.call("2", "shell", {"command": "echo two >> log"})

    assert losing.file("log") == "one\ntwo\n"
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
class Attached:
    """A tool of an attached server that counts its calls; it knows no call ids."""

    effects: tuple[Effect, ...] = ("writes", "executes")
    called: int = 0

    async def tools(self) -> tuple[NodeTool, ...]:
        parameters = {"type": "object", "properties": {}}
        return (
            NodeTool(
                name="count", description="Count.", parameters=parameters, effects=self.effects, server="counting"
            ),
        )

    def has(self, tool: str) -> bool:
        return tool == "count"

    async def call(
        self,
        call_id: str,
        tool: str,
        arguments: Mapping[str, Any],
        *,
        seconds: float | None = None,
        watch: Callable[[Progress], None] | None = None,
    ) -> ToolOutcome:
        self.called += 1
        return ToolOutcome(text=str(self.called))

    async def cancel(self, call_id: str) -> None:
        """Nothing runs."""

    async def close(self) -> None:
        """Nothing runs."""


async def test_a_call_to_an_attached_server_is_never_made_again(ledger: Ledger, folder: Path) -> None:
    losing, server = Losing(folder), Attached()

    async def opened() -> Sandbox:
        sandbox = await losing.open()
        sandbox.equip(server)
        return sandbox

    sandbox = RunSandbox(opened, ledger.blobs, ())
    await sandbox.call("1", "write_file", {"path": "a", "content": "made again"})
    await sandbox.call("2", "count", {})
    await losing.lose()
    await sandbox.call("3", "list_files", {})

    assert server.called == 1
    assert losing.file("a") == "made again"
    await sandbox.close()


async def test_a_loss_is_told_once_also_by_a_call_that_is_not_repeated(ledger: Ledger, folder: Path) -> None:
    losing, sent = Losing(folder), asyncio.Event()

    async def send(form: Send) -> Answer:
        sent.set()
        await asyncio.sleep(60)
        return Answer("sent")

    losing.tools = (Tool(Send, send, effects=("outside",)),)
    sandbox = RunSandbox(losing.open, ledger.blobs, ())
    call = asyncio.create_task(sandbox.call("1", "send", {}))
    await sent.wait()
    await losing.lose()
    lost = await call
    after = await sandbox.call("2", "list_files", {})

    assert lost.error == "interrupted"
    assert "The sandbox was lost" in lost.text
    assert "The sandbox was lost" not in after.text
    await sandbox.close()


class Reaching(Losing):
    """Opens sandboxes that say what network they reach."""

    network: Network = "open"

    async def open(self) -> Sandbox:
        sandbox = await super().open()
        place = self.opened[-1].place
        assert isinstance(place, InProcessPlace)
        sandbox.become(
            sandbox.id,
            replace(
                place,
                description=SandboxDescription(kind="in-process", isolation="None.", version="0", network=self.network),
            ),
        )
        return sandbox


@pytest.mark.parametrize(
    ("network", "log"), [("none", "one\n"), ("packages", "one\n"), ("allow-list", None), ("open", None)]
)
async def test_programs_that_can_send_are_asked_about_and_not_run_again(
    ledger: Ledger, folder: Path, network: Network, log: str | None
) -> None:
    losing = Reaching(folder)
    losing.network = network
    sandbox = RunSandbox(losing.open, ledger.blobs, ())
    sends = {tool.spec.name for tool in await sandbox.tools() if tool.sends}
    await sandbox.call("1", "write_file", {"path": "a", "content": "made again"})
    await sandbox.call("2", "shell", {"command": "echo one >> log"})
    await losing.lose()
    told = (await sandbox.call("3", "list_files", {})).text

    assert losing.file("a") == "made again"
    there = losing.opened[-1].workspace / "log"
    assert (there.read_text() if there.exists() else None) == log
    assert ("calls that ran programs (1) were not made again" in told) == (log is None)
    assert ({"shell", "python", "notebook"} <= sends, "write_file" in sends) == (log is None, False)
    await sandbox.close()


async def test_a_later_process_tells_which_programs_it_did_not_run_again(ledger: Ledger, folder: Path) -> None:
    losing = Reaching(folder)
    past = [PastCall("1", "shell", {"command": "echo one >> log"})]
    sandbox = RunSandbox(losing.open, ledger.blobs, (), past)
    told = (await sandbox.call("2", "list_files", {})).text

    assert "were not made again" in told
    assert not (losing.opened[-1].workspace / "log").exists()
    await sandbox.close()


class Forgetful(StudioServices):
    """Services whose sandboxes find nothing of those before them."""

    async def open_sandbox(
        self, options: RunOptions, run_id: str, on_egress: Callable[[EgressEvent], None] | None = None
    ) -> Sandbox:
        folder = self.folder / f"sandbox-{len(self.opened)}"
        self.opened.append(await InProcessSandbox.open(run_id, folder=folder))
        return self.opened[-1]


def stamping(asked: Asked) -> Reply:
    """Write a file with the time in each of 24 steps."""
    number = sum(message["role"] == "assistant" for message in asked.messages)
    if number < 24:
        return call("shell", command=f"date +%N > {number:02}")
    return call("submit", answer="Done.", success=False)


async def kept(ledger: Ledger, run_id: str) -> list[tuple[str, int]]:
    """The snapshots of a run: key, and how many calls were new in it."""
    events = [event async for event in ledger.events(run_id)]
    return [(str(e.key), len(e.payload["calls"])) for e in events if e.kind == "sandbox" and "snapshot" in e.payload]


async def test_within_a_long_piece_of_work_little_is_made_again(ledger: Ledger, folder: Path) -> None:
    before: dict[str, str] = {}

    async def losing(asked: Asked) -> Reply:
        if len(model.asked) == 23:
            before.update({path.name: path.read_text() for path in services.opened[-1].workspace.iterdir()})
            await services.opened[-1].close()
        return stamping(asked)

    model = ScriptedModel(losing)
    services = Forgetful(model, folder)
    async with studio(ledger, services) as runner:
        run_id = await runner.start(Task(goal="Stamp"))
        report = await runner.wait(run_id)
    after = {file.path: (await ledger.blobs.get(file.sha256)).decode() for file in report.artefacts}

    assert len(services.opened) == 2
    assert sorted(after) == [f"{number:02}" for number in range(24)]
    assert {name for name, text in before.items() if after[name] != text} == {"20", "21"}
    assert await kept(ledger, run_id) == [("root/snapshot/9", 10), ("root/snapshot/19", 10), ("root/snapshot", 4)]


async def test_the_state_at_the_end_of_the_work_is_kept_before_the_report(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("write_file", path="a", content="x"), call("submit", answer="Done.", success=False)])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="Write"))
        await runner.wait(run_id)
    keys = [str(event.key) async for event in ledger.events(run_id)]

    assert await kept(ledger, run_id) == [("root/snapshot", 1)]
    assert keys.index("root/tool/0.0") < keys.index("root/snapshot") < keys.index("report/collect")


async def test_where_nothing_was_done_nothing_is_kept(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("submit", answer="Done.", success=False)])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="Nothing"))
        await runner.wait(run_id)

    assert await kept(ledger, run_id) == []


async def test_a_resumed_run_keeps_its_state_at_the_same_steps(ledger: Ledger, folder: Path) -> None:
    async def pausing(asked: Asked) -> Reply:
        if len(model.asked) == 14:
            runner.halt(run_id)
        return stamping(asked)

    model = ScriptedModel(pausing)
    services = Forgetful(model, folder)
    async with studio(ledger, services) as runner:
        run_id = await runner.start(Task(goal="Stamp"))
        with pytest.raises(RunPaused):
            await runner.wait(run_id)
        early = await kept(ledger, run_id)
        await runner.resume(run_id)
        report = await runner.wait(run_id)
    found = await kept(ledger, run_id)

    assert [name for name, _ in early] == ["root/snapshot/9", early[-1][0]]
    assert [name for name, _ in found] == ["root/snapshot/9", early[-1][0], "root/snapshot/19", "root/snapshot"]
    assert sum(new for _, new in found) == 24
    assert len(report.artefacts) == 24


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
