"""Files that other programs read: the same volumes and names come back."""

import io
import re
from itertools import pairwise

import pytest
import trimesh

from tests.toolserver.cad.programs import CASKET, MUG, TABLE
from toolserver.cad.building import built, settled
from toolserver.cad.exporting import exported
from toolserver.cad.importing import imported
from toolserver.cad.inspecting import inspected
from toolserver.cad.model import Model
from toolserver.cad.wire import FileFormat, Format
from toolserver.errors import CadFailed


def volumes(model: Model) -> dict[str, float]:
    return {body.name: body.solid.volume for body in model.bodies}


@pytest.mark.parametrize("program", [TABLE, MUG, CASKET], ids=["table", "mug", "casket"])
def test_glb_reloads_in_another_library_with_the_same_volumes_and_names(program: str) -> None:
    """The other library is trimesh: it reads what stands in the file, in metres with y up."""
    model = built(program)
    scene = trimesh.load_scene(io.BytesIO(exported(model, "glb")), file_type="glb")

    assert set(scene.graph.nodes_geometry) == set(model.names)
    for body in model.bodies:
        loaded = scene.geometry[body.name]
        assert loaded.is_watertight
        assert loaded.volume * 1e9 == pytest.approx(body.mesh.volume, rel=1e-6)
    assert scene.bounds[1][1] * 1000 == pytest.approx(model.bounds[1][2])


@pytest.mark.parametrize("program", [TABLE, MUG, CASKET], ids=["table", "mug", "casket"])
def test_step_comes_back_with_the_same_volumes_and_names(program: str) -> None:
    """Through the kernel's own reader, which is the same library: there is no other free one for curved solids."""
    model = built(program)
    again = imported(exported(model, "step"), "step", "part")

    assert volumes(again) == pytest.approx(volumes(model), rel=1e-6)


def test_step_of_flat_solids_says_the_same_to_a_reader_that_knows_nothing_of_the_kernel() -> None:
    """Volumes out of the file's text alone: corners of flat faces, by the divergence theorem."""
    model = built(CASKET)
    text = exported(model, "step").decode("ascii")
    found = read_step(text)

    assert set(found) == {"box", "lid"}
    assert found == pytest.approx(volumes(model), rel=1e-6)


@pytest.mark.parametrize("file", ["stl", "glb", "3mf"])
def test_files_of_triangles_come_back_as_solids(file: FileFormat) -> None:
    model = built(CASKET)
    again = settled(imported(exported(model, file), file, "casket"))  # type: ignore[arg-type]

    assert sum(volumes(again).values()) == pytest.approx(sum(volumes(model).values()), rel=1e-6)
    assert set(again.names) == ({"casket"} if file == "stl" else {"box", "lid"})
    assert not inspected(again).problems


@pytest.mark.parametrize("file", ["step", "stl", "glb", "3mf"])
def test_a_file_that_is_none_is_refused_in_one_line(file: FileFormat) -> None:
    for data in (b"", b"nonsense", exported(built(TABLE), "glb")[:200]):
        with pytest.raises(CadFailed) as failed:
            imported(data, file, "part")
        assert failed.value.kind == "impossible"
        assert "\n" not in str(failed.value)


def test_an_open_surface_is_no_solid() -> None:
    whole = exported(built(CASKET), "stl")
    fewer = len(whole) // 50 - 2
    # a header, how many triangles there are, 50 bytes for each
    opened = whole[:80] + fewer.to_bytes(4, "little") + whole[84 : 84 + 50 * fewer]
    with pytest.raises(CadFailed, match="open surface"):
        imported(opened, "stl", "part")


def test_units_of_a_file_can_be_told() -> None:
    metres = built("from build123d import *\nparts = {'a': Box(0.4, 0.4, 0.5)}")
    again = imported(exported(metres, "step"), "step", "part", scale=1000)

    assert again.bounds[1][2] == pytest.approx(250)


@pytest.mark.parametrize("file", ["stl", "glb", "3mf"])
def test_the_same_model_gives_the_same_file(file: Format) -> None:
    assert exported(built(CASKET), file) == exported(built(CASKET), file)


def read_step(text: str) -> dict[str, float]:
    """Return the volumes of the named solids of a STEP file whose faces are flat and whose edges are straight."""
    lines = {int(number): body for number, body in re.findall(r"#(\d+)\s*=\s*(.*?);\s*\n", text, re.DOTALL)}

    def kind(number: int) -> str:
        return str(lines[number]).split("(", 1)[0].strip()

    def refers(number: int) -> list[int]:
        return [int(other) for other in re.findall(r"#(\d+)", lines[number])]

    def point(vertex: int) -> tuple[float, float, float]:
        where = next(other for other in refers(vertex) if kind(other) == "CARTESIAN_POINT")
        x, y, z = re.findall(r"[-+0-9.E]+", lines[where].split("(", 2)[2])
        return float(x), float(y), float(z)

    def loop(bound: int) -> list[tuple[float, float, float]]:
        edges = next(other for other in refers(bound) if kind(other) == "EDGE_LOOP")
        corners = []
        for oriented in refers(edges):
            curve = refers(oriented)[0]
            ends = [other for other in refers(curve) if kind(other) == "VERTEX_POINT"]
            corners.append(point(ends[0] if lines[oriented].rstrip(") ").endswith(".T.") else ends[1]))
        return corners if lines[bound].rstrip(") ").endswith(".T.") else corners[::-1]

    def volume(solid: int) -> float:
        total = 0.0
        for face in refers(refers(solid)[0]):
            assert any(kind(other) == "PLANE" for other in refers(face))
            for bound in (other for other in refers(face) if kind(other).endswith("BOUND")):
                first, *rest = loop(bound)
                for one, two in pairwise(rest):
                    total += determinant(first, one, two) / 6
        return total

    named = {}
    for number in lines:
        if kind(number) == "ADVANCED_BREP_SHAPE_REPRESENTATION":
            solid = next(other for other in refers(number) if kind(other) == "MANIFOLD_SOLID_BREP")
            definition = next(
                refers(other)[0]
                for other in lines
                if kind(other) == "SHAPE_DEFINITION_REPRESENTATION" and refers(other)[1] == number
            )
            product = refers(refers(refers(definition)[0])[0])[0]
            match = re.match(r"PRODUCT\('([^']*)'", lines[product])
            assert match is not None
            named[match[1]] = volume(solid)
    return named


def determinant(
    one: tuple[float, float, float], two: tuple[float, float, float], three: tuple[float, float, float]
) -> float:
    (a, b, c), (d, e, f), (g, h, i) = one, two, three
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
