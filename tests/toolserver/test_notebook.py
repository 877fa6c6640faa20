"""A real Jupyter kernel: names are kept, figures come back, nothing of an ended cell stays, a dead kernel is told."""

import asyncio
import base64
import io
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from PIL import Image

from tests.toolserver.asking import ask, eventually, processes_with, shell
from toolserver.client import DockerSandbox, Sandbox, ToolOutcome, open_sandbox
from toolserver.testing import InProcessSandbox

MB = 1024 * 1024

FIGURE = """
import pandas as pd
import matplotlib.pyplot as plt
table = pd.read_csv("data.csv")
table.plot(x="day", y="units")
plt.savefig("plot.png")
table
"""


async def cell(sandbox: Sandbox, code: str, **arguments: Any) -> ToolOutcome:
    return await ask(sandbox, "notebook", code=code, **arguments)


def background(marker: str) -> str:
    """Code that leaves a process behind which is in a session of its own."""
    script = "trap '' TERM INT; sleep 600; true"
    return f"import subprocess\nsubprocess.Popen({['setsid', 'bash', '-c', script, marker]!r})\n"


def has_ended(process: int) -> bool:
    """Return whether a process has ended with all its threads, whether or not its parent has noticed."""
    status = Path(f"/proc/{process}/status")
    return not status.exists() or {"State:\tZ (zombie)", "Threads:\t1"} <= set(status.read_text().splitlines())


async def test_names_are_kept_from_one_cell_to_the_next(sandbox: InProcessSandbox) -> None:
    first = await cell(sandbox, "x = 20\nprint('out')")
    second = await cell(sandbox, "x + 1")

    assert (first.data["stdout"], second.data["stdout"]) == ("out\n", "21\n")
    assert (first.data["fresh"], second.data["fresh"]) == (True, False)


async def test_a_table_is_read_plotted_saved_and_the_picture_comes_back(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "data.csv").write_text("day,units\n1,3\n2,5\n")

    outcome = await cell(sandbox, FIGURE)

    assert outcome.ok, outcome.text
    [image] = outcome.images
    assert Image.open(io.BytesIO(base64.b64decode(image.data))).format == "PNG"
    assert Image.open(io.BytesIO((sandbox.workspace / "plot.png").read_bytes())).format == "PNG"
    assert outcome.data["tables"] == [[["", "day", "units"], ["0", "1", "3"], ["1", "2", "5"]]]


async def test_an_exception_is_told_without_colours_and_keeps_the_names(sandbox: InProcessSandbox) -> None:
    outcome = await cell(sandbox, "x = 1\n1 / 0")

    assert outcome.ok
    assert outcome.data["raised"] == {"name": "ZeroDivisionError", "value": "division by zero"}
    assert "\x1b" not in outcome.text
    assert (await cell(sandbox, "x")).data["stdout"] == "1\n"


async def test_the_cells_are_kept_in_a_valid_notebook(sandbox: InProcessSandbox) -> None:
    await cell(sandbox, "print('one')\n2")
    await cell(sandbox, "1 / 0")

    book = nbformat.read(sandbox.workspace / "notebook.ipynb", as_version=4)
    listed = (await ask(sandbox, "notebook", action="list")).data

    nbformat.validate(book)
    assert [one.output_type for one in book.cells[0].outputs] == ["stream", "execute_result"]
    assert book.cells[1].outputs[0].ename == "ZeroDivisionError"
    assert [(one["cell"], one["failed"]) for one in listed["cells"]] == [(1, False), (2, True)]


async def test_a_file_that_is_no_notebook_is_not_overwritten(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "notebook.ipynb").write_text("mine")

    assert (await cell(sandbox, "1")).error == "damaged"
    assert (sandbox.workspace / "notebook.ipynb").read_text() == "mine"


async def test_a_long_output_is_cut_and_can_be_read_in_full(sandbox: InProcessSandbox) -> None:
    outcome = await cell(sandbox, "for n in range(100_000): print('line', n)")
    rest = await ask(sandbox, "read_output", id=outcome.data["output"], start_line=50_001, lines=1)

    assert len(outcome.text) < 17_000
    assert "line 50000" in rest.text
    assert (sandbox.workspace / "notebook.ipynb").stat().st_size < 200_000


async def test_a_cell_beyond_its_time_is_interrupted_and_leaves_nothing_but_the_kernel(
    sandbox: InProcessSandbox, new_id: str
) -> None:
    await cell(sandbox, "x = 1")

    outcome = await cell(sandbox, background(new_id) + "import time\ntime.sleep(600)", seconds=1)

    assert outcome.error == "timeout"
    assert processes_with(new_id) == []
    assert (await cell(sandbox, "x")).data["stdout"] == "1\n"


async def test_a_cell_that_cannot_be_interrupted_loses_its_kernel_and_the_next_cell_says_so(
    sandbox: InProcessSandbox, new_id: str
) -> None:
    code = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"

    outcome = await cell(sandbox, background(new_id) + code, seconds=1)
    following = await cell(sandbox, "1")

    assert (outcome.error, processes_with(new_id)) == ("timeout", [])
    assert following.ok
    assert "the names of earlier cells are lost" in following.text


async def test_a_cancelled_cell_leaves_nothing_but_the_kernel(sandbox: InProcessSandbox, new_id: str) -> None:
    await cell(sandbox, "x = 1")
    code = background(new_id) + "import time\ntime.sleep(600)"
    running = asyncio.ensure_future(sandbox.call("to-cancel", "notebook", {"code": code}))
    await eventually(lambda: processes_with(new_id))

    await sandbox.cancel("to-cancel")

    assert (await running).error == "cancelled"
    assert processes_with(new_id) == []
    assert (await cell(sandbox, "x")).data["stdout"] == "1\n"


async def test_what_an_ended_cell_left_running_belongs_to_the_notebook(sandbox: InProcessSandbox, new_id: str) -> None:
    await cell(sandbox, background(new_id))
    await cell(sandbox, "import time\ntime.sleep(600)", seconds=1)
    before = processes_with(new_id)

    await ask(sandbox, "notebook", action="restart")

    assert before
    assert processes_with(new_id) == []


@pytest.mark.parametrize(
    "code", ["import os\nos._exit(3)", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "exit()"]
)
async def test_a_kernel_that_dies_is_told_and_the_next_cell_has_a_new_one(
    sandbox: InProcessSandbox, code: str, new_id: str
) -> None:
    await cell(sandbox, "x = 1\n" + background(new_id))

    died = await cell(sandbox, code)
    following = await cell(sandbox, "'x' in globals()")
    later = await cell(sandbox, "1")

    assert died.error == "kernel_died"
    assert "names of all cells are lost" in died.text
    assert following.data["stdout"] == "False\n"
    assert "the kernel died" in str(following.data["lost"])
    assert later.data["lost"] is None
    assert processes_with(new_id) == []


async def test_a_kernel_that_is_killed_between_two_cells_is_told(sandbox: InProcessSandbox) -> None:
    process = int(str((await cell(sandbox, "import os\nos.getpid()")).data["stdout"]))

    os.kill(process, signal.SIGKILL)
    await eventually(lambda: has_ended(process))
    outcome = await cell(sandbox, "1")

    assert outcome.ok
    assert "SIGKILL" in str(outcome.data["lost"])


async def test_the_process_that_holds_the_kernel_may_be_killed_too(sandbox: InProcessSandbox) -> None:
    died = await cell(sandbox, "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nimport time\ntime.sleep(60)")
    following = await cell(sandbox, "1")

    assert died.error == "kernel_died"
    assert following.ok
    assert following.data["lost"] is not None


async def test_the_kernel_ends_with_its_sandbox_and_the_next_node_says_so(folder: Path) -> None:
    first = await InProcessSandbox.open(folder=folder)
    process = int(str((await cell(first, "import os\nos.getpid()")).data["stdout"]))
    await first.close(keep_workspace=True)

    second = await InProcessSandbox.open(folder=folder)
    outcome = await second.call("later", "notebook", {"code": "1"})
    await second.close()

    assert not Path(f"/proc/{process}").exists()
    assert "the sandbox was restarted" in outcome.text


async def test_a_running_cell_can_be_interrupted(sandbox: InProcessSandbox) -> None:
    running = asyncio.ensure_future(cell(sandbox, "open('begun', 'w')\nimport time\ntime.sleep(600)"))
    await eventually((sandbox.workspace / "begun").exists, 60)

    stopped = await ask(sandbox, "notebook", action="interrupt")

    assert stopped.data == {"acted": True}
    assert "interrupted" in (await running).text


async def test_cells_run_inside_the_namespaces(local: Sandbox) -> None:
    await local.upload("data.csv", b"day,units\n1,3\n2,5\n")

    outcome = await cell(local, FIGURE)

    assert outcome.ok, outcome.text
    assert len(outcome.images) == 1
    assert (await local.download("plot.png", max_bytes=MB)).startswith(b"\x89PNG")


@pytest.fixture
async def small(engine_ready: None, new_id: str, tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A hardened container with little memory."""
    config = DockerSandbox.model_validate({"limits": {"memory_mb": 400}})
    opened = await open_sandbox(config, new_id, state_dir=tmp_path)
    yield opened
    await opened.close()


@pytest.mark.docker
async def test_in_a_container_a_picture_comes_back_and_a_killed_kernel_is_survived(container: Sandbox) -> None:
    await container.upload("data.csv", b"day,units\n1,3\n2,5\n")

    drawn = await cell(container, FIGURE)
    died = await cell(container, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    again = await cell(container, FIGURE)

    assert drawn.ok, drawn.text
    assert len(drawn.images) == 1
    assert (await container.download("plot.png", max_bytes=MB)).startswith(b"\x89PNG")
    assert died.error == "kernel_died"
    assert again.ok
    assert "lost" in again.text
    book = json.loads(await container.download("notebook.ipynb", max_bytes=MB))
    assert len(book["cells"]) == 3


@pytest.mark.docker
async def test_a_cell_that_takes_all_memory_ends_its_kernel_and_not_the_sandbox(small: Sandbox) -> None:
    died = await cell(small, "hog = bytearray(2_000_000_000)\nhog[::4096] = b'x' * len(hog[::4096])")

    assert died.error == "kernel_died"
    assert "memory" in died.text
    assert (await cell(small, "1 + 1")).data["stdout"] == "2\n"
    assert (await shell(small, "echo alive"))["stdout"] == "alive\n"
