"""Scenarios that a model wrote, in a CAD sandbox: as confined as any program of a model."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from toolserver.cad_sandbox import CadModel, CadSandbox, open_cad
from toolserver.deployment.config import LocalSandbox
from toolserver.errors import CadFailed

TABLE = """
from build123d import Box, Pos
parts = {"top": Pos(0, 0, 437.5) * Box(600, 400, 25)}
for n, (x, y) in enumerate([(-260, -160), (260, -160), (-260, 160), (260, 160)]):
    parts[f"leg_{n}"] = Pos(x, y, 212.5) * Box(40, 40, 425)
"""
TILTS = "def scenario(api):\n    api.artefact(lift=2)\n    api.step(1)\n    return api.tilt()"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cad(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CadSandbox]:
    folder: Path = tmp_path_factory.mktemp("cad")
    async with await open_cad(LocalSandbox(), "written", state_dir=folder) as sandbox:
        yield sandbox


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def table(cad: CadSandbox) -> CadModel:
    return await cad.build(TABLE)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_scenario_of_a_model_measures_and_others_go_on_after_hostile_ones(
    cad: CadSandbox, table: CadModel
) -> None:
    hostile = {
        "def scenario(api):\n    while True: pass": "limit",
        "def scenario(api):\n    return len(bytearray(50 * 1024**3))": "usage",
        "import socket\ndef scenario(api):\n    socket.socket()\n    return 0": "usage",
        "import os\ndef scenario(api):\n    os.fork()\n    return 0": "usage",
        "def scenario(api):\n    open('/tmp/written', 'w')\n    return 0": "usage",
        "import os\ndef scenario(api):\n    os._exit(0)": "limit",
        "import os\ndef scenario(api):\n    os.kill(os.getppid(), 9)\n    return 0": "usage",
    }
    for code, kind in hostile.items():
        with pytest.raises(CadFailed) as failed:
            await cad.simulate(table, "custom", "value", {"code": code}, pictures=False, seconds=1)
        assert failed.value.kind == kind, (code, str(failed.value))
    found = await cad.simulate(table, "custom", "value", {"code": TILTS}, pictures=False)
    assert found.value == pytest.approx(0.0, abs=0.1)
    assert all(gate.holds for gate in found.gates)


@pytest.mark.asyncio(loop_scope="module")
async def test_what_one_scenario_changes_in_its_process_changes_no_other(cad: CadSandbox, table: CadModel) -> None:
    forged = (
        "import toolserver.cad.simulating.standing as standing, toolserver.cad.simulating.registry as registry\n"
        "from toolserver.cad.simulating.trying import Measured\n"
        "def scenario(api):\n"
        "    standing.stands = lambda trying, form: Measured({'tilt': 77.0, 'drift': 0.0}, 'forged')\n"
        "    registry.FUNCTIONS = {**registry.FUNCTIONS, 'stands': standing.stands}\n"
        "    return 1.0"
    )
    assert (await cad.simulate(table, "custom", "value", {"code": forged}, pictures=False)).value == 1.0
    assert (await cad.simulate(table, "stands", "tilt", pictures=False)).value == pytest.approx(0.0, abs=0.1)
