"""A run that works in a notebook: its figures are evidence and pictures, and a kernel that dies does not end it."""

import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from agent.cli.artefacts import save_artefacts
from agent.domain.evidence import ToolResult
from agent.domain.task import Task, WorkspaceFile
from agent.ledger.store import Ledger
from agent.models.port import Profile
from agent.models.testing.script import call
from agent.models.testing.scripted_model import ScriptedModel
from agent.runtime.options import RunOptions
from tests.studio import StudioServices, studio
from toolserver.client import DockerSandbox, EgressEvent, LocalSandbox, Sandbox, SandboxConfig, open_sandbox

KINDS: dict[str, SandboxConfig] = {
    "local": LocalSandbox(require_isolation=True),
    "docker": DockerSandbox(testing=True),
}
SANDBOXES = [
    pytest.param("local", marks=[pytest.mark.slow]),
    pytest.param("docker", marks=[pytest.mark.docker, pytest.mark.slow]),
]
SEEING = Profile(tool_mode="native", vision=True)
CSV = b"day,count\n1,3\n2,5\n3,9\n4,17\n"
LOAD = "import pandas as pd\ntable = pd.read_csv('counts.csv')\nprint('total', table['count'].sum())"
PLOT = (
    "import matplotlib\nimport matplotlib.pyplot as plt\n"
    "figure, axes = plt.subplots(figsize=(4, 3), dpi=100)\naxes.plot(table['day'], table['count'])\n"
    "figure.savefig('counts.png', dpi=100)\nplt.show()"
)


@dataclass
class RealServices(StudioServices):
    """Services with sandboxes of a kind that users have."""

    kind: str = "local"

    async def open_sandbox(
        self, options: RunOptions, run_id: str, on_egress: Callable[[EgressEvent], None] | None = None
    ) -> Sandbox:
        return await open_sandbox(KINDS[self.kind], run_id, state_dir=self.folder / "sandboxes")


def told(model: ScriptedModel, step: int) -> str:
    """The result of the last call that the model saw before a step."""
    return next(str(m["content"]) for m in reversed(model.asked[step].messages) if m["role"] == "tool")


Run = Callable[..., Awaitable[Any]]


@pytest.fixture
async def run(ledger: Ledger, folder: Path, sandbox: str, require_sandbox: None) -> Run:
    """Does a task with the CSV file in a sandbox of the kind, and returns the report."""

    async def running(model: ScriptedModel) -> Any:
        given = WorkspaceFile(path="counts.csv", sha256=await ledger.blobs.put(CSV), size=len(CSV))
        async with studio(ledger, RealServices(model, folder, kind=sandbox)) as runner:
            task = Task(goal="Plot the counts", files=(given,))
            return await runner.wait(await runner.start(task, run_id=f"run-{uuid4().hex[:8]}"))

    return running


@pytest.mark.parametrize("sandbox", SANDBOXES)
async def test_a_figure_drawn_in_a_notebook_is_evidence_a_picture_and_a_file(
    ledger: Ledger, run: Run, tmp_path: Path
) -> None:
    claim = {"text": "The total is 34.", "evidence": ["root.0.0", "root.1.0"]}
    model = ScriptedModel(
        [
            call("notebook", code=LOAD),
            call("notebook", code=PLOT),
            call("submit", answer="The total is 34.", claims=[claim], artefacts=["counts.png"]),
        ],
        profile=SEEING,
    )
    report = await run(model)

    assert "total 34" in told(model, 1)
    files = {file.path: file for file in report.artefacts}
    assert set(files) == {"counts.png", "notebook.ipynb"}
    (picture,) = report.pictures
    assert (picture.evidence, picture.media_type) == ("root.1.0", "image/png")
    cited = {item.id: item for item in report.evidence}
    assert isinstance(cited["root.1.0"], ToolResult)
    assert [drawn.sha256 for drawn in cited["root.1.0"].images] == [picture.sha256]
    (shown,) = [m["content"] for m in model.asked[2].messages if isinstance(m["content"], list)]
    assert shown[1]["image_url"]["url"].startswith("data:image/")

    assert await save_artefacts(ledger, report, tmp_path / "saved") == []
    saved = (tmp_path / "saved/counts.png").read_bytes()
    assert saved.startswith(b"\x89PNG")
    assert struct.unpack(">II", saved[16:24]) == (400, 300)
    drawn = (tmp_path / "saved/pictures/1-root.1.0.png").read_bytes()
    assert struct.unpack(">II", drawn[16:24]) == (picture.width, picture.height)
    assert "figure.savefig" in (tmp_path / "saved/notebook.ipynb").read_text()


@pytest.mark.parametrize("sandbox", SANDBOXES)
async def test_a_cell_that_kills_its_kernel_is_told_and_the_run_goes_on(ledger: Ledger, run: Run) -> None:
    model = ScriptedModel(
        [
            call("notebook", code=LOAD),
            call("notebook", code="print('before', flush=True)\nimport os\nos.kill(os.getpid(), 9)"),
            call("notebook", code="print('table' in globals())"),
            call("notebook", code=f"{LOAD}\n{PLOT}"),
            call("submit", answer="Drawn.", success=True, artefacts=["counts.png"]),
        ]
    )
    report = await run(model)

    assert told(model, 2).startswith("error (kernel_died)")
    assert "the kernel died" in told(model, 2)
    assert "names of earlier cells are lost" in told(model, 3)
    assert "False" in told(model, 3)
    assert "total 34" in told(model, 4)
    assert report.outcome == "unverified"
    assert "counts.png" in {file.path for file in report.artefacts}
    assert [picture.evidence for picture in report.pictures] == ["root.3.0"]
