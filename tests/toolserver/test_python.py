"""Python code runs in a fresh interpreter and tells its result like a notebook."""

from tests.toolserver.asking import ask
from toolserver.testing import InProcessSandbox


async def test_the_value_of_a_last_expression_is_printed(sandbox: InProcessSandbox) -> None:
    outcome = await ask(sandbox, "python", code="x = 20\nprint('out')\nx + 1")

    assert outcome.data["stdout"] == "out\n21\n"


async def test_none_is_not_printed(sandbox: InProcessSandbox) -> None:
    assert (await ask(sandbox, "python", code="None")).data["stdout"] == ""


async def test_a_traceback_shows_the_code_and_nothing_of_ours(sandbox: InProcessSandbox) -> None:
    outcome = await ask(sandbox, "python", code="def f():\n    return 1 / 0\n\nf()")

    stderr = str(outcome.data["stderr"])
    assert outcome.data["exit_code"] == 1
    assert stderr.startswith('Traceback (most recent call last):\n  File "<code>", line 4, in <module>\n    f()\n')
    assert "ZeroDivisionError" in stderr
    assert "cell.py" not in stderr


async def test_a_syntax_error_shows_the_line(sandbox: InProcessSandbox) -> None:
    outcome = await ask(sandbox, "python", code="x = 1\ny = (")

    assert outcome.data["exit_code"] == 1
    assert "y = (" in str(outcome.data["stderr"])


async def test_the_exit_code_is_told(sandbox: InProcessSandbox) -> None:
    assert (await ask(sandbox, "python", code="import sys; sys.exit(5)")).data["exit_code"] == 5


async def test_modules_of_the_workspace_can_be_imported(sandbox: InProcessSandbox) -> None:
    await ask(sandbox, "write_file", path="helper.py", content="VALUE = 42\n")

    assert (await ask(sandbox, "python", code="import helper\nhelper.VALUE")).data["stdout"] == "42\n"


async def test_nothing_is_kept_from_one_call_to_the_next(sandbox: InProcessSandbox) -> None:
    await ask(sandbox, "python", code="x = 1")

    assert "NameError" in (await ask(sandbox, "python", code="x")).text


async def test_the_environment_cannot_change_the_interpreter(sandbox: InProcessSandbox) -> None:
    outcome = await ask(sandbox, "python", code="import sys\nsys.flags.isolated, sys.flags.utf8_mode")

    assert outcome.data["stdout"] == "(1, 1)\n"


async def test_code_that_runs_too_long_is_ended(sandbox: InProcessSandbox) -> None:
    outcome = await ask(sandbox, "python", code="print('began')\nwhile True: pass", seconds=0.7)

    assert outcome.error == "timeout"
    assert outcome.data["stdout"] == "began\n"


async def test_dataclasses_and_pickling_work_as_in_a_script(sandbox: InProcessSandbox) -> None:
    code = "import dataclasses, pickle\n@dataclasses.dataclass\nclass P:\n    x: int\npickle.loads(pickle.dumps(P(3)))"

    assert (await ask(sandbox, "python", code=code)).data["stdout"] == "P(x=3)\n"
