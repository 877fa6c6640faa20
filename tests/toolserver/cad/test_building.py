"""The text of a CAD program becomes a model, or one line that says what to repair."""

import numpy as np
import pytest

from tests.toolserver.cad.programs import MUG, TABLE, sheet
from toolserver.cad.building import built
from toolserver.cad.model import packed, unpacked
from toolserver.errors import CadFailed


def test_a_program_makes_named_parts_with_meshes_densities_and_parameters() -> None:
    model = built(TABLE)

    assert model.names == ("top", "leg_1", "leg_2", "leg_3", "leg_4")
    assert model.parameters == {"height": 450.0}
    assert model.body("top").density == 700
    assert model.body("leg_1").density is None
    assert np.allclose(model.bounds, [[-300, -200, 0], [300, 200, 450]])
    assert all(body.mesh.watertight and body.mesh.wound for body in model.bodies)
    assert model.body("top").mesh.volume == pytest.approx(600 * 400 * 25)


def test_the_same_program_gives_the_same_bytes_and_bytes_give_the_same_model() -> None:
    model = built(MUG)
    data = packed(model)
    again = unpacked(data)

    assert packed(built(MUG)) == data
    assert again.names == model.names
    assert again.body("mug").solid.volume == pytest.approx(model.body("mug").solid.volume, rel=1e-12)
    assert np.array_equal(again.body("mug").mesh.faces, model.body("mug").mesh.faces)
    assert model.body("mug").mesh.volume == pytest.approx(model.body("mug").solid.volume, rel=0.002)


B = "from build123d import *\n"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("x = 1", 'sets no "parts"'),
        ("parts = {}", '"parts" is empty'),
        ("parts = [1]", "make it a dict"),
        ("parts = {'a': 1}", "'a' is a int, not a solid"),
        (B + "parts = {'a b': Box(1, 1, 1)}", "is no part name"),
        (B + "parts = {'a': Rectangle(1, 2)}", "extrude it"),
        (B + "parts = {'a': Box(1, 1, 1) - Box(2, 2, 2)}", "part 'a' has no solid"),
        (B + "parts = {f'p{i}': None for i in range(10_000)}", "10000 entries"),
        (B + "x = Vector(1, 2, 3).to_tuple()", r"line 2 \(x = Vector.*\): .* write tuple"),
        (B + "x = Box(1, 2, 3).is_valid()", "line 2 .* without"),
        (B + "x = Box(1, 1, 0)", "line 2 .* sizes of zero"),
        (B + "parts = {'a': Box(1, 1, float('nan'))}", "has no volume: .* no number"),
        (B + "x = Translate(1, 2, 3)", r"line 2 .* Pos\(x, y, z\)"),
        (B + "x = fillet(Box(9, 9, 9).edges(), 20)", "line 2 .* make it smaller"),
        ("import (", "line 1: SyntaxError"),
        ("import cadquery as cq", "line 1 .* this is build123d"),
        ("exit(0)", "ended itself"),
        (B + "parts = {'a': Box(1, 1, 1)}\ndensities = {'b': 700}", "is no part"),
        (B + "parts = {'a': Box(1, 1, 1)}\ndensities = {'a': 0.7}", "give kg/m3"),
        (B + "parts = {'a': Box(1, 1, 1)}\nparameters = {'h': float('inf')}", "give a finite number"),
    ],
)
def test_what_makes_nothing_is_told_in_one_line_with_what_to_write_instead(program: str, said: str) -> None:
    with pytest.raises(CadFailed, match=said) as failed:
        built(program)

    assert failed.value.kind == "program"
    assert "\n" not in str(failed.value)


MADE_OF_ALL = """
import build123d

parts = {
    f"{name}_{number}": shape
    for name, value in list(globals().items())
    for number, shape in enumerate(value if isinstance(value, list) else [value])
    if isinstance(shape, build123d.Shape) and shape.solids()
}
"""


@pytest.mark.parametrize("program", sheet(), ids=lambda program: program.splitlines()[2][:40])
def test_every_program_of_the_guide_makes_valid_solids(program: str) -> None:
    model = built(program if "parts =" in program else program + MADE_OF_ALL)

    assert len(model.bodies) >= 3
    assert all(body.solid.is_valid and body.mesh.watertight for body in model.bodies)
