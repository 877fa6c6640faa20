"""Each mutation changes what its name says, on designs that know nothing of it."""

import numpy as np
import pytest

from tests.toolserver.cad.programs import BRIDGE, CASKET, HOUSE, MUG, TABLE
from toolserver.cad.building import built, settled
from toolserver.cad.hollows import hollow
from toolserver.cad.inspecting import inspected
from toolserver.cad.model import Model, packed
from toolserver.cad.mutating import mutated
from toolserver.cad.mutations import MUTATIONS
from toolserver.cad.scenarios import SCENARIOS
from toolserver.errors import CadFailed

TRIED = {"remove_part": {"part": "lid"}, "lift_part": {"part": "lid"}, "shift_part": {"part": "lid"}}


def model(program: str) -> Model:
    return settled(built(program))


def changed(program: str, mutation: str, **parameters: object) -> Model:
    return settled(mutated(model(program), mutation, parameters))


def volume(given: Model) -> float:
    return sum(body.mesh.volume for body in given.bodies)


def test_every_control_of_a_scenario_is_a_mutation() -> None:
    assert {row.control.name for row in SCENARIOS.values()} <= set(MUTATIONS)


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_mutation_leaves_sound_solids(name: str) -> None:
    found = inspected(changed(CASKET, name, **{"factor": 0.5} if name == "scale" else TRIED.get(name, {})))

    assert not found.problems


def test_without_support_its_weight_is_beside_what_it_stands_on() -> None:
    for towards in ("front", "back", "left", "right"):
        left = changed(TABLE, "remove_support", towards=towards)

        assert inspected(left).measures["centre_over_footprint"] is False


def test_a_gap_goes_through_all_parts_and_along_z_what_is_above_floats() -> None:
    across = changed(BRIDGE, "cut_gap", axis="long", share=0.1)
    deck = across.body("deck").mesh.vertices[:, 0]

    assert not ((deck > -99) & (deck < 99)).any()
    assert inspected(changed(TABLE, "cut_gap", axis="z", share=0.05)).measures["floating"] == 5


def test_rails_are_what_stands_above_the_middle() -> None:
    left = changed(BRIDGE, "remove_rails")

    assert left.bounds[1][2] == pytest.approx(316)
    assert left.body("deck").mesh.volume == pytest.approx(2000 * 300 * 30)
    assert changed(TABLE, "remove_rails").bounds[1][2] == 450


def test_filled_openings_and_lower_doors_are_walls_around_it() -> None:
    house = model(HOUSE)
    filled, lower = changed(HOUSE, "fill_openings"), changed(HOUSE, "lower_openings", height=1500)

    assert filled.names == (*house.names, "filling")
    assert np.allclose(filled.body("filling").mesh.bounds[:, 2], [0, 2550])
    assert np.allclose(lower.body("filling").mesh.bounds[:, 2], [1500, 2550])


def test_a_bottom_is_cut_out_as_wide_as_the_hollow_and_under_a_lid_too() -> None:
    mug, casket = changed(MUG, "remove_bottom"), changed(CASKET, "remove_bottom")

    assert volume(model(MUG)) - volume(mug) == pytest.approx(np.pi * 36**2 * 4, rel=0.01)
    assert volume(model(CASKET)) - volume(casket) == pytest.approx(192 * 92 * 4, rel=1e-6)
    assert hollow(model(MUG).bodies) is not None
    assert hollow(mug.bodies) is None


def test_what_has_no_hollow_is_left_as_it_is() -> None:
    assert packed(changed(TABLE, "remove_bottom")) == packed(model(TABLE))


def test_parts_are_left_out_lifted_and_shifted_by_name() -> None:
    assert changed(TABLE, "remove_part", part="leg_1").names == ("top", "leg_2", "leg_3", "leg_4")
    lifted = changed(CASKET, "lift_part", part="lid", by=30)
    assert lifted.body("lid").mesh.bounds[0][2] == pytest.approx(110)
    shifted = changed(CASKET, "shift_part", part="lid", share=0.5)
    assert np.allclose(shifted.body("lid").mesh.bounds[0], [0, 0, 80])
    assert packed(changed(CASKET, "shift_part", part="no_such")) == packed(model(CASKET))


def test_thin_scaled_flipped_and_lowered_have_the_sizes_that_they_should() -> None:
    thin = changed(TABLE, "thin", part="top", factor=0.1)
    assert np.allclose(thin.body("top").mesh.bounds[:, 2], [425, 427.5])
    assert np.allclose(changed(MUG, "scale", factor=0.1).bounds, model(MUG).bounds * 0.1)
    flipped = changed(TABLE, "flip")
    assert np.allclose(flipped.body("top").mesh.bounds[:, 2], [0, 25])
    assert volume(flipped) == pytest.approx(volume(model(TABLE)))
    assert changed(TABLE, "cut_above", share=0.1).bounds[1][2] == pytest.approx(45)
    assert volume(changed(TABLE, "keep_nothing")) == pytest.approx(1)


@pytest.mark.parametrize(
    ("mutation", "parameters", "kind", "said"),
    [
        ("explode", {}, "usage", "there is no mutation 'explode'; there are remove_support"),
        ("scale", {}, "usage", "factor"),
        ("scale", {"factor": -1}, "usage", "factor"),
        ("remove_part", {"part": "wing"}, "impossible", "there is no part 'wing'; there are top"),
    ],
)
def test_what_cannot_be_changed_so_is_refused(
    mutation: str, parameters: dict[str, object], kind: str, said: str
) -> None:
    with pytest.raises(CadFailed, match=said) as failed:
        changed(TABLE, mutation, **parameters)

    assert failed.value.kind == kind
