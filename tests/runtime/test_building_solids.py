"""A solid as wished, from a model behind a real server to files, with programs, measuring and physics in a sandbox."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agent.domain.design import Candidate
from agent.domain.messages import Reply
from agent.domain.task import BuildOrder, Task
from agent.ledger.store import Ledger
from agent.models.config import OpenAIConfig
from agent.models.openai_compatible import OpenAICompatible
from agent.models.port import Profile
from agent.models.testing.script import call
from agent.models.testing.scripted_server import ScriptedServer
from agent.models.tool_modes import with_tool_mode
from agent.runtime.benches import Benches
from agent.runtime.options import RunOptions
from agent.runtime.settings import Settings
from agent.verification.artefacts.design.config import DesignConfig
from tests.runtime.designing import ScriptedDesigner, fenced
from tests.studio import StudioServices, studio
from toolserver.client import CadSandbox, CadSettings, LocalSandbox, open_cad
from toolserver.deployment.bubblewrap import find

pytest.importorskip("build123d", reason="solids need the extra cad")
pytest.importorskip("mujoco", reason="solids need the extra cad")

WISH = "A stool that a child of 30 kg can sit on, also on its edge, in one piece."

STOOL = """\
from build123d import *

UP = (Align.CENTER, Align.CENTER, Align.MIN)
height, width, top = 300, 300, 30
parts = {"seat": Pos(0, 0, height - top) * Box(width, width, top, align=UP)}
for number, (x, y) in enumerate([(-1, -1), (1, -1), (-1, 1), (1, 1)], 1):
    parts[f"leg_{number}"] = Pos(x * 125, y * 125, 0) * Box(40, 40, height - top, align=UP)
parts["rung"] = Pos(0, 125, 90) * Box(210, 20, 25)
"""
NO_LEG = 'del parts["leg_1"]\n'
FLOATING = 'parts["rung"] = Pos(0, 0, 90) * Box(150, 20, 25)\n'

ALLOCATOR = "kept = []\nwhile True:\n    kept.append(bytearray(100_000_000))\n"
FORK_BOMB = "import os\nwhile True:\n    os.fork()\n"
SOCKET = "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=5)\n"

CRITERIA = call(
    "write_criteria",
    criteria=[
        {"id": "whole", "wish": "in one piece", "scenario": "connected", "measure": "pieces", "relation": "==",
         "threshold": 1},
        {"id": "edge", "wish": "a child of 30 kg can sit on, also on its edge", "scenario": "bears",
         "parameters": {"load_kg": 30, "at": "front_left"}, "measure": "tilt", "relation": "<", "threshold": 5,
         "unit": "deg"},
    ],
)  # fmt: skip
PARTS = call("plan_parts", parts=[{"name": "seat", "purpose": "to sit on", "shape": "300 x 300 x 30 mm at 300 mm"}])


@dataclass
class WithSolids(StudioServices):
    """Services with a real CAD sandbox, in which programs may use little memory."""

    opened_cad: list[CadSandbox] = field(default_factory=list)

    def benches(self, options: RunOptions, run_id: str) -> Benches:
        async def cad() -> CadSandbox:
            settings = CadSettings(program_memory_mb=512)
            opened = await open_cad(
                LocalSandbox(require_isolation=True), "cad", state_dir=self.folder, settings=settings
            )
            self.opened_cad.append(opened)
            return opened

        return Benches(cad=cad)


def by_number(shown: str) -> Reply:
    """Answer each of the four candidates of the first round with a program of its own."""
    programs = [STOOL + NO_LEG + FLOATING, ALLOCATOR, FORK_BOMB, SOCKET]
    return fenced(programs[int(shown.rsplit("yours is number ", 1)[1][0]) - 1])


def seat(score: int, *problems: str) -> Reply:
    seen = {"part": "seat", "present": "yes", "position": "right", "proportion": "right", "orientation": "right"}
    return call("critique_artefact", parts=[seen], whole=[{"problem": one} for one in problems], score=score)


@pytest.mark.slow
async def test_a_stool_with_two_defects_among_hostile_programs_is_repaired_until_it_holds(
    ledger: Ledger, folder: Path
) -> None:
    if isinstance(missing := find(drop_to=1_900_000_000), str):
        pytest.skip(missing)
    designer = ScriptedDesigner(
        programs=[by_number],
        redesigns=[fenced(STOOL)],
        criteria=[CRITERIA],
        parts=[PARTS],
        looks=[seat(4, "a leg is missing, and the rung hangs in the air"), seat(9)],
    )
    async with ScriptedServer(designer.over_http) as server:
        config = OpenAIConfig(
            model="scripted", base_url=server.base_url, api_key_env=None,
            profile=Profile(tool_mode="native", vision=True),
        )  # fmt: skip
        model = with_tool_mode(OpenAICompatible("scripted", config, key=None))
        services = WithSolids(model, folder)
        task = Task(goal=WISH, build=BuildOrder(artefact="cad", candidates=4, rounds=2))
        # what a hostile program does is not to be done three times
        settings = Settings(design=DesignConfig(repairs=0))
        async with studio(ledger, services, settings=settings) as runner:
            report = await runner.wait(await runner.start(task))
        await model.close()
    made = report.design
    assert made is not None
    first, second = made.rounds
    defective, *hostile = first.candidates
    assert [results_of(defective)["whole"], results_of(defective)["edge"]] == ["fail", "fail"]
    assert "fails 'in one piece': pieces is 2" in first.reflection
    assert "fails 'a child of 30 kg can sit on, also on its edge': tilt is" in first.reflection
    assert "a leg is missing, and the rung hangs in the air" in first.reflection
    ruled = next(one for one in defective.critiques if one.by == "rules")
    assert any(finding.part == "rung" for finding in ruled.findings), "rules see what floats without any model"
    for candidate, said in zip(hostile, ("memory", "not permitted", "not permitted"), strict=True):
        assert said in candidate.failure
    assert (report.outcome, made.stop, made.best) == ("verified", "accepted", "r2.c1")
    assert results_of(second.candidates[0]) == {"whole": "pass", "edge": "pass"}
    pictures = [view.picture for view in second.candidates[0].views if view.picture is not None]
    assert pictures
    assert "data:image/png;base64," in designer.shown["critique_artefact"][0]
    files = {file.path: file for file in report.artefacts}
    assert (await ledger.blobs.get(files["artefact.step"].sha256)).startswith(b"ISO-10303-21;")
    assert len(services.opened_cad) == 1, "a replay opens none"


def results_of(candidate: Candidate) -> dict[str, str]:
    return {result.criterion.id: result.outcome for result in candidate.results}
