"""Tools that users write themselves: functions whose hints and docstring become the schema, run in the sandbox."""

from pathlib import Path

import pytest

from tests.toolserver.asking import ask
from toolserver.client import Progress, Sandbox, ToolServerError
from toolserver.own.folder import ToolFolder
from toolserver.own.tools import OwnTools, derived
from toolserver.testing import InProcessSandbox

SOURCE = '''
# effects: reads
import sys
from typing import Annotated, Literal
from pydantic import BaseModel, Field

class Point(BaseModel):
    x: int
    y: int = 0

def move(point: Point, way: Literal["up", "down"], by: Annotated[int, Field(ge=1)] = 1) -> dict:
    """Move a point.

    It is printed, too.

    Args:
        point: where it is
            at first.
        way: where to.
    """
    print("noise", point)
    return {"x": point.x, "y": point.y + (by if way == "up" else -by)}

async def later() -> str:
    """Answer later."""
    return "later"

def large() -> str:
    """Give much."""
    return "x" * 20_000

def breaks() -> None:
    """Fail."""
    raise RuntimeError("broken")

def leaves() -> None:
    """End the process."""
    sys.exit(3)

def untyped(x):
    """Take anything."""

def undocumented(x: int): ...
'''


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(SOURCE)
    return path


async def test_hints_and_docstring_become_the_schema(sandbox: Sandbox, file: Path) -> None:
    tool = await derived(sandbox, file, "move", None, 60)

    assert tool.description == "Move a point.\n\nIt is printed, too."
    assert tool.effects == ("reads",)
    assert tool.parameters["required"] == ["point", "way"]
    properties = tool.parameters["properties"]
    assert isinstance(properties, dict)
    assert properties["way"] == {
        "description": "where to.", "enum": ["up", "down"], "title": "Way", "type": "string"
    }  # fmt: skip
    assert "where it is at first." in str(properties["point"])


async def test_it_runs_in_the_sandbox_once_for_each_id(local: Sandbox, file: Path) -> None:
    file.write_text(
        "import os\ndef mark() -> int:\n    'Mark.'\n    open('m', 'a').write('x')\n    return os.getuid()\n"
    )
    local.equip(OwnTools(local, [await derived(local, file, "mark", ("writes",), 60)]))
    first = await local.call("one", "mark", {})
    again = await local.call("one", "mark", {})

    assert first.ok
    assert first == again
    assert await local.download("m", max_bytes=10) == b"x"
    assert {tool.name for tool in await local.tools()} >= {"mark", "shell"}


async def test_arguments_are_validated_and_failures_typed(sandbox: InProcessSandbox, file: Path) -> None:
    names = ("move", "later", "large", "breaks", "leaves")
    sandbox.equip(OwnTools(sandbox, [await derived(sandbox, file, name, None, 60) for name in names]))
    moved = await ask(sandbox, "move", point={"x": 1}, way="down", by=2)
    wrong = await ask(sandbox, "move", point={"x": "one"}, way="left", by=0)
    broken = await ask(sandbox, "breaks")

    assert moved.data == {"x": 1, "y": -2}
    assert wrong.error == "invalid_arguments"
    assert "way: Input should be 'up' or 'down'" in wrong.text
    assert (await ask(sandbox, "later")).text == "later"
    assert (await ask(sandbox, "large")).error == "result_too_large"
    assert (broken.error, broken.text) == ("own_tool_failed", "breaks: RuntimeError: broken")
    assert (await ask(sandbox, "leaves")).error == "own_tool_failed"


@pytest.mark.parametrize(
    ("function", "why"),
    [("untyped", "x: give it a type"), ("undocumented", "docstring"), ("none", "has no function none")],
)
async def test_what_cannot_be_a_tool_is_refused_in_one_line(
    sandbox: Sandbox, file: Path, function: str, why: str
) -> None:
    with pytest.raises(ToolServerError, match=why) as refused:
        await derived(sandbox, file, function, None, 60)

    assert "\n" not in str(refused.value)


async def test_a_file_is_not_run_on_the_host(local: Sandbox, tmp_path: Path) -> None:
    trace, file = tmp_path / "trace", tmp_path / "evil.py"
    file.write_text(f"def tool() -> None:\n    'Do.'\ntry:\n    open({str(trace)!r}, 'w')\nexcept OSError:\n    pass\n")
    await derived(local, file, "tool", None, 60)

    assert not trace.exists()


async def test_a_name_of_ours_is_not_taken(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "s.py"
    file.write_text("def shell() -> None:\n    'Not ours.'\n")

    with pytest.raises(ToolServerError, match="there is a tool shell already"):
        await derived(sandbox, file, "shell", None, 60)


async def test_tools_are_kept_until_they_are_removed(sandbox: Sandbox, file: Path, tmp_path: Path) -> None:
    folder, tool = ToolFolder(tmp_path / "tools"), await derived(sandbox, file, "move", ("outside",), 5)
    folder.add(tool)
    folder.add(tool)

    assert folder.tools() == (tool,)
    assert folder.remove("move") == ("move",)
    assert folder.remove("move") == ()
    assert folder.tools() == ()


async def test_what_it_prints_is_seen_while_it_runs_but_not_its_result(
    sandbox: InProcessSandbox, tmp_path: Path
) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text(
        "import atexit, os, time\n"
        "def slow() -> str:\n"
        '    """Work slowly."""\n'
        "    atexit.register(time.sleep, 0.6)\n"
        "    for number in range(4):\n"
        "        print('part', number, flush=True)\n"
        "        while not os.path.exists(f'seen-{number}'): time.sleep(0.05)\n"
        "    return 'finished'\n"
    )
    sandbox.equip(OwnTools(sandbox, [await derived(sandbox, slow, "slow", None, 60)]))
    seen: list[Progress] = []

    def watch(progress: Progress) -> None:
        seen.append(progress)
        if progress.line.startswith("part "):
            (sandbox.workspace / f"seen-{progress.line.removeprefix('part ')}").touch()

    outcome = await sandbox.call("one", "slow", {}, watch=watch)

    assert outcome.text == "finished"
    lines = [one.line for one in seen]
    assert {f"part {number}" for number in range(4)} <= set(lines)
    assert not any("finished" in line for line in lines)
