"""What rules see in an artefact without any model, and that they leave good ones alone."""

import pytest

from agent.domain.artefacts import Inspection, Part
from agent.domain.design import Finding, PartPlan
from agent.verification.artefacts.seeing.rules import seen_by_rules
from tests.verification.artefacts.seeing.artefacts import PLAN, TABLE, Box, inspected, solid


def found(boxes: dict[str, Box], *plan: PartPlan, **measures: float | bool) -> list[tuple[str | None, str]]:
    critique = seen_by_rules(inspected(boxes, **measures), plan)
    assert (critique.by, critique.score, critique.failure) == ("rules", None, "")
    return [(one.part, one.aspect) for one in critique.findings]


def first(boxes: dict[str, Box], *plan: PartPlan, **measures: float | bool) -> Finding:
    return seen_by_rules(inspected(boxes, **measures), plan).findings[0]


def planned(*names: str) -> tuple[PartPlan, ...]:
    return tuple(PartPlan(name=name, purpose="p", shape="s") for name in names)


HOUSE: dict[str, Box] = {
    "walls": (0, 0, 0, 3000, 3000, 2400),
    "roof": (-100, -100, 2400, 3200, 3200, 150),
    "door": (1050, 20, 0, 900, 40, 2000),
}
BOX: dict[str, Box] = {"box": (0, 0, 0, 200, 150, 80), "lid": (0, 0, 80, 200, 150, 5)}
BRIDGE: dict[str, Box] = {
    "pier_left": (0, 0, 0, 120, 300, 285),
    "pier_right": (1880, 0, 0, 120, 300, 285),
    "deck": (0, 0, 285, 2000, 300, 30),
    "rail_front": (0, 0, 315, 2000, 16, 60),
    "rail_back": (0, 284, 315, 2000, 16, 60),
}


@pytest.mark.parametrize("good", [TABLE, HOUSE, BOX, BRIDGE], ids=["table", "house", "box", "bridge"])
def test_good_artefacts_have_no_findings(good: dict[str, Box]) -> None:
    inspection = Inspection(parts=tuple(solid(name, box, fills=0.3) for name, box in good.items()))
    assert seen_by_rules(inspection, planned(*good)).findings == ()


def test_a_planned_part_that_is_missing_is_named() -> None:
    without = {name: box for name, box in TABLE.items() if name != "leg_4"}
    finding = first(without, *PLAN)
    assert (finding.part, finding.aspect) == ("leg_4", "present")
    assert "no part has its name" in finding.problem


def test_parts_that_are_called_nearly_so_are_misnamed_and_not_missing() -> None:
    finding = first({"tpo_board": TABLE["top"]}, *planned("top_board"))
    assert "there is a part called tpo_board" in finding.problem
    assert finding.suggestion == "call it top_board"


@pytest.mark.parametrize(
    ("plan", "built"),
    [("legs", "leg_1"), ("Table Top", "table_top"), ("top", "table_top"), ("四条腿", "四条腿"), ("leg", "leg_3")],
)
def test_names_that_say_the_same_are_the_same(plan: str, built: str) -> None:
    assert found({built: TABLE["top"]}, *planned(plan)) == []


def test_of_several_planned_parts_as_many_have_to_be_there() -> None:
    two = {"leg_a": TABLE["leg_1"], "leg_b": TABLE["leg_2"], "top": TABLE["top"]}
    missing = [part for part, aspect in found(two, *PLAN) if aspect == "present"]
    assert len(missing) == 2


def test_a_floating_part_is_named_with_its_distance() -> None:
    finding = first({**TABLE, "top": (-300, -200, 445, 600, 400, 25)}, *PLAN)
    assert (finding.part, finding.aspect) == ("top", "position")
    assert "20 mm away" in finding.problem


def test_a_number_of_floating_parts_that_boxes_do_not_show_is_told_all_the_same() -> None:
    finding = first(TABLE, *PLAN, floating=2)
    assert (finding.part, finding.aspect) == (None, "position")
    assert finding.problem.startswith("2 parts")


def test_a_part_inside_a_solid_one_is_named_and_one_inside_a_hollow_one_is_not() -> None:
    block, pin = (0.0, 0.0, 0.0, 100.0, 100.0, 100.0), (40.0, 40.0, 40.0, 10.0, 10.0, 10.0)
    assert ("pin", "position") in found({"block": block, "pin": pin})
    hollow = Inspection(parts=(solid("block", block, fills=0.3), solid("pin", pin)))
    assert not [one for one in seen_by_rules(hollow).findings if "inside" in one.problem]


@pytest.mark.parametrize(
    ("turned", "part"),
    [
        (
            {**{name: box for name, box in TABLE.items() if name != "top"}, "top": (-300, -200, -25, 600, 400, 25)},
            "top",
        ),
        ({**HOUSE, "roof": (-100, -100, -150, 3200, 3200, 150)}, "roof"),
        ({**BOX, "lid": (0, 0, -5, 200, 150, 5)}, "lid"),
        ({**BRIDGE, "deck": (0, 0, -30, 2000, 300, 30)}, "deck"),
    ],
    ids=["table", "house", "box", "bridge"],
)
def test_what_stands_upside_down_is_seen_by_what_belongs_above(turned: dict[str, Box], part: str) -> None:
    assert (part, "orientation") in found(turned)


def test_a_leg_in_metres_beside_a_top_in_millimetres_is_out_of_proportion() -> None:
    mixed = {**TABLE, "leg_1": (-0.28, -0.18, 0.0, 0.04, 0.04, 0.425)}
    findings = seen_by_rules(inspected(mixed)).findings
    assert any(one.part == "leg_1" and "perhaps another unit" in one.problem for one in findings)


def test_parts_of_a_kind_are_compared_with_each_other() -> None:
    stub = {**TABLE, "leg_1": (-280, -180, 385, 40, 40, 40)}
    assert ("leg_1", "proportion") in found(stub)


@pytest.mark.parametrize(("scale", "said"), [(0.001, "metres or centimetres"), (1000.0, "which is 600 m")])
def test_a_whole_in_another_unit_is_told(scale: float, said: str) -> None:
    scaled = {name: tuple(side * scale for side in box) for name, box in TABLE.items()}
    problems = [one.problem for one in seen_by_rules(inspected(scaled)).findings]  # type: ignore[arg-type]
    assert any(said in problem for problem in problems)


def test_what_would_tip_over_as_it_stands_is_told() -> None:
    assert (None, "position") in found(TABLE, centre_over_footprint=False)
    assert found(TABLE, *PLAN, centre_over_footprint=True) == []


def test_buildings_of_blocks_are_seen_too() -> None:
    parts = (
        Part(name="walls", measures={"from": "0,0,0", "to": "6,6,3", "floating_blocks": 0}),
        Part(name="roof", measures={"from": "0,0,6", "to": "6,6,6", "floating_blocks": 49}),
    )
    findings = seen_by_rules(Inspection(parts=parts), planned("walls", "roof", "door")).findings
    assert [one.part for one in findings] == ["door", "roof", "roof"]
    assert "49 of its blocks" in findings[1].problem
    assert "2 cells away" in findings[2].problem


def test_artefacts_without_parts_or_places_have_nothing_that_rules_could_say() -> None:
    assert seen_by_rules(Inspection(measures={"rows": 3}), PLAN).findings == ()
    assert seen_by_rules(Inspection(parts=(Part(name="main.py", measures={"lines": 9}),))).findings == ()


def test_many_findings_are_bounded() -> None:
    apart: dict[str, Box] = {f"chip_{n}": (n * 100, 0, 50, 10, 10, 10) for n in range(300)}
    apart["ground"] = (0, 0, 0, 10, 10, 10)
    assert len(seen_by_rules(inspected(apart)).findings) == 40
