"""Each measure of each scenario with a thing that is as it should be, and with one that is not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from agent.domain.artefacts import Mutation, Relation
from tests.toolserver.cad import things as made
from tests.toolserver.cad.in_process import judged_once
from toolserver.cad.model import Model
from toolserver.cad.scenarios import SCENARIOS
from toolserver.cad.simulating import simulated
from toolserver.cad.simulating.registry import FUNCTIONS
from toolserver.cad.wire import CadTrial
from toolserver.errors import CadFailed


@dataclass(frozen=True)
class Case:
    """A check: what passes it, and what has to fail it."""

    scenario: str
    measure: str
    least: float
    most: float
    good: Callable[[], Model]
    bad: Callable[[], Model]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    control: Mutation | None = None

    @property
    def bound(self) -> tuple[Relation, float]:
        """The one of the two bounds that a criterion would have."""
        return ("<=", self.most) if self.least == 0 else (">=", self.least)

    def __str__(self) -> str:
        return f"{self.scenario}-{self.measure}"


SEAT = {"least_height_mm": 400, "most_height_mm": 500}
LID = {"part": "lid"}
SLOPE = {"slope_deg": 10}
TIPS = (made.table, lambda: made.table("ab"))
LEANS = "def scenario(api):\n    api.artefact(lift=2)\n    api.step(1.5)\n    return api.tilt()"
NO_SUCH = lambda: made.model(cube=made.block((1, 1, 1), (0, 0), 0))  # noqa: E731 - reads like the functions beside it

CASES = (
    Case("stands", "tilt", 0, 5, *TIPS),
    Case("stands", "drift", 0, 50, made.table, made.floating_table),
    Case("stands_on_slope", "tilt", 0, 5, made.table, lambda: made.table("cd"), SLOPE),
    Case("stands_on_slope", "slide", 0, 50, made.table, lambda: made.table("cd"), SLOPE),
    Case("bears", "tilt", 0, 5, *TIPS, {"load_kg": 5, "at": "front_left"}),
    Case("bears", "sink", 0, 20, made.shelf, lambda: made.shelf(1), {"load_kg": 5, "surface": 2}),
    Case("strength", "utilisation", 0, 1, made.table, lambda: made.table(top=3), {"load_kg": 50, "material": "pine"}),
    Case("strength", "stress", 0, 10, made.table, lambda: made.table(top=3), {"load_kg": 50, "material": "pine"}),
    Case("strength", "sag", 0, 2, made.table, lambda: made.table(top=3), {"load_kg": 50, "material": "pine"}),
    Case("strength", "sag_share", 0, 0.01, made.table, lambda: made.table(top=3), {"load_kg": 50, "material": "pine"}),
    Case("survives_push", "tilt", 0, 5, *TIPS, {"force_n": 20}),
    Case("survives_push", "drift", 0, 50, *TIPS, {"force_n": 20}),
    Case("survives_drop", "tilt", 0, 5, *TIPS, {"height_mm": 50}),
    Case("ball_rolls_across", "share_crossed", 0.95, 1, made.bridge, lambda: made.bridge(gap=200)),
    Case("rails_hold", "share_kept", 1, 1, made.bridge, lambda: made.bridge(rails=False)),
    Case("walks_in", "distance_to_goal", 0, 300, made.house, lambda: made.house((400, 2000))),
    Case("has_openings", "doors", 1, 9, made.house, lambda: made.house(None)),
    Case("has_openings", "windows", 1, 9, made.house, lambda: made.house(window=False)),
    Case("has_openings", "door_width", 850, 950, made.house, lambda: made.house((400, 2000))),
    Case("has_openings", "door_height", 1950, 2050, made.house, lambda: made.house((900, 1500))),
    Case("has_openings", "window_width", 750, 850, made.house, lambda: made.house(window=False)),
    Case("has_openings", "window_height", 850, 950, made.house, lambda: made.house(window=False)),
    Case("see_through", "holes", 1, 1, made.mug, made.cup),
    Case("see_through", "width", 15, 40, made.mug, made.cup),
    Case("see_through", "height", 20, 60, made.mug, made.cup),
    Case("room_inside", "width", 2650, 2750, made.house, made.table),
    Case("room_inside", "depth", 2650, 2750, made.house, made.table),
    Case("room_inside", "height", 2350, 2450, made.house, made.table),
    Case("shelters", "share_dry", 0.99, 1, made.house, made.cup),
    Case("rails_high", "height", 50, 100, made.bridge, lambda: made.bridge(rails=False)),
    Case("stairs_climbable", "share_climbed", 0.95, 1, made.stairs, lambda: made.stairs(missing=4)),
    Case("stairs_climbable", "height_reached", 1300, 1400, made.stairs, lambda: made.stairs(rise=250)),
    Case("stairs_measured", "steps", 8, 8, made.stairs, NO_SUCH),
    Case("stairs_measured", "shortest_tread", 250, 300, made.stairs, lambda: made.stairs(tread=150)),
    Case("stairs_measured", "narrowest", 800, 1000, made.stairs, NO_SUCH),
    Case("ramp_rises", "share_climbed", 0.95, 1, made.ramp, made.stairs),
    Case("ramp_rises", "steepest", 0, 12, made.ramp, lambda: made.ramp(400)),
    Case("holds", "share_kept", 0.9, 1, made.mug, lambda: made.mug(bottom=False)),
    Case("holds_liquid", "capacity", 360, 375, made.mug, made.pierced_mug),
    Case("parts_fit", "play", 0.3, 1, made.box_with_lid, lambda: made.box_with_lid(gap=-0.3), LID),
    Case("parts_fit", "slack", 0, 1, made.box_with_lid, lambda: made.box_with_lid(gap=5), LID),
    Case("parts_fit", "overlap", 0, 1, made.box_with_lid, lambda: made.box_with_lid(gap=-0.3), LID),
    Case("parts_fit", "blocked", 0, 1, made.box_with_lid, lambda: made.box_with_lid(gap=-0.3), LID),
    Case("reachable", "distance", 0, 10, made.mug, made.closed_mug, {"shoulder_mm": 400, "thickness_mm": 40}),
    Case("size_within", "outside", 0, 0, made.table, made.mug, {"extent": "height", "least_mm": 400, "most_mm": 500}),
    Case("has_surface", "area", 2000, 2500, made.table, made.upside_down_table, SEAT),
    Case("has_surface", "area_share", 0.9, 1, made.table, made.upside_down_table, SEAT),
    Case("has_levels", "levels", 3, 3, made.shelf, lambda: made.shelf(2)),
    Case("connected", "pieces", 0, 1, made.table, made.floating_table),
    Case("connected", "floating", 0, 0, made.table, made.floating_table),
    Case("thickness", "thinnest", 3.9, 5, made.cup, lambda: made.cup(wall=1)),
    Case("weighs", "outside", 0, 0, made.table, lambda: made.table(top=80), {"least_kg": 5, "most_kg": 6}),
    Case(
        "custom", "value", 0, 5, made.table, lambda: made.table("ab"), {"code": LEANS}, Mutation(name="remove_support")
    ),
)


def tried(case: Case, model: Model, seed: int = 0) -> CadTrial:
    return simulated(model, case.scenario, case.parameters, case.measure, seed, pictures=False)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_good_passes_with_its_usual_control_and_bad_fails(case: Case) -> None:
    good = await judged_once(case.good(), case.scenario, case.measure, *case.bound, case.parameters, case.control)
    assert good.outcome == "pass", good.detail
    assert good.control, "the control was tried"
    bad = tried(case, case.bad())
    assert [gate for gate in bad.gates if not gate.holds] == []
    assert bad.value is not None
    assert not case.least <= bad.value <= case.most, bad.detail


def test_each_measure_of_each_scenario_of_the_table_is_tried_above() -> None:
    assert set(FUNCTIONS) == set(SCENARIOS)
    assert {(case.scenario, case.measure) for case in CASES} == {
        (row.name, measure) for row in SCENARIOS.values() for measure in row.measures
    }


def test_the_same_seed_gives_the_same_numbers() -> None:
    case = next(one for one in CASES if one.scenario == "holds")
    first, again = tried(case, made.mug(), 3), tried(case, made.mug(), 3)
    assert (first.value, first.detail, first.gates) == (again.value, again.detail, again.gates)


@pytest.mark.parametrize(
    ("scenario", "parameters", "measure", "said"),
    [
        ("flies", {}, "tilt", "there is no scenario 'flies'"),
        ("stands", {}, "height", "stands does not measure 'height'; it measures tilt, drift"),
        ("bears", {}, "tilt", "the parameters do not fit bears"),
        ("bears", {"load_kg": -3}, "tilt", "the parameters do not fit bears"),
        ("stands", {"drop_m": 3}, "tilt", "the parameters do not fit stands"),
    ],
)
def test_what_does_not_fit_the_table_is_refused_in_one_line(
    scenario: str, parameters: dict[str, Any], measure: str, said: str
) -> None:
    with pytest.raises(CadFailed, match=said) as failed:
        simulated(made.table(), scenario, parameters, measure, 0, pictures=False)
    assert failed.value.kind == "usage"
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize("measure", ["tilt", "slide"])
@pytest.mark.parametrize("low", [made.tray, made.mat, made.table])
async def test_a_slope_tells_of_low_things_as_of_tall_ones(measure: str, low: Callable[[], Model]) -> None:
    found = await judged_once(low(), "stands_on_slope", measure, "<=", 5, SLOPE)
    assert found.outcome == "pass", found.detail


@pytest.mark.parametrize("low", [made.tray, made.mat, made.table])
async def test_what_moves_is_told_of_low_things_as_of_tall_ones(low: Callable[[], Model]) -> None:
    stood = await judged_once(low(), "stands", "drift", "<=", 50)
    pushed = await judged_once(low(), "survives_push", "drift", "<=", 50, {"force_n": 0.5})
    assert (stood.outcome, pushed.outcome) == ("pass", "pass"), (stood.detail, pushed.detail)


@pytest.mark.parametrize("at", ["back", "left", "back_right"])
async def test_a_weight_at_any_spot_tips_its_control(at: str) -> None:
    found = await judged_once(made.mat(), "bears", "tilt", "<", 5, {"load_kg": 60, "at": at})
    assert found.outcome == "pass", found.detail


async def test_a_step_stool_that_is_wider_than_deep_is_climbed_and_its_control_is_not() -> None:
    found = await judged_once(made.step_stool(), "stairs_climbable", "share_climbed", ">=", 0.95)
    assert found.outcome == "pass", found.detail


@pytest.mark.parametrize(
    ("extent", "least", "most"),
    [("height", 10, 5000), ("lowest", -0.5, 0.5), ("width", 0, 2000), ("surface_height", 100, 1e6)],
)
async def test_bounds_as_wide_as_one_likes_have_a_control_that_is_beyond_them(
    extent: str, least: float, most: float
) -> None:
    asked = {"extent": extent, "least_mm": least, "most_mm": most}
    found = await judged_once(made.table(), "size_within", "outside", "<=", 0, asked)
    assert found.outcome == "pass", found.detail


async def test_a_weight_without_an_upper_bound_is_judged() -> None:
    found = await judged_once(made.table(), "weighs", "outside", "<=", 0, {"least_kg": 1, "most_kg": 1e5})
    assert found.outcome == "pass", found.detail


async def test_parts_that_are_named_by_what_they_begin_with_have_a_control() -> None:
    found = await judged_once(made.box_with_lid(), "parts_fit", "slack", "<=", 1, {"part": "li"})
    assert found.outcome == "pass", found.detail
