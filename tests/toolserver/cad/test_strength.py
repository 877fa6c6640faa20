"""Beam formulas beside what a handbook says of the same beams, and what no formula fits."""

from typing import Any

import pytest

from tests.toolserver.cad import things as made
from tests.toolserver.cad.in_process import judged_once
from toolserver.cad.model import Model
from toolserver.cad.simulating import simulated
from toolserver.cad.wire import CadTrial
from toolserver.errors import CadFailed

NEWTONS = 20 * 9.81


def tried(model: Model, measure: str = "stress", **more: Any) -> CadTrial:
    asked = {"load_kg": 20, "material": "pine", **more}
    return simulated(model, "strength", asked, measure, 0, pictures=False)


def stress(lever: float, width: float, height: float) -> float:
    return NEWTONS * lever / (width * height**2 / 6)


def test_a_roof_on_four_walls_spans_between_those_that_are_nearer() -> None:
    found = tried(made.dog_house())

    assert found.value == pytest.approx(stress(860 / 4, 860, 25), rel=0.03)
    assert "along x" in found.detail


def test_a_brace_below_a_board_does_not_hold_it() -> None:
    found = tried(made.bench())

    assert found.value == pytest.approx(stress(1160 / 4, 350, 40), rel=0.02)
    sag = tried(made.bench(), "sag").value
    assert sag == pytest.approx(NEWTONS * 1160**3 / (48 * 9000 * 350 * 40**3 / 12), rel=0.03)


def test_a_hole_counts_where_it_is() -> None:
    # its far edge is 380 mm from the support, where 120 mm of 350 are left
    assert tried(made.bench(100)).value == pytest.approx(stress(380 / 2, 120, 40), rel=0.05)


@pytest.mark.parametrize(("at", "surface"), [("centre", 1), ("centre", 3), ("front", 2)])
def test_the_back_of_a_shelf_does_not_take_its_boards_for_held_all_along(at: str, surface: int) -> None:
    found = tried(made.bookcase(), at=at, surface=surface)

    assert found.value == pytest.approx(stress(760 / 4, 300, 20), rel=0.03)


def test_a_table_on_one_column_is_pressed_in_the_middle_and_sticks_out_at_its_border() -> None:
    assert "pressed" in tried(made.column_table()).detail
    edge = tried(made.column_table(), at="front")
    assert "222 mm along y, sticking out" in edge.detail
    assert edge.value == pytest.approx(stress(222.5, 222.5, 30), rel=0.05)


def test_what_hangs_in_the_air_is_no_beam() -> None:
    with pytest.raises(CadFailed, match="no beam between supports") as failed:
        tried(made.hung())
    assert failed.value.kind == "impossible"


@pytest.mark.parametrize("measure", ["utilisation", "stress", "sag", "sag_share"])
@pytest.mark.parametrize(
    "model", [made.tray, made.dog_house, made.column_table, made.stairs], ids=lambda one: one.__name__
)
async def test_the_control_fails_whatever_the_design(model: Any, measure: str) -> None:
    found = await judged_once(model(), "strength", measure, "<", 1, {"load_kg": 20, "material": "pine"})
    assert found.outcome == "pass", found.detail


def test_a_plate_that_slopes_is_a_beam_between_its_ribs() -> None:
    found = tried(made.ribbed_ramp(), at="back")

    assert "along y" in found.detail
    # it spans 540 mm between its ribs, and the weight is 110 mm from the one at the back
    assert found.value == pytest.approx(stress(430 * 110 / 540, 540, 20), rel=0.1)
