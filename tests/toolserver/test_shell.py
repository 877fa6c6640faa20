"""Shell sessions keep their state; jobs go on in the background."""

import asyncio
import uuid
from pathlib import Path

from tests.toolserver.asking import ask, eventually, marked_sleep, processes_with, shell
from tests.toolserver.node_process import node_process, short_folder
from toolserver.node.sessions import SessionStates
from toolserver.testing import InProcessSandbox


async def test_a_session_keeps_folder_variables_functions_and_aliases(sandbox: InProcessSandbox) -> None:
    await shell(sandbox, "mkdir -p a/b && cd a/b; export X='one\ntwo'; plain=3; f() { echo f:$1; }; alias g='echo g'")

    ended = await shell(sandbox, 'pwd; echo "$X"; echo $plain; bash -c "echo inner:\\$plain"; f 1; g')

    assert ended["stdout"] == f"{sandbox.workspace}/a/b\none\ntwo\n3\ninner:\nf:1\ng\n"


async def test_a_session_keeps_arrays(sandbox: InProcessSandbox) -> None:
    await shell(sandbox, "list=(a 'b c'); declare -A map=([k]='v w')")

    assert (await shell(sandbox, 'echo "${list[1]}|${map[k]}"'))["stdout"] == "b c|v w\n"


async def test_sessions_are_separate(sandbox: InProcessSandbox) -> None:
    await shell(sandbox, "X=1", session="one")

    assert (await shell(sandbox, "echo [$X]", session="two"))["stdout"] == "[]\n"


async def test_state_is_kept_when_a_command_exits(sandbox: InProcessSandbox) -> None:
    await shell(sandbox, "X=kept; exit 3")

    assert (await shell(sandbox, "echo $X"))["stdout"] == "kept\n"


async def test_a_killed_call_leaves_the_session_as_it_was(sandbox: InProcessSandbox) -> None:
    await shell(sandbox, "X=before")
    await shell(sandbox, "X=after; sleep 60", seconds=0.3)

    assert (await shell(sandbox, "echo $X"))["stdout"] == "before\n"


async def test_a_syntax_error_is_reported_and_harms_nothing(sandbox: InProcessSandbox) -> None:
    await shell(sandbox, "X=1")
    broken = await shell(sandbox, "echo 'never closed")

    assert broken["exit_code"] != 0
    assert "bash: line 1" in broken["stderr"]
    assert (await shell(sandbox, "echo $X"))["stdout"] == "1\n"


async def test_a_session_whose_folder_is_gone_starts_in_the_workspace(sandbox: InProcessSandbox) -> None:
    await shell(sandbox, "mkdir gone && cd gone")
    await shell(sandbox, "rmdir $PWD", session="other")
    (sandbox.workspace / "gone").rmdir()

    ended = await shell(sandbox, "pwd")

    assert ended["stdout"] == f"{sandbox.workspace}\n"
    assert "folder of this session is gone" in ended["stderr"]


async def test_calls_of_one_session_run_one_after_the_other(sandbox: InProcessSandbox) -> None:
    await shell(sandbox, "n=0")

    await asyncio.gather(*(shell(sandbox, "v=$n; sleep 0.05; n=$((v+1))") for _ in range(5)))

    assert (await shell(sandbox, "echo $n"))["stdout"] == "5\n"


async def test_a_session_outlives_its_node() -> None:
    async with short_folder() as folder:
        async with node_process(folder) as first:
            await shell(first.sandbox, "mkdir inner; cd inner; X=kept")
            await first.kill()
        async with node_process(folder) as second:
            ended = await shell(second.sandbox, "pwd; echo $X")

    assert ended["stdout"] == f"{folder}/workspace/inner\nkept\n"


async def test_a_command_of_ten_megabytes_runs(sandbox: InProcessSandbox) -> None:
    ended = await shell(sandbox, f"# {'x' * 10_000_000}\necho ran")

    assert ended["stdout"] == "ran\n"


async def test_a_nul_in_a_command_is_refused(sandbox: InProcessSandbox) -> None:
    outcome = await ask(sandbox, "shell", command="echo a\0b")

    assert outcome.error == "invalid_arguments"


async def test_a_long_output_is_shown_in_part_and_readable_in_full(sandbox: InProcessSandbox) -> None:
    outcome = await ask(sandbox, "shell", command="seq 1 50000")
    part = await ask(sandbox, "read_output", id=outcome.data["output"], start_line=30_000, lines=3)

    assert "bytes omitted" in outcome.text
    assert len(outcome.text) < 20_000
    assert part.text.splitlines()[1:] == [" 30000\t30000", " 30001\t30001", " 30002\t30002"]


async def test_a_short_output_is_not_kept(sandbox: InProcessSandbox) -> None:
    ended = await shell(sandbox, "echo short")

    assert ended["output"] is None
    outputs = sandbox.workspace.parent / "state" / "outputs"
    await eventually(lambda: list(outputs.iterdir()) == [])


async def test_a_job_runs_on_until_it_is_killed(sandbox: InProcessSandbox) -> None:
    marker = f"marked-{uuid.uuid4().hex}"
    job = (await ask(sandbox, "shell", command=f"echo up; {marked_sleep(marker)}", background=True)).data["job"]
    await eventually(lambda: processes_with(marker))
    tail = await ask(sandbox, "job", action="tail", id=job)
    killed = await ask(sandbox, "job", action="kill", id=job)

    assert (tail.data["state"], tail.data["stdout"]) == ("running", "up")
    assert killed.data["state"] == "ended"
    assert processes_with(marker) == []


async def test_a_job_takes_input_and_is_waited_for(sandbox: InProcessSandbox) -> None:
    job = (await ask(sandbox, "shell", command="read a; read b; echo $b $a; exit 4", background=True)).data["job"]
    await ask(sandbox, "job", action="input", id=job, text="one\n")
    await ask(sandbox, "job", action="input", id=job, text="two\n", close=True)

    ended = await ask(sandbox, "job", action="wait", id=job, seconds=20)

    assert (ended.data["stdout"], ended.data["ending"]) == ("two one", "exit code 4")


async def test_waiting_for_a_job_ends_when_its_time_is_over(sandbox: InProcessSandbox) -> None:
    job = (await ask(sandbox, "shell", command="sleep 60", background=True)).data["job"]

    waited = await ask(sandbox, "job", action="wait", id=job, seconds=0.2)

    assert waited.data["state"] == "running"


async def test_jobs_are_listed(sandbox: InProcessSandbox) -> None:
    await ask(sandbox, "shell", command="sleep 60", background=True)
    ended = (await ask(sandbox, "shell", command="exit 2", background=True)).data["job"]
    await ask(sandbox, "job", action="wait", id=ended)

    listed = await ask(sandbox, "job", action="list")

    assert [line.split("  ")[1] for line in listed.text.splitlines()] == ["running", "exit code 2"]


async def test_jobs_end_with_the_sandbox() -> None:
    marker = f"marked-{uuid.uuid4().hex}"
    opened = await InProcessSandbox.open()
    await ask(opened, "shell", command=marked_sleep(marker), background=True)
    await eventually(lambda: processes_with(marker))

    await opened.close()

    assert processes_with(marker) == []


async def test_a_job_of_a_killed_node_is_reported_lost() -> None:
    async with short_folder() as folder:
        async with node_process(folder) as first:
            started = await ask(first.sandbox, "shell", command="echo up; sleep 600", background=True)
            async with asyncio.timeout(60):
                while (await ask(first.sandbox, "job", action="tail", id=started.data["job"])).data["stdout"] != "up":  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            await first.kill()
        async with node_process(folder) as second:
            tail = await ask(second.sandbox, "job", action="tail", id=started.data["job"])

    assert (tail.data["state"], tail.data["stdout"]) == ("lost", "up")


async def test_an_unknown_job_is_an_error(sandbox: InProcessSandbox) -> None:
    assert (await ask(sandbox, "job", action="tail", id="../../x")).error == "unknown_job"
    assert (await ask(sandbox, "job", action="tail")).error == "invalid_arguments"


async def test_an_unknown_output_is_an_error(sandbox: InProcessSandbox) -> None:
    assert (await ask(sandbox, "read_output", id="../sessions")).error == "unknown_output"


async def test_a_session_goes_on_with_the_newest_state_after_a_node_was_killed(tmp_path: Path) -> None:
    states = SessionStates(tmp_path / "sessions")
    for number in (1, 2):
        new = tmp_path / "new"
        new.write_bytes(b"declare -- n=%d\n# complete\n" % number)
        assert states.adopt("main", new)
    # a node that was killed may have left the older one
    (tmp_path / "sessions" / "main.1").write_text("declare -- n=1\n# complete\n")
    again = SessionStates(tmp_path / "sessions")
    assert again.path("main").read_text().startswith("declare -- n=2")
    assert len(list((tmp_path / "sessions").iterdir())) == 1
