"""No call leaves a process behind, and no program can hang the node or fill its memory."""

import asyncio
import contextlib
import os
import resource
import signal
import time
import uuid
from pathlib import Path

import pytest

from tests.toolserver.asking import ask, eventually, processes_with, shell
from tests.toolserver.node_process import node_process, short_folder
from toolserver.testing import InProcessSandbox

DAEMON = """
import os, signal, sys, time
for name in ("SIGTERM", "SIGHUP", "SIGINT"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
os.setsid() if os.fork() == 0 else os._exit(0)
if os.fork():
    os._exit(0)
for fd in (0, 1, 2):
    os.close(fd)
time.sleep(600)
"""


@pytest.fixture
def marker() -> str:
    """Appears in the command line of every process that a test starts."""
    return f"marked-{uuid.uuid4().hex}"


def daemon(marker: str) -> str:
    return f"env -i $(command -v python) -c '{DAEMON}' {marker}"


async def test_a_daemon_that_ignores_signals_is_gone_after_a_timeout(sandbox: InProcessSandbox, marker: str) -> None:
    outcome = await ask(sandbox, "shell", command=f"{daemon(marker)}; {daemon(marker)}; sleep 60", seconds=1.5)

    assert outcome.error == "timeout"
    assert processes_with(marker) == []


async def test_a_daemon_that_ignores_signals_is_gone_after_a_cancel(sandbox: InProcessSandbox, marker: str) -> None:
    running = asyncio.ensure_future(sandbox.call("one", "shell", {"command": f"{daemon(marker)}; touch up; sleep 60"}))
    await eventually((sandbox.workspace / "up").exists)
    assert processes_with(marker)

    await sandbox.cancel("one")

    assert processes_with(marker) == []
    assert (await running).error == "cancelled"


async def test_a_daemon_is_gone_when_its_call_ends_by_itself(sandbox: InProcessSandbox, marker: str) -> None:
    ended = await shell(sandbox, f"{daemon(marker)}; sleep 0.3; echo done")

    assert ended["stdout"] == "done\n"
    assert ended["strays"] >= 1
    assert processes_with(marker) == []


async def test_the_limit_of_the_caller_ends_a_call_with_its_processes(sandbox: InProcessSandbox, marker: str) -> None:
    outcome = await sandbox.call("one", "shell", {"command": f"{daemon(marker)}; sleep 60"}, seconds=1)

    assert outcome.error == "timeout"
    assert processes_with(marker) == []


async def test_a_process_that_forks_without_end_is_outrun(sandbox: InProcessSandbox, marker: str) -> None:
    # each process forks its successor and dies, so that no id is valid for long
    chain = f"import os, sys, time\nwhile True:\n    time.sleep(0.001)\n    if os.fork(): os._exit(0)\n    '{marker}'"
    outcome = await ask(sandbox, "shell", command=f'(python -c "{chain}" &) ; sleep 60', seconds=1)

    assert outcome.error == "timeout"
    assert processes_with(marker) == []


async def test_a_program_that_kills_its_supervisor_does_not_outlive_it(sandbox: InProcessSandbox, marker: str) -> None:
    outcome = await ask(sandbox, "shell", command=f"{daemon(marker)}; sleep 0.2; kill -9 $PPID; sleep 60", seconds=20)

    assert outcome.data["exit_code"] is None
    await eventually(lambda: processes_with(marker) == [])
    assert (await shell(sandbox, "echo alive"))["stdout"] == "alive\n"


async def test_programs_end_with_a_killed_node(marker: str) -> None:
    async with short_folder() as folder, node_process(folder) as node:
        call = asyncio.ensure_future(
            node.sandbox.call("one", "shell", {"command": f"{daemon(marker)}; touch up; sleep 60"})
        )
        await eventually((folder / "workspace" / "up").exists)
        await node.kill()
        await asyncio.gather(call, return_exceptions=True)

        await eventually(lambda: processes_with(marker) == [])


async def test_commands_run_side_by_side(sandbox: InProcessSandbox) -> None:
    began = time.monotonic()

    await asyncio.gather(*(shell(sandbox, "sleep 2", session=f"s{i}") for i in range(8)))

    assert time.monotonic() - began < 8 * 2


async def test_a_flood_of_output_is_kept_below_the_limit(sandbox: InProcessSandbox) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    ended = await shell(sandbox, "echo first; head -c 1000000000 /dev/zero | tr '\\0' x; echo last")

    kept = sum(file.stat().st_size for file in (sandbox.workspace.parent / "state" / "outputs").rglob("stdout*"))
    assert ended["stdout_bytes"] == 1_000_000_000 + len("first\nlast\n")
    assert kept <= 8 * 1024 * 1024
    assert ended["stdout"].startswith("first\n")
    assert ended["stdout"].endswith("last\n")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


async def test_a_flood_that_never_ends_is_ended_by_its_time_limit(sandbox: InProcessSandbox) -> None:
    outcome = await ask(sandbox, "shell", command="yes flood", seconds=1)

    assert outcome.error == "timeout"
    assert str(outcome.data["stdout"]).startswith("flood\n")
    assert len(outcome.text) < 40_000


async def test_a_command_that_closes_its_output_is_still_waited_for(sandbox: InProcessSandbox) -> None:
    ended = await shell(sandbox, "exec 1>&- 2>&-; sleep 0.4; touch after")

    assert ended["seconds"] >= 0.4
    assert (sandbox.workspace / "after").exists()


async def test_output_held_open_by_a_stray_does_not_delay_the_result(sandbox: InProcessSandbox) -> None:
    ended = await shell(sandbox, "sleep 60 & echo done")

    assert ended["stdout"] == "done\n"
    assert ended["seconds"] < 10


async def test_streams_and_exit_code_are_kept_apart(sandbox: InProcessSandbox) -> None:
    ended = await shell(sandbox, "echo out; echo err >&2; exit 7")

    assert (ended["stdout"], ended["stderr"], ended["exit_code"]) == ("out\n", "err\n", 7)


async def test_a_command_ended_by_a_signal_says_so(sandbox: InProcessSandbox) -> None:
    ended = await shell(sandbox, "kill -SEGV $$")

    assert (ended["exit_code"], ended["signal"]) == (None, "SIGSEGV")


async def test_standard_input_is_given(sandbox: InProcessSandbox) -> None:
    assert (await shell(sandbox, "cat", stdin="grüße\n"))["stdout"] == "grüße\n"


async def test_standard_input_is_empty_by_default(sandbox: InProcessSandbox) -> None:
    assert (await shell(sandbox, "cat; echo end"))["stdout"] == "end\n"


async def test_bytes_that_are_not_text_are_shown_as_such(sandbox: InProcessSandbox) -> None:
    assert (await shell(sandbox, "printf 'a\\xff\\0b'"))["stdout"] == "a\ufffd\ufffdb"


async def test_nothing_of_the_nodes_environment_reaches_a_program(
    sandbox: InProcessSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED_SECRET", "canary-value")

    assert "canary-value" not in (await shell(sandbox, "env; cat /proc/self/environ"))["stdout"]


async def test_a_spawner_that_was_killed_is_replaced(sandbox: InProcessSandbox) -> None:
    await shell(sandbox, "true")
    spawners = [pid for pid in processes_with("processes.spawner") if _parent_of(pid) == os.getpid()]
    for pid in spawners:
        os.kill(pid, signal.SIGKILL)
    await asyncio.sleep(0.1)

    assert spawners
    assert (await shell(sandbox, "echo alive"))["stdout"] == "alive\n"


def _parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


async def test_a_command_whose_supervisor_was_killed_before_it_began_is_run_by_another(
    sandbox: InProcessSandbox,
) -> None:
    await shell(sandbox, "true")
    spare = await _waiting()
    # stopped, it is handed the command and does nothing with it
    os.kill(spare, signal.SIGSTOP)
    running = asyncio.ensure_future(shell(sandbox, "echo run >> log; echo done"))
    await asyncio.sleep(0.2)
    os.kill(spare, signal.SIGKILL)
    ended = await running

    assert (ended["stdout"], ended["exit_code"], ended["signal"]) == ("done\n", 0, None)
    assert (sandbox.workspace / "log").read_text() == "run\n"


async def test_a_command_whose_supervisor_was_stopped_before_it_began_is_run_once(sandbox: InProcessSandbox) -> None:
    await shell(sandbox, "true")
    spare = await _waiting()
    os.kill(spare, signal.SIGSTOP)
    ended = await shell(sandbox, "echo run >> log; echo done")
    os.kill(spare, signal.SIGCONT)
    await eventually(lambda: spare not in _spares())

    assert ended["stdout"] == "done\n"
    assert (sandbox.workspace / "log").read_text() == "run\n"


async def test_supervisors_that_are_killed_all_the_time_are_said(sandbox: InProcessSandbox) -> None:
    await shell(sandbox, "true")
    ending = True

    async def hunt() -> None:
        while ending:
            for spare in _spares():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(spare, signal.SIGKILL)
            await asyncio.sleep(0)

    hunting = asyncio.ensure_future(hunt())
    outcomes = [await ask(sandbox, "shell", command=f"echo {number} >> log") for number in range(20)]
    ending = False
    await hunting

    lines = (sandbox.workspace / "log").read_text().split() if (sandbox.workspace / "log").exists() else []
    for number, outcome in enumerate(outcomes):
        begun = outcome.ok
        assert outcome.error in (None, "cannot_start")
        assert lines.count(str(number)) <= begun
    assert (await shell(sandbox, "echo alive"))["stdout"] == "alive\n"


async def _waiting() -> int:
    """Return the supervising process that waits for the next command, once those of earlier ones have ended."""
    await asyncio.sleep(0.1)
    await eventually(lambda: len(_spares()) == 1)
    return _spares()[0]


def _spares() -> list[int]:
    """Return the supervising processes of this process's sandboxes."""
    parents: dict[int, int] = {}
    for pid in processes_with("processes.spawner"):
        # others may end them meanwhile
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            parents[pid] = _parent_of(pid)
    return [pid for pid, parent in parents.items() if parents.get(parent) == os.getpid()]
