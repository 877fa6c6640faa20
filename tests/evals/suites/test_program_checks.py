"""A suite's own checks run over what a run left; one that cannot tell is an error and never a failure."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.domain.messages import Reply
from agent.domain.programs import Program
from agent.domain.report import Report
from agent.domain.task import Setup, Task
from agent.ledger.store import Ledger
from agent.models.asking import Models
from agent.models.testing.script import call
from agent.models.testing.scripted_model import ScriptedModel
from evals.scorers.acting import Acting, Means
from evals.scorers.agreement import Agreements
from evals.scorers.forms import Exact, ProgramCheck, Score
from evals.scorers.kept import FILE, KeptScores
from evals.scorers.programs import program_score
from evals.suite.definition import Suite, SuiteFile
from evals.suite.sample import Sample
from tests.studio import StudioServices, studio
from toolserver.client import Sandbox
from toolserver.testing import InProcessSandbox

SAMPLE = Sample(id="a", goal="Make out.txt")
PLANTED = (
    "printf 'def loads(text): return 5\\n' > json.py; echo 'raise SystemExit(3)' > hidden.py; echo 'exit()' > ends.py; "
)
WORK = (
    PLANTED
    + "mkdir -p d && echo 5 > out.txt && printf '#!/bin/sh\\necho ran\\n' > d/tool && chmod +x d/tool && rm -f old"
)


@pytest.fixture
def opener(folder: Path) -> Callable[[str], Any]:
    async def opened(name: str) -> Sandbox:
        return await InProcessSandbox.open(name, folder=folder / name)

    return opened


async def nobody(name: str) -> Models:
    raise AssertionError("no model was to be asked")


def suite_in(folder: Path) -> Suite:
    """Return a suite of one sample whose files are in a folder."""
    file = SuiteFile(name="s", version="1", description="d", samples=("s.jsonl",), scorers=(Exact(),))
    return Suite(file=file, folder=folder, samples=(SAMPLE,), digest="0")


async def left(ledger: Ledger, folder: Path, *replies: Reply) -> tuple[str, Report]:
    """Have a run work on a workspace that was prepared, and return its id and its report."""
    model = ScriptedModel([*replies, call("submit", answer="Done.")])
    task = Task(goal="Work", setup=Setup(program=Program(python="open('old', 'w').write('x')")))
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(task)
        return run_id, await runner.wait(run_id)


SAYS = {
    "test $(cat out.txt) = 5 && d/tool && test ! -e old": (True, "exit code 0: ran"),
    "python3 hidden.py": (True, "exit code 0: 2 of 4"),
    "grep 6 out.txt": (False, "exit code 1"),
    # none of these says anything of the run
    "kill -SEGV $$": (None, "exit code 139"),
    "no-such-interpreter": (None, "sh cannot be run"),
    "sleep 60": (None, "timeout"),
    """echo '{"value": NaN}'""": (None, "is no value"),
}
TEXTS = {
    "assert open('out.txt').read() == '5\\n'": (True, "exit code 0"),
    "assert open('out.txt').read() == '6', 'not 6'": (False, "AssertionError: not 6"),
    "open('never-made')": (False, "never-made"),
    "print('{\"value\": 0.25}'); raise SystemExit(1)": (False, "exit code 1"),
    "import json; assert json.loads('6') == 5": (False, "AssertionError"),
    "undefined": (None, "NameError"),
    "1 +": (None, "SyntaxError"),
    "raise SystemExit(70)": (None, "exit code 70"),
    "exit()": (True, "exit code 0"),
    "import sys; sys.path.append('.'); import ends; assert False": (False, "before its end by ends.py"),
    "import sys; sys.path.append('.'); import own": (True, "exit code 0"),
}


async def test_what_checks_say_of_what_a_run_left(ledger: Ledger, folder: Path, opener: Callable[[str], Any]) -> None:
    run_id, report = await left(ledger, folder, call("shell", command=WORK))
    hidden = {
        "hidden.py": b'print(\'{"value": 0.5, "detail": "2 of 4"}\')',
        "own.py": b"exit()",
    }
    commands = [Program(argv=("sh", "-c", text), seconds=1 if "sleep" in text else 60) for text in SAYS]
    programs = [*commands, *(Program(python=text) for text in TEXTS)]
    wanted = [*SAYS.values(), *TEXTS.values()]
    for program, (passed, says) in zip(programs, wanted, strict=True):
        check = ProgramCheck(program=program, files={name: name for name in hidden})
        found = await program_score(check, ledger, run_id, report, hidden, opener)
        assert (found.passed, says in found.detail) == (passed, True), (program, found.detail)
        assert "\n" not in found.detail
        assert (found.value is None) == (passed is None)


async def test_a_module_that_ends_the_check_which_tries_it_out_does_not_pass(
    ledger: Ledger, folder: Path, opener: Callable[[str], Any]
) -> None:
    run_id, report = await left(ledger, folder, call("shell", command=WORK))
    told = "print('{\"value\": 1}')"
    files = {"good.py": told.encode(), "bad.py": f"import ends; assert False; {told}".encode()}
    found = {}
    for name in files:
        program = Program(argv=("python3", name))
        for to_the_end in (True, False):
            check = ProgramCheck(program=program, to_the_end=to_the_end)
            found[name, to_the_end] = await program_score(check, ledger, run_id, report, files, opener)

    passed = {of: score.passed for of, score in found.items()}
    assert passed == {
        ("good.py", True): True,
        ("good.py", False): True,
        ("bad.py", True): False,
        ("bad.py", False): True,
    }
    assert found["bad.py", True].value == 0
    assert "ended before its end" in found["bad.py", True].detail


async def test_a_check_runs_once_and_again_only_when_told_or_changed(
    ledger: Ledger, folder: Path, opener: Callable[[str], Any]
) -> None:
    run_id, report = await left(ledger, folder)
    (folder / "check.py").write_text("print('first')")
    suite = suite_in(folder)
    batch = folder / "batch"
    batch.mkdir()
    ran: list[str] = []

    async def counted(name: str) -> Any:
        ran.append(name)
        return await opener(name)

    async def score(scorer: ProgramCheck, *, acts: bool = True, again: bool = False) -> Score:
        means = Means(counted, nobody) if acts else None
        acting = Acting(ledger, suite, KeptScores(batch), agreements=Agreements(folder), means=means, again=again)
        return await acting.score(scorer, SAMPLE, run_id, report)

    scorer = ProgramCheck(program=Program(argv=("python3", "check.py")), files={"check.py": "check.py"})
    unasked = await score(scorer, acts=False)
    first = await score(scorer)
    lines = (batch / FILE).read_text()
    with (batch / FILE).open("a") as file:
        file.write(json.loads(lines)["run_id"])  # a line that was cut off
    kept = await score(scorer, acts=False)
    told_beside = await score(scorer.model_copy(update={"required": False}), acts=False)

    assert (unasked.passed, "--score-again" in unasked.detail) == (None, True)
    assert first == kept
    assert (first.passed, told_beside.passed, told_beside.required, len(ran)) == (True, True, False, 1)
    (folder / "check.py").write_text("print('second')")
    assert (await score(scorer, acts=False)).passed is None
    assert (await score(scorer)).detail == "exit code 0: second"
    assert (await score(scorer, again=True)).passed
    assert len(ran) == 3
    assert (await score(scorer, acts=False)).detail == "exit code 0: second"


async def test_without_a_sandbox_a_check_is_an_error_that_is_not_kept(ledger: Ledger, folder: Path) -> None:
    run_id, report = await left(ledger, folder)
    scorer = ProgramCheck(program=Program(argv=("true",)))

    async def none(name: str) -> None:
        return None

    means, agreements = Means(none, nobody), Agreements(folder)
    acting = Acting(ledger, suite_in(folder), KeptScores(folder), agreements=agreements, means=means)
    found = await acting.score(scorer, SAMPLE, run_id, report)

    assert (found.passed, "needs a sandbox" in found.detail) == (None, True)
    assert not (folder / FILE).exists()
