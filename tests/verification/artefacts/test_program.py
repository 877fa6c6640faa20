"""Programs are run in a sandbox, compared with what they should print and write, and sabotaged by one operator."""

import ast
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from agent.domain.artefacts import Criteria, Criterion, CriterionResult, Mutation, Scenario
from agent.domain.errors import SandboxUnavailable, UsageError
from agent.verification.artefacts.freezing import completed, freeze
from agent.verification.artefacts.program import SCENARIOS, Command, Program, ProgramWorld, Ran
from agent.verification.artefacts.program_mutations import flipped, sites
from agent.verification.artefacts.program_sandbox import ProgramSandbox
from agent.verification.artefacts.ranking import accepted
from agent.verification.artefacts.trying import judged, tried
from agent.verification.artefacts.world import BuildFailed, MadeFile, TrialImpossible
from tests.verification.artefacts.sandboxed import sandboxed

beside_the_others = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProgramSandbox]:
    """A sandbox in bubblewrap that all tests of this file share."""
    async with sandboxed(tmp_path_factory.mktemp("sandboxes")) as opened:
        yield opened


async def nowhere(command: Command) -> Ran:
    raise AssertionError("nothing was to be run")


LEAP = """\
import sys
year = int(sys.argv[1])
print("leap" if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else "common")
"""
COUNT = """\
import sys
counts = {}
for word in sys.stdin.read().lower().split():
    counts[word] = counts.get(word, 0) + 1
for word, times in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
    print(times, word)
"""
TABLE = """\
with open("numbers.txt") as given:
    numbers = [float(line) for line in given if line.strip()]
with open("out.txt", "w") as out:
    out.write(f"{sum(numbers):.2f}\\n{max(numbers):.2f}\\n")
"""


def of(source: str, **files: str) -> str:
    return json.dumps({"files": {"main.py": source, **files}})


def case(expected: str, *arguments: str, stdin: str = "") -> dict[str, Any]:
    return {"arguments": list(arguments), "stdin": stdin, "expected": expected}


def nothing_wrong(scenario: str, parameters: Mapping[str, Any], *, control: Mutation | None = None) -> Criterion:
    measure = next(iter(next(one for one in SCENARIOS if one.name == scenario).measures))
    return Criterion(
        id="C1",
        wish=scenario,
        scenario=Scenario(name=scenario, parameters=parameters),
        measure=measure,
        relation="==",
        threshold=0,
        control=control,
    )


ASKED: Mapping[str, tuple[str, Criterion]] = {
    "leap": (
        LEAP,
        nothing_wrong(
            "cases",
            {"cases": [case("leap", "2020"), case("common", "2023"), case("common", "1900"), case("leap", "2000")]},
        ),
    ),
    "count": (COUNT, nothing_wrong("prints", {"stdin": "b a b c\nC b", "expected": "3 b\n2 c\n1 a"})),
    "table": (
        TABLE,
        nothing_wrong(
            "writes", {"files": {"numbers.txt": "1.5\n2\n\n-1"}, "path": "out.txt", "expected": "2.50\n2.00"}
        ),
    ),
}
DEFECTS = [
    ("leap", "year % 100 != 0", "year % 10 != 0"),
    ("leap", "int(sys.argv[1])", "int(sys.argv[0])"),
    ("leap", ' else "common"', ' else "usual"'),
    ("count", "(-item[1], item[0])", "item[1]"),
    ("count", ".lower()", ""),
    ("count", "print(times, word)", "print(word, times)"),
    ("count", "import sys", "import sys, socket\nsocket.create_connection(('192.0.2.1', 80), 1)"),
    ("table", "max(", "min("),
    ("table", ":.2f}\\n{max", ":.1f}\\n{max"),
    ("table", "out.txt", "output.txt"),
    ("table", "if line.strip()", ""),
    ("table", "with open", "import os; os.abort()\nwith open"),
]


async def results_of(sandbox: ProgramSandbox, name: str, source: str) -> tuple[CriterionResult, ...]:
    world = ProgramWorld(sandbox)
    asked = Criteria(wish=name, kind="program", criteria=(ASKED[name][1],))
    criteria = freeze(world, completed(world, asked)).criteria
    return await judged(world, await world.build(of(source)), criteria)


@beside_the_others
@pytest.mark.parametrize("name", list(ASKED))
async def test_good_programs_pass_in_a_real_sandbox(sandbox: ProgramSandbox, name: str) -> None:
    (result,) = await results_of(sandbox, name, ASKED[name][0])
    assert (result.outcome, len(result.control)) == ("pass", 1), result.detail


@beside_the_others
@pytest.mark.parametrize(("name", "old", "new"), DEFECTS)
async def test_planted_defects_fail_in_a_real_sandbox(sandbox: ProgramSandbox, name: str, old: str, new: str) -> None:
    source = ASKED[name][0]
    assert old in source
    (result,) = await results_of(sandbox, name, source.replace(old, new, 1))
    assert result.outcome == "fail"


@beside_the_others
async def test_programs_that_loop_allocate_and_reach_out_are_stopped_and_told(sandbox: ProgramSandbox) -> None:
    world = ProgramWorld(sandbox)
    told = []
    for source, seconds in (
        ("while True: pass", 1),
        ("x = bytearray(10**10)", 30),
        ("import socket; socket.create_connection(('192.0.2.1', 80))", 30),
        ("open('/etc/hosts')", 30),
    ):
        ends = Scenario(name="ends", parameters={"seconds": seconds})
        trial = await world.simulate(await world.build(of(source)), ends, "exit_code", 0)
        told.append((trial.value, trial.detail.split(": ")[-1] if trial.value == 124 else trial.detail.split(": ")[1]))
    assert told == [
        (124, "it was stopped by a limit"),
        (1, "MemoryError"),
        (1, "OSError"),
        (1, "FileNotFoundError"),
    ]


@beside_the_others
async def test_repeats_find_what_hangs_on_the_order_of_a_set(sandbox: ProgramSandbox) -> None:
    world = ProgramWorld(sandbox)
    source = "print(*{'apple', 'pear', 'plum', 'fig', 'lime'})"
    build = await world.build(of(source))
    once = await world.simulate(build, Scenario(name="prints", parameters={"expected": ""}), "wrong_lines", 0)
    assert once == (
        await world.simulate(build, Scenario(name="prints", parameters={"expected": ""}), "wrong_lines", 0)
    ).model_copy(update={"seconds": once.seconds})
    shown = (await sandbox(Command(("main.py",), build.files, "", (), 0, 5))).stdout
    criterion = nothing_wrong("prints", {"expected": shown}, control=Mutation(name="empty"))
    assert (await tried(world, build, criterion, seed=0)).outcome == "pass"
    assert (await tried(world, build, criterion.model_copy(update={"repeats": 4}), seed=0)).outcome == "fail"


async def test_output_that_was_cut_and_a_lost_sandbox_are_no_verdict() -> None:
    async def cut(command: Command) -> Ran:
        return Ran(0, "right", 0.1, whole=False)

    async def lost(command: Command) -> Ran:
        raise SandboxUnavailable("the sandbox was lost")

    criterion = nothing_wrong("prints", {"expected": "right"}, control=Mutation(name="empty"))
    result = await tried(ProgramWorld(cut), Program({"main.py": ""}, "main.py"), criterion, seed=0)
    assert (result.outcome, result.detail) == (
        "inconclusive",
        "the gate whole_output is broken: it printed more than can be compared",
    )
    with pytest.raises(SandboxUnavailable):
        await tried(ProgramWorld(lost), Program({"main.py": ""}, "main.py"), criterion, seed=0)


async def test_a_check_that_a_sabotaged_program_passes_too_is_inconclusive() -> None:
    async def always_right(command: Command) -> Ran:
        return Ran(0, "right", 0.1)

    criterion = nothing_wrong("prints", {"expected": "right"}, control=Mutation(name="flip"))
    result = await tried(ProgramWorld(always_right), Program({"main.py": "x = 1"}, "main.py"), criterion, seed=0)
    assert result.outcome == "inconclusive"
    assert not accepted(await ProgramWorld(always_right).inspect(Program({}, "")), [result]).accepted


async def test_files_of_a_scenario_stand_in_for_those_of_the_program() -> None:
    seen: list[Command] = []

    async def noted(command: Command) -> Ran:
        seen.append(command)
        return Ran(0, "", 0.1)

    world = ProgramWorld(noted)
    build = await world.build(of("", **{"in.txt": "the program's own"}))
    scenario = Scenario(name="ends", parameters={"files": {"in.txt": "given"}})
    await world.simulate(build, scenario, "exit_code", 3)
    assert (seen[0].files["in.txt"], seen[0].seed) == ("given", 3)
    with pytest.raises(UsageError, match="leads out of the program's folder"):
        await world.simulate(build, Scenario(name="ends", parameters={"files": {"../x": ""}}), "exit_code", 3)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("", "this is no program"),
        ("{print(1)}", "this is no program"),
        ('{"files": {}}', "this is no program: files"),
        ('{"files": {"a.py": ""}}', "there is no file 'main.py' to run; there are a.py"),
        ('{"files": {"main.py": "", "/etc/passwd": ""}}', "leads out of the program's folder"),
        ('{"files": {"main.py": "", "a/../../b": ""}}', "leads out of the program's folder"),
    ],
)
async def test_what_is_no_program_is_refused(program: str, said: str) -> None:
    with pytest.raises(BuildFailed) as refused:
        await ProgramWorld(nowhere).build(program)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_plain_python_is_a_program_of_one_file_and_is_handed_over_as_it_was_written() -> None:
    world = ProgramWorld(nowhere)
    build = await world.build("print(2 + 2)\n")
    assert await world.files(build) == (MadeFile("main.py", b"print(2 + 2)\n", "text/x-python"),)
    several = await world.build(of("import b", **{"a.txt": "1", "b.py": ""}))
    assert [file.path for file in await world.files(several)] == ["main.py", "a.txt", "b.py"]


async def test_source_that_cannot_be_parsed_is_a_problem_with_its_line() -> None:
    world = ProgramWorld(nowhere)
    inspection = await world.inspect(await world.build(of("x = 1\nif x\n", **{"deep.py": "-" * 50_000 + "1"})))
    assert inspection.problems[0] == "main.py, line 2: expected ':'"
    assert inspection.problems[1].startswith("deep.py")
    assert (await world.inspect(await world.build(of("x = 1 + 2")))).sound


@pytest.mark.parametrize(
    ("source", "number", "changed"),
    [
        ("a < b", 0, "a >= b"),
        ("a + b", 0, "a - b"),
        ("x += 1", 0, "x -= 1"),
        ("x += 1", 1, "x += 2"),
        ("a and b", 0, "a or b"),
        ("f(True)", 0, "f(False)"),
        ("f('a')", 0, "f('a~')"),
        ('def f():\n    """says"""\n    return 1', 0, 'def f():\n    """says"""\n    return 2'),
    ],
)
def test_one_operator_or_constant_is_flipped(source: str, number: int, changed: str) -> None:
    assert flipped(source, number) == changed


def test_flips_can_be_kept_to_a_function_and_end_with_the_last_site() -> None:
    source = "a = 1\ndef f(x):\n    return x + 2\n"
    assert flipped(source, 1, "f") == "a = 1\n\ndef f(x):\n    return x + 3"
    with pytest.raises(TrialImpossible, match="there are 2 operators and constants to flip in f, and none of number 2"):
        flipped(source, 2, "f")
    with pytest.raises(TrialImpossible, match="cannot be parsed: SyntaxError"):
        flipped("if", 0)


def test_every_flip_is_another_program() -> None:
    for source in (LEAP, COUNT, TABLE):
        tree = ast.parse(source)
        made = [flipped(source, number) for number in range(len(sites(tree)))]
        assert ast.unparse(tree) not in made
        assert len(set(made)) == len(made) >= 3
