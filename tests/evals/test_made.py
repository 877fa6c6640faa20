"""Thirty artefacts, sixty planted defects."""

from collections import Counter
from typing import Any, NoReturn

from agent.domain.artefacts import CriterionResult
from agent.verification.artefacts.data_file import DataFileWorld
from agent.verification.artefacts.freezing import completed, freeze
from agent.verification.artefacts.program import ProgramWorld
from agent.verification.artefacts.web_page import WebPageWorld
from agent.verification.artefacts.world import World
from evals.made.asked import criteria_of
from evals.made.catalogue import artefacts
from evals.made.measuring import Judged, Workbench, measured, told
from toolserver.client import PageVisit, PageVisited


def test_there_are_ten_artefacts_of_each_kind_and_two_defects_in_each() -> None:
    assert Counter(one.kind for one in artefacts()) == {"program": 10, "web_page": 10, "data_file": 10}
    assert [len(one.defects) for one in artefacts()] == [2] * 30


def test_each_defect_changes_one_file_in_one_place() -> None:
    for one in artefacts():
        for defect in one.defects:
            spoilt = one.spoilt(defect)
            assert [name for name in one.files if spoilt[name] != one.files[name]] == [defect.file]


def test_some_artefacts_are_chinese() -> None:
    chinese = {one.kind for one in artefacts() if any("\u4e00" <= sign <= "\u9fff" for sign in one.wish)}
    assert chinese == {"web_page", "data_file"}


async def nothing_runs(_: object) -> NoReturn:
    raise AssertionError("data files need no sandbox")


class NoBrowser:
    """Opens nothing."""

    async def visit(self, call: PageVisit) -> tuple[PageVisited, bytes]:
        raise AssertionError("data files need no browser")


async def test_every_defect_of_data_files_is_found_and_no_good_one_is_blamed() -> None:
    chosen = [one for one in artefacts() if one.kind == "data_file"]
    found = await measured(Workbench(nothing_runs, NoBrowser()), chosen)
    assert (found.defects, found.missed, found.alarms, found.accepted_bad) == (20, (), (), 0)


def test_a_broken_check_is_no_defect_found_but_an_alarm() -> None:
    criterion = criteria_of(artefacts()[0]).criteria[0]
    broken = CriterionResult(criterion=criterion, outcome="inconclusive", detail="the gate is broken")
    versions = [
        Judged(kind="program", artefact="a", defect=defect, problems=(), results=(broken,), accepted=False)
        for defect in (None, "x")
    ]
    found = told(versions, 1.0)
    assert (found.found, found.missed) == (0, ("a: x",))
    assert found.alarms == (f"a: {criterion.scenario.name}: the gate is broken",)


def test_each_artefact_has_criteria_that_can_be_frozen() -> None:
    worlds: dict[str, World[Any]] = {
        "program": ProgramWorld(nothing_runs),
        "web_page": WebPageWorld(NoBrowser()),
        "data_file": DataFileWorld.of({}),
    }
    for one in artefacts():
        world = worlds[one.kind]
        assert freeze(world, completed(world, criteria_of(one))).criteria.untestable == ()
