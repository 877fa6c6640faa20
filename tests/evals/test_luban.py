"""Luban's five tasks: good builds pass, planted defects are found, and checks are fast."""

import asyncio

import pytest

from agent.verification.artefacts.freezing import freeze
from agent.verification.artefacts.voxel.world import VoxelWorld
from evals.luban.builds import GOOD
from evals.luban.measuring import Confusion, confusion
from evals.luban.sabotages import SABOTAGES
from evals.luban.tasks import TASKS


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
