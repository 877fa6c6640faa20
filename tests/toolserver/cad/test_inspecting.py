"""Geometry is measured, and what makes a model unusable is named."""

import pytest

from tests.toolserver.cad.programs import BRIDGE, HOUSE, MUG, TABLE
from toolserver.cad.building import built, settled
from toolserver.cad.inspecting import inspected
from toolserver.cad.wire import CadInspection

B = "from build123d import *\n"


def inspection(program: str) -> CadInspection:
    return inspected(settled(built(program)))


def test_a_table_is_five_sound_parts_that_touch_and_stand() -> None:
    found = inspection(TABLE)
    top = found.parts[0].measures

    assert not found.problems
    assert not found.notes
    assert found.touching == tuple(("top", f"leg_{number}") for number in range(1, 5))
    assert (top["valid"], top["watertight"], top["wound"], top["solids"], top["genus"]) == (True, True, True, 1, 0)
    assert (top["width_mm"], top["depth_mm"], top["height_mm"], top["z_max_mm"]) == (600, 400, 25, 450)
    assert (top["volume_cm3"], top["mass_kg"], top["convexity"]) == (6000, 4.2, 1)
    whole = found.measures
    assert (whole["parts"], whole["pieces"], whole["floating"], whole["overlap_cm3"]) == (5, 1, 0, 0)
    assert whole["mass_kg"] == pytest.approx(4.2 + 4 * 0.408)
    assert whole["footprint_cm2"] == pytest.approx(56 * 36)
    assert whole["centre_over_footprint"] is True
    assert (whole["centre_x_mm"], whole["centre_y_mm"]) == (0, 0)
    assert 300 < float(whole["centre_z_mm"]) < 425


def test_the_genus_tells_a_handle_and_convexity_a_hollow() -> None:
    mug, house = inspection(MUG).parts[0].measures, inspection(HOUSE).parts[0].measures

    assert mug["genus"] == 1
    assert float(mug["convexity"]) < 0.3
    assert float(mug["mesh_volume_error"]) < 0.002
    assert house["genus"] == 1


def test_a_part_that_nothing_holds_floats() -> None:
    found = inspection(BRIDGE + 'parts["left_rail"] = Pos(0, 0, 30) * parts["left_rail"]\n')

    assert (found.measures["pieces"], found.measures["floating"]) == (2, 1)
    assert found.notes == ("left_rail is connected to nothing that stands on the ground",)
    assert not found.problems


def test_parts_in_the_same_place_are_told_with_what_they_share() -> None:
    found = inspection(B + "parts = {'a': Pos(0, 0, 5) * Box(10, 10, 10), 'b': Pos(2, 0, 5) * Box(10, 10, 10)}")

    assert found.overlapping == (("a", "b", 800.0),)
    assert found.measures["overlap_cm3"] == 0.8


BOW_TIE = B + "parts = {'a': extrude(make_face(Polyline((0, 0), (100, 100), (100, 0), (0, 90), (0, 0))), 50)}"
INSIDE_OUT = B + "parts = {'a': Solid(Box(10, 10, 10).solid().wrapped.Reversed())}"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (B + "parts = {'a': Box(100, 100, 0.01)}", "too thin"),
        (BOW_TIE, "no valid solid"),
        (INSIDE_OUT, "inside out"),
    ],
)
def test_what_can_be_nothing_is_a_problem(program: str, said: str) -> None:
    found = inspection(program)

    assert len(found.problems) == 1
    assert said in found.problems[0]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (B + "parts = {'a': Pos(0, 0, 0.2) * Box(0.4, 0.4, 0.4)}", "write 450 for 0.45 m"),
        (B + "parts = {'a': Pos(0, 0, 2e5) * Box(4e5, 4e5, 4e5)}", "which is 400 m"),
        (B + "parts = {'a': Box(100, 100, 100)}", "lowest point is at z = -50 mm"),
    ],
)
def test_sizes_and_places_that_were_hardly_meant_are_noted(program: str, said: str) -> None:
    assert any(said in note for note in inspection(program).notes)


def test_the_same_model_is_measured_alike() -> None:
    assert inspection(MUG) == inspection(MUG)
