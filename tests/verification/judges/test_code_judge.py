"""What running programs proves of claims about them. The programs run in a sandbox of their own process namespace."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.domain.claims import Claim, ClaimKind, Judgement
from agent.domain.evidence import ToolResult
from agent.execution.reruns import SandboxPrograms
from agent.verification.chain.ports import JudgeFailed
from agent.verification.judges.code import CodeJudge
from agent.verification.judges.code_claims import Unclear, read_claim
from agent.verification.judges.programs import Language
from agent.verification.judges.surroundings import asks_surroundings
from tests.verification.builders import run_of
from tests.verification.judges.sandboxes import NoTools, SandboxCaller
from toolserver.client import LocalSandbox, Sandbox, open_sandbox
from toolserver.deployment.bubblewrap import find


@pytest.fixture(scope="module")
def isolation() -> None:
    found = find(drop_to=1_900_000_000)
    if isinstance(found, str):
        pytest.skip(found)


@pytest.fixture
async def sandbox(isolation: None, tmp_path: Path) -> AsyncIterator[Sandbox]:
    name = f"test-{uuid.uuid4().hex[:12]}"
    opened = await open_sandbox(LocalSandbox(testing=True, require_isolation=True), name, state_dir=tmp_path)
    yield opened
    await opened.close()


async def judged(
    sandbox: Sandbox, text: str, *evidence: ToolResult, kind: ClaimKind = "code", seconds: float = 20
) -> Judgement:
    claim = Claim(id="c1", text=text, kind=kind, evidence=tuple(one.id for one in evidence))
    judge = CodeJudge(SandboxPrograms(SandboxCaller(sandbox), seconds=seconds))
    (found,) = await judge.judge("r0/c1/code", claim, evidence)
    return found


async def test_what_a_program_does_when_it_is_run_decides(sandbox: Sandbox) -> None:
    wanted = {
        "`print(sum(range(10)))` prints `45`.": "supported",
        "`print(sum(range(10)))` prints 46.": "contradicted",
        "`sum(range(10))` returns 45": "supported",
        "In Python, `1.1 + 2.2 == 3.3` is False.": "supported",
        "`1.1 + 2.2 == 3.3` evaluates to `True`": "contradicted",
        "`'a' * 3` returns \"aaa\"": "supported",
        "`1 / 0` raises ZeroDivisionError": "supported",
        "`1 / 1` raises ZeroDivisionError": "contradicted",
        "`int('x')` returns 3": "contradicted",
        "`print(2)` does not print `3`": "supported",
        "`[1, 2] + [3]` gives [1, 2, 3].": "supported",
        "```python\ndef double(x):\n    return 2 * x\n```\n`double(4)` returns 8": "supported",
        "```bash\nprintf '%s\\n' b a | sort | head -n 1\n```\nThe command prints `a`.": "supported",
        "```\n$ echo hello\nhello\n```\nThe command prints `hello`.": "supported",
        "```pycon\n>>> x = 20\n>>> x + 1\n21\n```\nThis prints 22.": "contradicted",
        "`10 / 4` returns 2": "contradicted",
        "`10 / 5` returns 2": "qualified",
        "`print(22 / 7)` prints 3.14": "qualified",
        "`print('a'); print('b')` prints `b`": "qualified",
    }
    found = await asyncio.gather(*(judged(sandbox, text) for text in wanted))
    assert {text: one.verdict for text, one in zip(wanted, found, strict=True)} == wanted, found


async def test_the_hash_of_the_output_and_the_calls_are_in_the_judgement(sandbox: Sandbox) -> None:
    found = await judged(sandbox, "`print('done')` prints `done`")
    assert hashlib.sha256(b"done\n").hexdigest() in found.detail
    assert found.evidence == ("report.r0/c1/code/1", "report.r0/c1/code/2")


async def test_what_cannot_be_decided_by_running_stays_open_with_the_reason(sandbox: Sandbox) -> None:
    reasons = {
        "`import random; print(random.random())` prints `0.5`": "the same twice",
        "`print({'a', 'b', 'c', 'd', 'e', 'f', 'g'})` prints `{'a'}`": "the same twice",
        "`print(undefined_name)` prints `3`": "NameError",
        "`print('x' * 100000)` prints `x`": "more than is kept",
        "`print(3)` prints `3`, the number of moons of Mars": "moons",
        "`print(3)` always prints `3`": "always",
        "`print(3)` prints something nice": "does not mark off",
        "```javascript\nconsole.log(3)\n```\nThe program prints 3.": "javascript",
        "```python\ndef f():\n    print(3)\n```\nThe function prints 3.": "how the function is called",
        "```python\nprint(3)\n```\nThis is how to do it.": "does not say what",
    }
    for found, text in zip(await asyncio.gather(*(judged(sandbox, text) for text in reasons)), reasons, strict=True):
        assert found.verdict == "unverifiable", text
        assert reasons[text] in found.detail, text


async def test_what_is_said_of_another_language_version_or_case_is_not_refuted(sandbox: Sandbox) -> None:
    block = "```python\nprint('x')\n```\n"
    for text in (
        "In Ruby, `5 / 2` returns 2.",
        "In Python 2, `5 / 2` returns 2.",
        "`5 / 2` returns 2 in C.",
        "With NumPy, `[1, 2] + [3, 4]` returns `[4, 6]`.",
        "Before the fix, `2 + 2` returned 5.",
        "Some say that `2 + 2` returns 5.",
        "`2 + 2` no longer returns 5.",
        f"{block}The second program prints `y`.",
        f"{block}If you change x, the program prints `y`.",
    ):
        found = await judged(sandbox, text)
        assert (found.verdict, "another program or case" in found.detail) == ("unverifiable", True), text
    assert (await judged(sandbox, "`2 + 2` returns `5`, and `1 + 1` returns 2.")).verdict == "contradicted"


async def test_errors_that_the_sandbox_may_cause_prove_nothing(sandbox: Sandbox) -> None:
    for program, error in (
        ("import no_such_package", "ModuleNotFoundError"),
        ("open('no-such-file')", "FileNotFoundError"),
    ):
        found = await judged(sandbox, f"```python\n{program}\n```\nThe program raises `{error}`.")
        assert (found.verdict, "the sandbox lacks" in found.detail) == ("unverifiable", True)


@pytest.mark.parametrize(
    ("program", "language", "name"),
    [
        ("import datetime\nprint(datetime.date.today())", "python", "today"),
        ("import os\nprint(os.listdir('.'))", "python", "listdir"),
        ("import os\nprint(os.environ.get('HOME'))", "python", "environ"),
        ("import sys\nprint(sys.version_info[1])", "python", "version_info"),
        ("import random\nprint(random.randint(1, 1))", "python", "random"),
        ("import random\nrandom.seed(1)\nprint(random.randint(1, 6))", "python", ""),
        ("print('today')", "python", ""),
        ("print(open('data.csv').read())", "python", ""),
        ("date +%Y", "shell", "date"),
        ("ls | wc -l", "shell", "ls"),
        ("echo $RANDOM", "shell", "$RANDOM"),
        ("echo updated; seq 3", "shell", ""),
    ],
)
def test_a_program_that_asks_when_and_where_it_runs_is_known_by_its_names(
    program: str, language: Language, name: str
) -> None:
    assert asks_surroundings(program, language) == name


async def test_what_depends_on_where_it_runs_is_not_decided_by_running_it_here(sandbox: Sandbox) -> None:
    for value in ("Windows", "Linux"):
        text = f"```python\nimport platform\nprint(platform.system())\n```\nThis prints `{value}`."
        assert (await judged(sandbox, text)).verdict == "unverifiable"


async def test_a_number_with_separators_is_no_tuple(sandbox: Sandbox) -> None:
    assert (await judged(sandbox, "`1234566 + 1` returns 1,234,567.")).verdict == "qualified"
    assert (await judged(sandbox, "`1234566 + 1` returns 1,234,568.")).verdict == "contradicted"


async def test_a_program_that_does_not_end_in_time_proves_nothing(sandbox: Sandbox) -> None:
    found = await judged(sandbox, "`import time; time.sleep(30)` prints `3`", seconds=0.5)
    assert found.verdict == "unverifiable"
    assert "time limit" in found.detail


async def test_a_cited_program_is_run_again_and_must_print_what_it_printed(sandbox: Sandbox) -> None:
    same = run_of("45\n", "print(sum(range(10)))")
    other = run_of("44\n", "print(sum(range(10)))")
    shown = run_of("45\n", "sum(range(10))")
    assert (await judged(sandbox, "The program prints 45.", same)).verdict == "supported"
    assert (await judged(sandbox, "The program prints 45.", shown)).verdict == "supported"
    assert (await judged(sandbox, "The program prints 46.", same)).verdict == "contradicted"
    changed = await judged(sandbox, "The program prints 45.", other)
    assert changed.verdict == "unverifiable"
    assert "no longer prints" in changed.detail


async def test_programs_see_a_copy_of_the_workspace_and_change_nothing_in_it(sandbox: Sandbox) -> None:
    await sandbox.call("w1", "write_file", {"path": "data.txt", "content": "a\nb\n"})
    await sandbox.call("w2", "write_file", {"path": "json.py", "content": "raise SystemExit('forged')"})
    found = await judged(
        sandbox, "```python\nopen('data.txt', 'a').write('c')\nprint(len(open('data.txt').read()))\n```\nIt prints 5."
    )
    read = await sandbox.call("r1", "python", {"code": "print(open('data.txt').read())"})
    assert found.verdict == "supported", found.detail
    assert read.data["stdout"] == "a\nb\n\n"


async def test_a_workspace_that_is_too_large_to_copy_makes_judging_fail(sandbox: Sandbox) -> None:
    await sandbox.call("w", "python", {"code": "for n in range(2001): open(f'{n}.txt', 'w').close()"})
    with pytest.raises(JudgeFailed, match="more than 2000 files"):
        await judged(sandbox, "`print(3)` prints `3`")


async def test_without_a_sandbox_nothing_is_judged() -> None:
    judge = CodeJudge(SandboxPrograms(NoTools()))
    with pytest.raises(JudgeFailed, match="nothing to run programs with"):
        await judge.judge("s", Claim(id="c1", text="`print(3)` prints `3`", kind="code"), ())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Berlin is the capital of Germany.", "fact"),
        ("`Path.stem` returns the last part without its suffix.", "fact"),
        ("`requests` is a library.", "fact"),
        ("The method `get()` returns None where there is nothing.", "opinion"),
    ],
)
async def test_claims_that_say_nothing_of_a_run_are_left_to_other_judges(text: str, kind: ClaimKind) -> None:
    assert not await CodeJudge(SandboxPrograms(NoTools())).judge("s", Claim(id="c1", text=text, kind=kind), ())


@pytest.mark.parametrize(
    "text", ["`" * 20_000, "prints " * 2_800, "```\n" * 5_000, "`a` is " * 2_800, "`" + "(" * 15_000 + "` is 3"]
)
def test_hostile_claims_are_read_quickly_and_break_nothing(text: str) -> None:
    try:
        read = read_claim(Claim(id="c1", text=text, kind="code"), ())
    except Unclear:
        return
    assert read is None or read.program
