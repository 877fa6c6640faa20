"""The local deployment: what bubblewrap keeps apart, and nodes that outlive their manager."""

import asyncio
import getpass
import json
import os
import shutil
import signal
import socket
import sys
from pathlib import Path

import pytest

from tests.toolserver.asking import ask, eventually, marked_sleep, processes_with, shell
from tests.toolserver.manager import CONFIGS, killed_manager
from toolserver.client import LocalSandbox, Sandbox, SandboxLost, SandboxUnavailable, open_sandbox
from toolserver.deployment.bubblewrap import Bubblewrap
from toolserver.node.processes.descendants import descendants

NEGLIGENT = """
import json, os, sys, time
from toolserver.deployment.ownership import began
read, write = os.pipe()
child = os.fork()
if child == 0:
    os.read(read, 1)
    os._exit(0)
with open(sys.argv[1], "w") as record:
    json.dump({"pid": child, "began": began(child), "isolated": False}, record)
os.write(write, b"x")
time.sleep(0.3)
print("ended", flush=True)
time.sleep(60)
"""
"""Leaves the record of a node that has ended and is not waited for."""


async def test_there_is_no_network(local: Sandbox) -> None:
    interfaces = await shell(local, "tail -n +3 /proc/net/dev | cut -d: -f1")
    reached = await ask(local, "python", code="import socket\nsocket.create_connection(('192.0.2.1', 80), 2)")

    assert interfaces["stdout"].split() == ["lo"]
    assert "unreachable" in reached.text
    assert local.description.network == "none"


async def test_a_service_of_the_host_cannot_be_reached(local: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        reached = await ask(local, "python", code=f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)")

    assert "ConnectionRefusedError" in reached.text


async def test_the_hosts_files_are_not_there(local: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary")

    seen = await shell(local, f"cat {tmp_path}/secret /etc/shadow; ls -A /home {Path.home()} /var; cat /etc/passwd")

    assert "canary" not in seen["stdout"]
    assert seen["stdout"].splitlines()[-1].startswith("sandbox:x:")
    assert getpass.getuser() not in seen["stdout"].split(":")


async def test_the_hosts_processes_are_not_there(local: Sandbox) -> None:
    seen = await shell(local, f"ls /proc | grep -c '^[0-9]'; kill -0 {os.getpid()}")

    assert int(seen["stdout"]) < 12
    assert seen["exit_code"] != 0


async def test_nothing_can_be_written_but_its_own_files(local: Sandbox) -> None:
    written = await shell(
        local,
        f"for d in / /usr /etc /opt/plumbline/toolserver {sys.prefix} /proc/sys/kernel; do touch $d/x; done; ls /x",
    )
    own = await shell(local, "touch /tmp/x /sandbox/workspace/x && echo fine")

    assert written["stderr"].count("touch: ") == 6
    assert own["stdout"] == "fine\n"


async def test_a_program_has_no_rights(local: Sandbox) -> None:
    status = (await shell(local, "cat /proc/self/status"))["stdout"]
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)

    assert int(fields["CapEff"], 16) == 0
    assert int(fields["CapBnd"], 16) == 0
    assert fields["NoNewPrivs"] == "1"
    assert "0" not in fields["Uid"].split()


async def test_the_environment_is_empty_of_the_hosts(
    bubblewrap: Bubblewrap, new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED_SECRET", "canary-value")

    async with await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path) as sandbox:
        seen = await shell(sandbox, "cat /proc/*/environ | tr '\\0' '\\n'")

    assert "PATH=" in seen["stdout"]
    assert "canary-value" not in seen["stdout"]


async def test_limits_hold(bubblewrap: Bubblewrap, new_id: str, tmp_path: Path) -> None:
    config = LocalSandbox.model_validate(
        {"limits": {"memory_mb": 300, "pids": 40, "file_mb": 32, "tmp_mb": 16, "open_files": 256}}
    )
    async with await open_sandbox(config, new_id, state_dir=tmp_path) as sandbox:
        memory = await ask(sandbox, "python", code="bytearray(400_000_000)")
        large = await shell(sandbox, "head -c 40000000 /dev/zero > big; stat -c %s big")
        tmp = await shell(sandbox, "head -c 20000000 /dev/zero > /tmp/big")
        files = await ask(sandbox, "python", code="x = [open('/dev/null') for _ in range(300)]")
        bomb = await shell(sandbox, "f() { f | f & }; f; sleep 1; echo survived", seconds=20)
        after = await shell(sandbox, "echo alive")

    assert "MemoryError" in memory.text
    assert large["stdout"] == f"{32 * 1024 * 1024}\n"
    assert "No space left" in tmp["stderr"]
    assert "Too many open files" in files.text
    assert "Resource temporarily unavailable" in bomb["stderr"]
    assert after["stdout"] == "alive\n"


async def test_a_sandbox_cannot_reach_another(local: Sandbox, new_id: str, tmp_path: Path) -> None:
    async with await open_sandbox(LocalSandbox(), f"{new_id}-b", state_dir=tmp_path) as other:
        await ask(other, "write_file", path="secret", content="canary")
        seen = await shell(local, f"cat {tmp_path}/{new_id}-b/files/workspace/secret; find / -name secret 2>/dev/null")

    assert seen["stdout"] == ""


async def test_a_killed_managers_node_is_adopted(bubblewrap: Bubblewrap, new_id: str, tmp_path: Path) -> None:
    await killed_manager("local", new_id, tmp_path)

    async with await open_sandbox(CONFIGS["local"], new_id, state_dir=tmp_path) as sandbox:
        running = (await sandbox.health()).running
        done = await sandbox.call("done", "counter", {})
        resumed = await sandbox.call("running", "counter", {"seconds": 3})
        counted = await sandbox.download("counter", max_bytes=10)

    assert running == ("running",)
    assert (done.text, resumed.text, counted) == ("1", "2", b"2")


async def test_a_program_that_kills_everything_costs_the_node_but_not_the_sandbox(
    bubblewrap: Bubblewrap, new_id: str, tmp_path: Path
) -> None:
    first = await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path)
    await first.upload("kept", b"content")
    with pytest.raises(SandboxLost):
        await first.call("kill", "shell", {"command": "kill -9 -1"})

    async with await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path) as second:
        assert (await second.call("kill", "shell", {"command": "kill -9 -1"})).error == "interrupted"
        assert await second.download("kept", max_bytes=100) == b"content"


async def test_a_node_without_clients_ends_after_its_idle_time(
    bubblewrap: Bubblewrap, new_id: str, tmp_path: Path
) -> None:
    config = LocalSandbox(testing=True, idle_seconds=1)
    sandbox = await open_sandbox(config, new_id, state_dir=tmp_path)
    await sandbox.call("one", "counter", {})
    await asyncio.sleep(2)
    assert (await sandbox.call("two", "counter", {})).text == "2"
    await sandbox.detach()

    await eventually(lambda: not processes_with(f"{new_id}/files"))

    async with await open_sandbox(config, new_id, state_dir=tmp_path) as again:
        assert (await again.call("one", "counter", {})).text == "1"
        assert await again.download("counter", max_bytes=10) == b"2"


async def test_closing_ends_everything_and_deletes_the_files(
    bubblewrap: Bubblewrap, new_id: str, tmp_path: Path
) -> None:
    sandbox = await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path)
    await ask(sandbox, "shell", command=marked_sleep(new_id), background=True)
    await eventually(lambda: processes_with(new_id))

    await sandbox.close()

    assert processes_with(new_id) == []
    assert not (tmp_path / new_id).exists()


async def test_a_kept_workspace_is_there_at_the_next_opening(
    bubblewrap: Bubblewrap, new_id: str, tmp_path: Path
) -> None:
    first = await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path)
    await first.upload("kept", b"content")
    await first.close(keep_workspace=True)

    async with await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path) as second:
        assert await second.download("kept", max_bytes=100) == b"content"


@pytest.mark.slow
async def test_a_node_that_hangs_is_replaced(bubblewrap: Bubblewrap, new_id: str, tmp_path: Path) -> None:
    first = await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path)
    await first.upload("kept", b"content")
    await first.detach()
    _stop(tmp_path / new_id)

    async with await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path) as second:
        assert await second.download("kept", max_bytes=100) == b"content"


@pytest.mark.slow
async def test_a_node_that_stops_answering_is_lost(bubblewrap: Bubblewrap, new_id: str, tmp_path: Path) -> None:
    sandbox = await open_sandbox(LocalSandbox(testing=True), new_id, state_dir=tmp_path)
    _stop(tmp_path / new_id)

    with pytest.raises(SandboxLost, match="does not answer"):
        await sandbox.call("one", "counter", {})

    await sandbox.close()


async def test_a_node_whose_parent_takes_no_note_of_its_end_counts_as_gone(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", NEGLIGENT, str(tmp_path / "process")), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert parent.stdout is not None
        await parent.stdout.readline()
        # in a process of its own: a thread that does not end could not be ended here
        ending = (
            "import pathlib, sys; from toolserver.deployment.local import end_node as e; e(pathlib.Path(sys.argv[1]))"
        )
        ender = await asyncio.create_subprocess_exec(sys.executable, "-c", ending, str(tmp_path))
        try:
            async with asyncio.timeout(60):
                ended = await ender.wait()
        finally:
            if ender.returncode is None:
                ender.kill()
                await ender.wait()
    finally:
        parent.kill()
        await parent.wait()

    assert ended == 0


async def test_a_folder_full_of_traps_is_deleted(bubblewrap: Bubblewrap, new_id: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    sandbox = await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path)
    await shell(
        sandbox,
        f"ln -s {outside} link; mkdir -p $(printf 'd/%.0s' {{1..1500}}); mkdir locked; touch locked/f; chmod 0 locked",
    )

    await sandbox.close()

    assert not (tmp_path / new_id).exists()
    assert (outside / "precious").exists()


async def test_a_running_node_without_isolation_is_not_adopted_where_isolation_is_required(
    bubblewrap: Bubblewrap, new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without:
        without.setenv("PATH", str(_path_without_bubblewrap(tmp_path)))
        weak = await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path)
        await weak.upload("kept", b"content")
        await weak.detach()

    async with await open_sandbox(LocalSandbox(require_isolation=True), new_id, state_dir=tmp_path) as strong:
        interfaces = await shell(strong, "tail -n +3 /proc/net/dev | cut -d: -f1")
        kept = await strong.download("kept", max_bytes=100)

    assert interfaces["stdout"].split() == ["lo"]
    assert not strong.description.isolation.startswith("None")
    assert kept == b"content"


async def test_a_node_with_other_limits_is_replaced(bubblewrap: Bubblewrap, new_id: str, tmp_path: Path) -> None:
    first = await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path)
    await first.upload("kept", b"content")
    await first.detach()

    config = LocalSandbox.model_validate({"limits": {"open_files": 300}})
    async with await open_sandbox(config, new_id, state_dir=tmp_path) as second:
        limit = (await shell(second, "ulimit -n"))["stdout"]
        kept = await second.download("kept", max_bytes=100)

    assert limit == "300\n"
    assert kept == b"content"


async def test_two_openings_at_once_share_one_node(bubblewrap: Bubblewrap, new_id: str, tmp_path: Path) -> None:
    first, second = await asyncio.gather(
        *(open_sandbox(LocalSandbox(testing=True), new_id, state_dir=tmp_path) for _ in range(2))
    )

    assert (await first.call("one", "counter", {})).text == "1"
    assert (await second.call("two", "counter", {})).text == "2"
    await second.detach()
    await first.close()


async def test_without_bubblewrap_it_says_how_weak_it_is(
    new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(_path_without_bubblewrap(tmp_path)))

    async with await open_sandbox(LocalSandbox(testing=True), new_id, state_dir=tmp_path) as sandbox:
        description = sandbox.description
        ran = await shell(sandbox, "echo works")

    assert description.isolation.startswith("None: ")
    assert "bubblewrap is not installed" in description.isolation
    assert description.network == "host"
    assert ran["stdout"] == "works\n"


async def test_without_bubblewrap_a_sandbox_that_must_be_isolated_is_refused(
    new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(_path_without_bubblewrap(tmp_path)))

    with pytest.raises(SandboxUnavailable, match="bubblewrap is not installed"):
        await open_sandbox(LocalSandbox(require_isolation=True), new_id, state_dir=tmp_path)


async def test_without_bubblewrap_a_closed_sandbox_leaves_no_process(
    new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(_path_without_bubblewrap(tmp_path)))
    sandbox = await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path)
    await ask(sandbox, "shell", command=marked_sleep(new_id), background=True)
    await eventually(lambda: processes_with(new_id))

    await sandbox.close()

    await eventually(lambda: processes_with(new_id) == [])


async def test_a_socket_folder_open_to_others_is_refused(
    new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / f"plumbline-{os.getuid()}").mkdir()
    (tmp_path / f"plumbline-{os.getuid()}").chmod(0o755)

    with pytest.raises(SandboxUnavailable, match="not a private folder"):
        await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path)


async def test_a_socket_path_too_long_is_explained(
    new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("x" * 100)))
    (tmp_path / ("x" * 100)).mkdir()

    with pytest.raises(SandboxUnavailable, match="XDG_RUNTIME_DIR"):
        await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path)


@pytest.mark.parametrize("sandbox_id", ["", "..", "a/b", "UPPER", "-x", "x" * 64])
async def test_an_id_that_is_none_is_refused(sandbox_id: str, tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="no sandbox id"):
        await open_sandbox(LocalSandbox(), sandbox_id, state_dir=tmp_path)


async def test_a_node_that_cannot_start_says_why_at_once(new_id: str, tmp_path: Path) -> None:
    state = tmp_path / new_id / "files" / "state"
    state.mkdir(parents=True)
    (state / "journal.jsonl").mkdir()

    # long before it is given up on as one that does not answer
    with pytest.raises(SandboxUnavailable, match="journal"):
        async with asyncio.timeout(120):
            await open_sandbox(LocalSandbox(start_seconds=600), new_id, state_dir=tmp_path)


def _stop(folder: Path) -> None:
    """Stop every process of a sandbox, as a machine does that runs out of memory."""
    for process in descendants(json.loads((folder / "process").read_text())["pid"]):
        os.kill(process, signal.SIGSTOP)


def _path_without_bubblewrap(folder: Path) -> Path:
    tools = folder / "bin"
    tools.mkdir()
    for name in ("bash", "rm", "chmod", "ps"):
        (tools / name).symlink_to(shutil.which(name) or "/nowhere")
    return tools
