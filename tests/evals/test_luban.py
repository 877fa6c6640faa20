"""Luban's five tasks: good builds pass, planted defects are found, and checks are fast."""

import asyncio
from pathlib import Path

import pytest

from agent.domain.errors import UsageError
from agent.ledger.store import Ledger
from agent.models.testing.scripted_model import ScriptedModel
from agent.verification.artefacts.freezing import freeze
from agent.verification.artefacts.voxel.world import VoxelWorld
from evals.luban.__main__ import app
from evals.luban.builds import GOOD, stair
from evals.luban.designing import designed
from evals.luban.measuring import Confusion, confusion
from evals.luban.sabotages import SABOTAGES
from evals.luban.tasks import TASKS
from tests.runtime.designing import ScriptedDesigner, fenced
from tests.studio import StudioServices, studio


@pytest.fixture(scope="module")
def found() -> Confusion:
    return asyncio.run(confusion(VoxelWorld()))


def test_there_are_five_tasks_with_eight_defects_each() -> None:
    assert [task.name for task in TASKS] == list(GOOD) == list(SABOTAGES)
    assert [len(defects) for defects in SABOTAGES.values()] == [8] * 5


def test_planted_defects_are_found_by_the_check_that_is_about_them(found: Confusion) -> None:
    assert found.sabotaged == 40
    assert found.detection >= 0.95, found.missed


def test_good_builds_are_not_blamed(found: Confusion) -> None:
    assert found.good_builds == 20
    assert found.false_alarms <= 0.02, found.alarms
    assert found.accepted_builds == found.good_builds


def test_every_check_found_or_passed_something_but_never_passed_all(found: Confusion) -> None:
    """A check that fails none of its task's eight defects shows itself by its control alone: one such is known."""
    never = {(row.task, row.check) for row in found.rows if not row.bad_failed}
    assert never == {("two-storey house", "stands")}
    assert all(row.good_passed == 4 for row in found.rows)


def test_the_hint_changes_the_words_of_a_task_and_nothing_that_is_measured() -> None:
    for task in TASKS:
        plain, hinted = task.frozen(hint=False), task.frozen(hint=True)
        assert task.hint in hinted.wish
        assert task.hint not in plain.wish
        assert plain.criteria == hinted.criteria
        assert freeze(VoxelWorld(), plain).sha256 != freeze(VoxelWorld(), hinted).sha256


def test_the_same_builds_measure_the_same_again(found: Confusion) -> None:
    again = asyncio.run(confusion(VoxelWorld()))
    assert again.model_dump(exclude={"seconds"}) == found.model_dump(exclude={"seconds"})


async def test_a_model_designs_the_tasks_with_the_hint_or_without_it(ledger: Ledger, folder: Path) -> None:
    """The first stair is too low, which the climb finds; the next one is mended, and the whole run is on record."""
    low, good = stair(steps=4).program(), stair().program()
    designer = ScriptedDesigner([fenced(low)], redesigns=[fenced(good)])
    told: list[str] = []
    async with studio(ledger, StudioServices(ScriptedModel(designer), folder)) as runner:
        plain = await designed(runner, hint=False, names=["stair"], candidates=1, tell=told.append)
        shown = dict(designer.shown)
        designer.shown.clear()
        hinted = await designed(runner, hint=True, names=["stair"], candidates=1)
    (row,) = plain.rows
    assert (row.task, row.accepted, row.passed, row.first, row.criteria, row.rounds) == ("stair", True, 3, 1, 3, 2)
    assert (row.stop, plain.accepted, hinted.accepted, told) == ("accepted", 1, 1, ["stair"])
    assert not any("key design parameter" in text for text in shown["program"])
    assert all("The key design parameter is the height of the stair." in text for text in designer.shown["program"])
    assert "write_criteria" not in designer.shown


def test_options_of_designing_are_refused_without_it() -> None:
    with pytest.raises(UsageError, match="name that too"):
        app(["--hint"], standalone_mode=False)
    with pytest.raises(UsageError, match="there is no task 'castle'"):
        app(["--design", "--task", "castle"], standalone_mode=False)
