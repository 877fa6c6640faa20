"""Designs made by a person in the model's seat: their words are replayed; programs, measuring, physics are live."""

import json
from pathlib import Path

import pytest

from agent.ledger.cassette import import_run
from agent.ledger.store import Ledger
from agent.runtime.benches import Benches
from agent.runtime.history import read_view
from agent.runtime.options import RunOptions
from agent.runtime.recorded_model import recorded_model
from agent.runtime.replay import replayed_report
from tests.studio import StudioServices, studio
from toolserver.client import CadSandbox, LocalSandbox, open_cad
from toolserver.deployment.bubblewrap import find

pytest.importorskip("build123d", reason="solids need the extra cad")
pytest.importorskip("mujoco", reason="solids need the extra cad")

FOLDER = Path(__file__).parent / "designs"
CASSETTES = sorted(FOLDER.glob("*.jsonl"))
LARGEST = 1_200_000
"""Bytes of a cassette that ships; pictures and files of solids are most of it."""


class WithSolids(StudioServices):
    """Services with a real CAD sandbox, as commands open it."""

    def benches(self, options: RunOptions, run_id: str) -> Benches:
        async def cad() -> CadSandbox:
            return await open_cad(LocalSandbox(require_isolation=True), "cad", state_dir=self.folder)

        return Benches(cad=cad)


def test_designs_are_shipped() -> None:
    assert len(CASSETTES) == 3
    assert all(path.stat().st_size < LARGEST for path in CASSETTES)


@pytest.mark.parametrize("cassette", CASSETTES, ids=lambda path: path.stem)
async def test_a_shipped_design_replays_to_the_same_report(
    ledger: Ledger, cassette: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOW_MODEL_REQUESTS", "0")
    run = await import_run(ledger, cassette)
    recorded = (await read_view(ledger, run.run_id)).report
    assert recorded is not None
    assert await replayed_report(ledger, run.run_id) == recorded


@pytest.mark.slow
@pytest.mark.parametrize("cassette", CASSETTES, ids=lambda path: path.stem)
async def test_what_a_person_designed_is_built_and_tried_out_again(
    ledger: Ledger, folder: Path, cassette: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOW_MODEL_REQUESTS", "0")
    if isinstance(missing := find(drop_to=1_900_000_000), str):
        pytest.skip(missing)
    run = await import_run(ledger, cassette)
    view = await read_view(ledger, run.run_id)
    assert view.task is not None
    assert view.report is not None
    assert view.report.design is not None
    then = view.report.design
    async with studio(ledger, WithSolids(await recorded_model(ledger, run.run_id), folder)) as runner:
        report = await runner.wait(await runner.start(view.task))
    assert report.design is not None
    now = report.design

    assert (report.outcome, now.stop, now.best) == ("verified", "accepted", then.best)
    assert now.criteria_sha256 == then.criteria_sha256
    first, last = now.rounds[0].candidates[0], now.handed_over
    assert last is not None
    assert "fail" in {result.outcome for result in first.results}, "the first program has a defect"
    assert {result.outcome for result in last.results} == {"pass"}
    assert [[one.program for one in turn.candidates] for turn in now.rounds] == [
        [one.program for one in turn.candidates] for turn in then.rounds
    ]
    assert {file.path for file in report.artefacts} >= {"artefact.step", "artefact.glb"}


@pytest.mark.parametrize("cassette", CASSETTES, ids=lambda path: path.stem)
def test_a_shipped_design_names_no_place_of_the_machine_it_was_made_on(cassette: Path) -> None:
    text = cassette.read_text("utf-8")
    assert [json.loads(line)["line"] for line in text.splitlines()][-1]
    assert not [place for place in ("/root/", "/home/", "/tmp/", "/work/") if place in text]
