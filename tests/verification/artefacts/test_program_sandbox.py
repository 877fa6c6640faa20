"""Programs that are tried run in a sandbox of their own: each alone, in an empty folder, within limits."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from agent.domain.errors import SandboxUnavailable
from agent.verification.artefacts.program import Command
from agent.verification.artefacts.program_sandbox import LARGEST_OUTPUT, ProgramSandbox
from agent.verification.artefacts.world import TrialImpossible
from tests.verification.artefacts.sandboxed import sandboxed
from toolserver.client import Sandbox
from toolserver.client import SandboxUnavailable as NoSandboxHere
from toolserver.testing import InProcessSandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProgramSandbox]:
    async with sandboxed(tmp_path_factory.mktemp("sandboxes")) as opened:
        yield opened


def command(
    source: str,
    *arguments: str,
    stdin: str = "",
    wanted: tuple[str, ...] = (),
    seed: int = 0,
    seconds: float = 10,
    files: Mapping[str, str] = {},
) -> Command:
    return Command(("main.py", *arguments), {"main.py": source, **files}, stdin, wanted, seed, seconds)


async def test_a_program_gets_its_files_arguments_input_and_seed_and_gives_output_files_and_exit_code(
    sandbox: ProgramSandbox,
) -> None:
    source = (
        "import os, sys\n"
        "print(sys.argv[1:], sys.stdin.read(), open('a/b.txt').read(), os.environ['PYTHONHASHSEED'])\n"
        "print('said aside', file=sys.stderr)\n"
        "open('out.txt', 'w').write('w\u00e4hlt')\n"
        "raise SystemExit(3)\n"
    )
    arguments = ("two words", "$HOME; exit 9", "a\nline", "")
    wanted = ("out.txt", "./out.txt", "none.txt")
    ran = await sandbox(
        command(source, *arguments, stdin="\u00e9\n", wanted=wanted, seed=7, files={"a/b.txt": "beside"})
    )
    assert ran.stdout == f"{list(arguments)} \u00e9\n beside 7\n"
    assert (ran.exit_code, ran.stderr, ran.whole) == (3, "said aside\n", True)
    assert ran.files == {"out.txt": "w\u00e4hlt", "./out.txt": "w\u00e4hlt"}
    assert 0 < ran.seconds < 10


async def test_nothing_that_one_program_leaves_is_found_by_the_next(sandbox: ProgramSandbox) -> None:
    leaves = (
        "import os, site\n"
        "home = os.path.expanduser('~')\n"
        "place = os.path.join(home, '.local/lib/python3.11/site-packages')\n"
        "os.makedirs(place)\n"
        "open(os.path.join(place, 'usercustomize.py'), 'w').write('print(1)')\n"
        "open('../sitecustomize.py', 'w').write('print(2)')\n"
        "open('left.txt', 'w').write('x')\n"
    )
    assert (await sandbox(command(leaves))).exit_code == 0
    looks = "import os; print(sorted(os.listdir('.')), os.listdir(os.path.expanduser('~')))"
    assert (await sandbox(command(looks))).stdout == "['main.py'] []\n"


async def test_a_folder_that_cannot_be_emptied_and_a_node_that_is_ended_cost_only_their_own_program(
    sandbox: ProgramSandbox,
) -> None:
    closes = "import os; os.makedirs('d/e/f'); os.chmod('d/e', 0); os.chmod('d', 0)"
    ends = "import os, signal\nfor i in range(2, 400):\n  try: os.kill(i, 9)\n  except OSError: pass\n"
    await sandbox(command(closes))
    assert (await sandbox(command("print('alive')"))).stdout == "alive\n"
    with pytest.raises(TrialImpossible, match="lost each time"):
        await sandbox(command(ends))
    assert (await sandbox(command("print('alive')"))).stdout == "alive\n"


@pytest.mark.parametrize(
    ("source", "seconds", "exit_code"),
    [
        ("while True: pass", 0.5, None),
        ("import time; time.sleep(60)", 0.5, None),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 10, None),
        ("import os; os.abort()", 10, 134),
        ("x = bytearray(10**10)", 10, 1),
        ("while True: open('big', 'ab').write(bytes(10**6))", 10, 1),
    ],
)
async def test_limits_stop_a_program_and_crashes_have_their_exit_code(
    sandbox: ProgramSandbox, source: str, seconds: float, exit_code: int | None
) -> None:
    assert (await sandbox(command(source, seconds=seconds))).exit_code == exit_code


@pytest.mark.parametrize(
    "source",
    [
        f"print('x' * {LARGEST_OUTPUT + 1})",
        f"open('out.txt', 'w').write('x' * {LARGEST_OUTPUT + 1})",
        "import os; os.unlink('../stdout'); os.symlink('/etc/hostname', '../stdout')",
        "import os; os.unlink('../stdout'); os.mkfifo('../stdout')",
    ],
)
async def test_what_is_too_long_or_was_put_out_of_the_way_is_not_whole(sandbox: ProgramSandbox, source: str) -> None:
    assert not (await sandbox(command(source, wanted=("out.txt",)))).whole


async def test_links_and_pipes_are_no_files_that_a_program_wrote(sandbox: ProgramSandbox) -> None:
    source = "import os; os.mkfifo('pipe'); os.symlink('/etc/hostname', 'link'); os.mkdir('folder')"
    ran = await sandbox(command(source, wanted=("pipe", "link", "folder")))
    assert (ran.exit_code, ran.files, ran.whole) == (0, {}, True)


@pytest.mark.parametrize(
    "impossible",
    [
        command("", "x" * 200_000),
        command("", "a\0b"),
        command("", files={"n" * 290: ""}),
        command("", files={"a": "", "a/b": ""}),
    ],
)
async def test_what_cannot_be_handed_over_cannot_be_tried(sandbox: ProgramSandbox, impossible: Command) -> None:
    with pytest.raises(TrialImpossible) as refused:
        await sandbox(impossible)
    assert "\n" not in str(refused.value)


async def test_programs_run_one_after_the_other(tmp_path: Path) -> None:
    opened: list[InProcessSandbox] = []

    async def opener() -> Sandbox:
        opened.append(await InProcessSandbox.open("one", folder=tmp_path / "sandbox"))
        return opened[-1]

    sandbox = ProgramSandbox(opener)
    source = "import os, time; time.sleep(0.1); print(os.listdir('.'))"
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(sandbox(command(source, files={f"{i}.txt": ""}))) for i in range(3)]
        ran = [task.result() for task in tasks]
    finally:
        await sandbox.close()
    assert [one.stdout.count(".txt") for one in ran] == [1, 1, 1]
    assert len(opened) == 1


async def test_without_a_sandbox_it_is_said_and_no_verdict() -> None:
    async def none() -> Sandbox | None:
        return None

    async def broken() -> Sandbox | None:
        raise NoSandboxHere("no engine answers")

    for opener, said in ((none, "there is none"), (broken, "no engine answers")):
        with pytest.raises(SandboxUnavailable, match=said):
            await ProgramSandbox(opener)(command("print(1)"))
