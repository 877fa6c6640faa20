"""What keeps a physics check honest: held instead of standing, stiff contacts, gates, controls."""

from pathlib import Path

import numpy as np
import pytest

from agent.domain.artefacts import Mutation
from tests.toolserver.cad import things as made
from tests.toolserver.cad.in_process import judged_once
from toolserver.cad.model import Model
from toolserver.cad.simulating import simulated
from toolserver.cad.simulating.pieces import PieceCache, cut, solids
from toolserver.cad.simulating.scene import Scene
from toolserver.cad.simulating.shape import Shape
from toolserver.cad.written import GUIDE
from toolserver.errors import CadFailed

BALLS = 12
RADIUS = 9.0


def kept(model: Model, *, lift: float, contacts: float | None = None) -> tuple[int, dict[str, bool]]:
    """Let balls fall into a mug; return how many are in it after a while, and which gates hold."""
    scene = Scene(Shape(model, PieceCache()), free=False, lift=lift, fine=True, contacts=contacts)
    for number in range(BALLS):
        turn = 2.1 * number
        scene.add_ball(
            f"ball_{number}",
            RADIUS,
            0.006,
            (12 * np.cos(turn), 12 * np.sin(turn), lift + 15 + 19.5 * (number // 3)),
        )
    scene.run(1.2)
    places = [scene.at(f"ball_{number}") for number in range(BALLS)]
    inside = sum(bool(np.hypot(place[0], place[1]) < 40 and lift < place[2] < lift + 95 + RADIUS) for place in places)
    return inside, {gate.name: gate.holds for gate in scene.gates(settled=False)}


def test_a_mug_without_a_bottom_keeps_its_balls_on_the_ground_and_loses_them_in_the_air() -> None:
    bottomless = made.mug(bottom=False)
    standing, gates = kept(bottomless, lift=0.0)
    assert standing == BALLS  # the ground holds them: this check could never fail
    assert all(gates.values())  # and no gate tells
    held, _ = kept(bottomless, lift=150.0)
    assert held == 0
    assert kept(made.mug(), lift=150.0)[0] == BALLS


def test_contacts_as_soft_as_the_engine_has_them_break_the_gate_on_penetration() -> None:
    _, soft = kept(made.mug(), lift=150.0, contacts=0.02)
    assert not soft["penetration"]
    _, stiff = kept(made.mug(), lift=150.0)
    assert stiff["penetration"]


async def test_a_control_that_passes_makes_a_check_inconclusive() -> None:
    found = await judged_once(
        made.table(), "stands", "tilt", "<=", 5, control=Mutation(name="scale", parameters={"factor": 1.1})
    )
    assert found.outcome == "inconclusive"
    assert "the control scale passes as well" in found.detail


@pytest.mark.parametrize(
    ("scenario", "measure", "bound", "parameters", "model"),
    [
        ("walks_in", "distance_to_goal", 300.0, {}, lambda: made.house(None)),
        ("walks_in", "distance_to_goal", 300.0, {}, made.table),
        ("reachable", "distance", 20.0, {"goal": "inside"}, made.table),
        ("bears", "tilt", 5.0, {"load_kg": 1, "surface": 3}, made.table),
        ("parts_fit", "slack", 2.0, {"part": "lid"}, lambda: made.model(box=made.box_with_lid().bodies[0].solid)),
        ("strength", "utilisation", 1.0, {"load_kg": 1, "material": "oak", "surface": 2}, made.table),
        ("ramp_rises", "steepest", 10.0, {}, made.stairs),
    ],
)
def test_what_is_missing_fails_and_is_no_error(
    scenario: str, measure: str, bound: float, parameters: dict[str, object], model: object
) -> None:
    assert callable(model)
    found = simulated(model(), scenario, parameters, measure, 0, pictures=False)
    assert found.value is not None
    assert found.value > bound
    assert all(gate.holds for gate in found.gates)


@pytest.mark.parametrize("make", [made.mug, made.house, made.box_with_lid, made.shelf, made.bridge, made.ramp])
def test_convex_pieces_have_the_volume_of_what_they_stand_for(make: object) -> None:
    assert callable(make)
    for body in make().bodies:
        for solid in solids(body.mesh):
            assert cut(solid).fidelity == pytest.approx(1.0, abs=0.01)


def test_hulls_that_fill_the_hollow_break_the_gate_on_fidelity() -> None:
    class Hulls(PieceCache):
        """Takes everything for its hull, as physics engines do."""

        def pieces(self, solid: object) -> object:  # type: ignore[override]
            return super().pieces(solid.hull())  # type: ignore[attr-defined]

    shape = Shape(made.cup(), Hulls())
    scene = Scene(shape, free=False, lift=150)
    scene.run(0.01)
    low, high = np.array([-30.0, -30.0, 5.0]), np.array([30.0, 30.0, 90.0])
    assert shape.filled(low, high) > 0.9
    assert Shape(made.cup(), PieceCache()).filled(low, high) < 0.01


async def test_a_simulation_that_explodes_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo writes its warnings into a file where it is
    code = (
        "def scenario(api):\n"
        "    api.artefact()\n"
        "    api.push((1e6, 1e6, 1e7), (0, 0, 1e7))\n"
        "    api.step(2.0)\n"
        "    return 0.0\n"
    )
    found = await judged_once(made.table(), "custom", "value", "<=", 1, {"code": code}, Mutation(name="remove_support"))
    assert found.outcome == "inconclusive"
    assert "is broken" in found.detail


def test_a_picture_of_the_last_moment_is_handed_over_where_one_can_be_drawn() -> None:
    found = simulated(made.table(), "stands", {}, "tilt", 0, pictures=True)
    for view in found.views:
        assert view.picture is not None
        assert view.picture.startswith(b"\x89PNG")
    plain = simulated(made.table(), "stands", {}, "tilt", 0, pictures=False)
    assert plain.views == ()
    assert plain.value == found.value  # nothing is measured by pictures


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def scenario(api):\n    return 1 / 0", "line 2: ZeroDivisionError"),
        ("def scenario(api:\n    pass", "line 1: SyntaxError"),
        ("x = 3", "defines no scenario"),
        ("def scenario(api):\n    return 'fine'", "not a finite number"),
        ("def scenario(api):\n    return float('nan')", "not a finite number"),
        ("def scenario(api):\n    return True", "not a finite number"),
        ("def scenario(api):\n    raise SystemExit(0)", "line 2: SystemExit"),
        ("def scenario(api):\n    api.step(1)", "call api.artefact"),
        ("def scenario(api):\n    api.artefact()\n    api.step(1e6)", "between 0 and 20 s"),
        ("def scenario(api):\n    api.artefact()\n    api.add_ball(float('inf'), 1, (0, 0, 0))", "no usable number"),
    ],
)
def test_what_is_wrong_with_a_scenario_of_a_model_is_told_in_one_line(code: str, said: str) -> None:
    with pytest.raises(CadFailed) as failed:
        simulated(made.table(), "custom", {"code": code}, "value", 0, pictures=False)
    assert said in str(failed.value)
    assert "\n" not in str(failed.value)


def test_the_example_of_the_guide_for_scenarios_works() -> None:
    code = GUIDE[GUIDE.index("def scenario") :]
    found = simulated(made.table(), "custom", {"code": code}, "value", 0, pictures=False)
    assert found.value == pytest.approx(0.0, abs=0.2)
