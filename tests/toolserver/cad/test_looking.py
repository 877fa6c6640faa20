"""What views of a model show, in pictures and in words."""

import ctypes.util
import io
import os
import subprocess
import sys

import numpy as np
import pytest
from build123d import Cylinder
from PIL import Image

from tests.toolserver.cad.objects import box, bridge, flat, house, made, moved, mug, opened, table
from toolserver.cad.looking import VIEWS, looked
from toolserver.cad.looking.scene import camera, piece
from toolserver.cad.looking.zbuffer import drawn
from toolserver.cad.model import Model
from toolserver.cad.wire import CadView
from toolserver.errors import CadFailed


def seen(model: Model, view: str, *, pictures: bool = False) -> CadView:
    (found,) = looked(model, (view,), pictures=pictures, size=320)
    return found


def pixels(view: CadView) -> np.ndarray:
    assert view.picture is not None
    return np.asarray(Image.open(io.BytesIO(view.picture)).convert("RGB")).astype(int)


def test_all_views_come_with_a_picture_of_the_size_they_name_and_a_description() -> None:
    views = looked(bridge(), (), pictures=True, size=320)
    assert [view.name for view in views] == list(VIEWS)
    for view in views:
        shape = pixels(view).shape
        assert (shape[1], shape[0]) == (view.width, view.height)
        assert view.width == (480 if view.name == "exploded" else 320)
        assert view.drawn_by.startswith(("MuJoCo", "numpy"))
        assert view.drawn_by not in view.description, "what goes to models is the same on every machine"
        assert len(view.description) > 20


def test_without_pictures_there_are_descriptions_alone_and_the_same_ones() -> None:
    views = looked(table(), (), pictures=False, size=320)
    assert all(view.picture is None and view.width == 0 for view in views)
    assert [view.description for view in views] == [
        view.description for view in looked(table(), (), pictures=False, size=64)
    ]


def test_pictures_show_parts_on_white_with_nothing_between_the_legs_of_a_table() -> None:
    picture = pixels(seen(table(), "front", pictures=True))
    middle = picture[60:-60, 150:170]
    assert (middle == 255).all()
    tops = picture[40:44, 100:220].reshape(-1, 3)
    assert (tops.max(axis=1) - tops.min(axis=1) > 40).all()


def test_the_same_model_gives_the_same_picture() -> None:
    first, second = (seen(mug(), "oblique", pictures=True) for _ in range(2))
    assert first.picture == second.picture


def test_depth_shows_a_doorway_that_letters_hide() -> None:
    rows = [line.split("  ") for line in seen(house(), "front").description.splitlines()[1:] if "AA" in line]
    letters, digits = rows[-2]
    assert set(letters) == {"A", "."}
    doorway = digits.strip(".")
    assert doorway.strip("0") == "9" * doorway.count("9")
    assert 10 <= doorway.count("9") <= 16


def test_a_level_section_gives_the_widths_of_door_and_window() -> None:
    shown = seen(house(), "section_horizontal").description.splitlines()[0]
    assert "front 900 mm" in shown
    assert "right 1000 mm" in shown


def test_the_upright_section_of_a_mug_shows_that_it_is_open_above_alone() -> None:
    shown = seen(mug(), "section").description.splitlines()[0]
    assert shown.startswith("Shown: y = 0:")
    assert "above 72 mm" in shown
    bottomless = made({"cup": Cylinder(40, 95) - Cylinder(36, 99)})
    assert "below 72 mm" in seen(bottomless, "section").description.splitlines()[0]


def test_what_is_cut_is_hatched() -> None:
    block = made({"block": box((100, 100, 100), (0, 0, 50))})
    whole, cut = (pixels(seen(block, view, pictures=True))[120:160, 140:180] for view in ("front", "section"))
    assert whole.std(axis=(0, 1)).max() < 1
    assert cut.std(axis=(0, 1)).max() > 10


def test_the_table_of_parts_tells_size_place_and_what_each_part_touches() -> None:
    told = seen(table(), "oblique").description
    assert "leg_2: 40 x 40 x 425 mm, over the whole height, right, in front" in told
    assert "top: 600 x 400 x 25 mm, at the top" in told
    assert "touches leg_1, leg_2, leg_3, leg_4" in told
    assert "All parts hang together." in told
    assert "same with left and right exchanged" in told
    assert "leg: 4 of them, all of the same size." in told


def test_a_part_that_touches_nothing_is_a_group_of_its_own() -> None:
    top, leg, *others = table().bodies
    told = seen(Model((top, moved(leg, 0, 0, -3), *others)), "exploded").description
    assert "2 groups that do not touch each other: top, leg_2, leg_3, leg_4; leg_1." in told


def test_a_part_without_a_counterpart_is_named() -> None:
    told = seen(Model(table().bodies[:-1]), "oblique").description
    assert "Not the same with left and right exchanged: leg_3 without a counterpart." in told


def test_open_meshes_are_drawn_and_said_to_be_missing_in_sections() -> None:
    top, *legs = table().bodies
    views = looked(Model((opened(top), *legs)), (), pictures=True, size=200)
    assert all(view.picture for view in views)
    section = next(view for view in views if view.name == "section")
    assert "Left out, since their meshes are not closed: top." in section.description


def test_names_in_any_script_stand_in_descriptions_and_do_not_spoil_pictures() -> None:
    view = seen(made({"桌面": box((600, 400, 25), (0, 0, 12))}), "exploded", pictures=True)
    assert view.picture
    assert "桌面" in seen(made({"桌面": box((600, 400, 25), (0, 0, 12))}), "oblique").description


def test_many_parts_are_told_by_their_kinds() -> None:
    many = made({f"slat_{number}": box((5, 50, 5), (number * 10.0, 0, 2.5)) for number in range(120)})
    views = looked(many, ("oblique", "exploded", "front"), pictures=True, size=320)
    assert "60 of slat" in views[0].description
    assert len(views[0].description) < 20_000


def test_an_unknown_view_is_refused_with_those_there_are() -> None:
    with pytest.raises(CadFailed, match="there is no view 'inside'; there are front, right"):
        looked(table(), ("inside",), pictures=False, size=320)


def test_parts_without_any_surface_cannot_be_looked_at() -> None:
    with pytest.raises(CadFailed, match="nothing to see"):
        looked(Model((flat("sheet"),)), (), pictures=True, size=320)


def test_the_depth_buffer_keeps_what_is_nearest() -> None:
    near, far = box((10, 10, 10), (0, -20, 5)), box((30, 10, 30), (0, 20, 15))
    pieces = [
        piece(number, body.mesh.vertices, body.mesh.faces)
        for number, body in enumerate(made({"a": near, "b": far}).bodies)
    ]
    seen_from = camera(pieces, "front", 30, 30)
    raster = drawn(pieces, seen_from)
    assert raster.parts[29, 15] == 0
    assert raster.parts[2, 15] == 1
    assert raster.depth[2, 15] - raster.depth[29, 15] == pytest.approx(40, abs=1e-9)
    assert (raster.parts >= 0).sum() == 900


_BY_EGL = """
import os
import sys

import mujoco
import numpy as np
from manifold3d import Manifold

from toolserver.cad.looking import egl, looked, zbuffer
from toolserver.cad.looking.scene import camera, piece
from toolserver.cad.meshing import Mesh
from toolserver.cad.model import Body, Model

# without the kernel, whose import takes seconds
outside, inside = (Manifold.cylinder(95, radius, circular_segments=64) for radius in (40, 36))
cup = outside - inside.translate((0, 0, 4))
bodies = []
for name, solid in (("cup", cup), ("board", Manifold.cube((300, 20, 8)).translate((-60, 50, 0)))):
    mesh = solid.to_mesh64()
    given = Mesh(np.asarray(mesh.vert_properties)[:, :3], np.asarray(mesh.tri_verts).astype(np.int32))
    bodies.append(Body(name, None, given=given))
model = Model(tuple(bodies))

for _ in range(2):  # as in a fork server: contexts are made by children alone, one after the other
    child = os.fork()
    if child == 0:
        code = 1
        try:
            pieces = [piece(n, body.mesh.vertices, body.mesh.faces) for n, body in enumerate(model.bodies)]
            with egl.Stage({"all": pieces}, np.full((len(pieces), 3), 0.6), 320, 240) as stage:
                for view in ("front", "top", "oblique"):
                    seen = camera(pieces, view, 320, 240)
                    one, other = stage.drawn("all", seen), zbuffer.drawn(pieces, seen)
                    assert (one.parts == other.parts).mean() > 0.98, (one.parts == other.parts).mean()
                    both = (one.parts == other.parts) & (one.parts >= 0)
                    apart = np.abs(one.depth[both] - other.depth[both])
                    assert np.quantile(apart, 0.9) < 0.002 * (seen.far - seen.near), apart.max()
                    assert (one.colours[one.parts < 0] == 255).all()
            view = looked(model, ("front",), pictures=True, size=320)[0]
            assert view.drawn_by == "MuJoCo over EGL", view.drawn_by
            code = 0
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
"""


def test_mujoco_and_numpy_see_the_same_also_in_children_of_a_warm_process() -> None:
    if ctypes.util.find_library("EGL") is None:
        pytest.skip("libEGL is not installed, so only numpy draws here")
    done = subprocess.run(
        [sys.executable, "-c", _BY_EGL],
        env={**os.environ, "MUJOCO_GL": "disable"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
