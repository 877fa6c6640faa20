"""A picture of the last moment of a scenario, by MuJoCo over EGL, where there is one.

It shows what physics saw: the convex pieces, not the surface of the CAD model. That one is looked at elsewhere.
"""

import contextlib
import io
from collections.abc import Iterator
from typing import Any, Final

import mujoco
import numpy as np

from toolserver.cad.simulating.scene import Scene
from toolserver.cad.wire import CadView

SIZE: Final = 480
_COLLISIONS: Final = 3


def pictured(scene: Scene, detail: str) -> CadView | None:
    """Return a view of a scene as it is now; None where this machine cannot draw."""
    try:
        from mujoco.egl import GLContext

        with _context(GLContext) as context:
            context.make_current()
            pixels = _drawn(scene)
    except Exception:  # noqa: BLE001 - without EGL this fails in many ways; a trial without a picture is one all the same
        return None
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG", compress_level=6)
    return CadView(name="last_moment", description=detail, picture=stream.getvalue(), width=SIZE, height=SIZE)


@contextlib.contextmanager
def _context(kind: Any) -> Iterator[Any]:
    context = kind(SIZE, SIZE)
    try:
        yield context
    finally:
        context.free()


def _drawn(scene: Scene) -> np.ndarray:
    model, data = scene.model, scene.data
    camera, option = mujoco.MjvCamera(), mujoco.MjvOption()
    option.geomgroup[_COLLISIONS] = 1
    low, high = scene.seen
    camera.lookat = (low + high) / 2000
    camera.distance = 1.5 * float(np.linalg.norm(high - low)) / 1000
    camera.azimuth, camera.elevation = 60, -25
    drawn = mujoco.MjvScene(model, maxgeom=model.ngeom + 10)
    mujoco.mjv_updateScene(model, data, option, mujoco.MjvPerturb(), camera, mujoco.mjtCatBit.mjCAT_ALL.value, drawn)
    drawn.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = 0
    drawn.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = 0
    context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100.value)
    try:
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, context)
        view = mujoco.MjrRect(0, 0, SIZE, SIZE)
        mujoco.mjr_render(view, drawn, context)
        pixels = np.zeros((SIZE, SIZE, 3), dtype=np.uint8)
        mujoco.mjr_readPixels(pixels, None, view, context)
    finally:
        context.free()
    return np.ascontiguousarray(pixels[::-1])
