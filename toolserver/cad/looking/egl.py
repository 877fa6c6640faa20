"""Drawing with MuJoCo's renderer over EGL, in software where there is no graphics card.

Pieces become geoms that are only seen: a mesh that may collide would be drawn and used as its convex hull. MuJoCo moves
each mesh into a frame of its own and back by the geom's place; nothing here reads vertices from it.

OpenGL contexts are never inherited: the process that draws makes its own, and frees it. It does not matter how MuJoCo
was told to draw when it was imported; a warm process that opens no display says MUJOCO_GL=disable.
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from toolserver.cad.looking.scene import AMBIENT, LIGHT, Camera, Floats, Piece, Raster, box_of


class NoRenderer(Exception):
    """MuJoCo cannot draw here; the message says why in one line."""


class Stage:
    """Several sets of pieces, one of which is seen at a time. A context manager that frees its OpenGL context.

    Args:
        sets: pieces by the name of their set, at most six, as many groups of geoms as MuJoCo knows.
        colours: (parts, 3) between 0 and 1.
        width: of the widest picture, in pixels.
        height: of the highest picture, in pixels.

    Raises:
        NoRenderer: there is no EGL, or MuJoCo does not take a mesh.
    """

    def __init__(
        self, sets: Mapping[str, Sequence[Piece]], colours: NDArray[np.float64], width: int, height: int
    ) -> None:
        try:
            import mujoco
            from mujoco.egl import GLContext
        except Exception as error:  # without libEGL this fails in many ways
            raise NoRenderer(f"MuJoCo finds no EGL: {_line(error)}") from error
        low, high = box_of([piece for pieces in sets.values() for piece in pieces])
        self._middle, self._unit = (low + high) / 2, 2 / float(np.linalg.norm(high - low))
        self._groups = {name: number for number, name in enumerate(sets)}
        self._mujoco = mujoco
        self._display: Any = None
        self._context: Any = None
        try:
            self._model = _model(mujoco, sets, colours, self._middle, self._unit, width, height)
            self._data = mujoco.MjData(self._model)
            mujoco.mj_forward(self._model, self._data)
            self._scene = mujoco.MjvScene(self._model, maxgeom=self._model.ngeom + 10)
            self._display = GLContext(width, height)
            self._display.make_current()
            self._context = mujoco.MjrContext(self._model, mujoco.mjtFontScale.mjFONTSCALE_100.value)
            mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, self._context)
            self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZERONEAR
        except Exception as error:  # of EGL, of OpenGL and of MuJoCo alike; the other renderer takes over
            self._close()
            raise NoRenderer(_line(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._context is not None:
            self._context.free()
        if self._display is not None:
            self._display.free()
        self._context = self._display = None

    def drawn(self, name: str, camera: Camera) -> Raster:
        """Draw a set as a camera sees it.

        Raises:
            NoRenderer: OpenGL failed.
        """
        try:
            return self._drawn(name, camera)
        except Exception as error:  # as above
            raise NoRenderer(_line(error)) from error

    def _drawn(self, name: str, camera: Camera) -> Raster:
        mujoco, scene = self._mujoco, self._scene
        option = mujoco.MjvOption()
        option.geomgroup[:] = 0
        option.geomgroup[self._groups[name]] = 1
        mujoco.mjv_updateScene(
            self._model, self._data, option, None, mujoco.MjvCamera(), mujoco.mjtCatBit.mjCAT_ALL.value, scene
        )
        # a little before what is nearest, since what lies in the near plane itself may be cut off
        slack = 0.02 * (camera.far - camera.near)
        reach = camera.far - camera.near + 2 * slack
        for view in scene.camera:
            view.pos = (camera.centre + (camera.near - slack) * camera.towards - self._middle) * self._unit
            view.forward, view.up = camera.towards, camera.up
            view.orthographic = 1
            view.frustum_center = 0
            view.frustum_top = camera.height / 2 / camera.scale * self._unit
            view.frustum_bottom = -view.frustum_top
            view.frustum_width = camera.width / 2 / camera.scale * self._unit
            view.frustum_near = 1e-6
            view.frustum_far = reach * self._unit
        for light in scene.lights[: scene.nlight]:
            if not light.headlight:
                light.dir = -(np.stack([camera.right, camera.up, camera.towards], axis=1) @ LIGHT)
        colours, _ = self._read(camera, numbered=False)
        numbers, depth = self._read(camera, numbered=True)
        segments = numbers[..., 0] | numbers[..., 1].astype(np.int32) << 8 | numbers[..., 2].astype(np.int32) << 16
        part = np.full(len(scene.geoms) + 2, -1, dtype=np.int32)
        for geom in scene.geoms[: scene.ngeom]:
            if geom.segid >= 0:
                part[geom.segid + 1] = round(float(self._model.geom_user[geom.objid, 0]))
        parts = part[segments]
        shaded = colours.astype(np.float32)
        shaded[parts < 0] = 255.0
        behind = np.where(parts >= 0, depth * np.float32(reach) - np.float32(slack), np.float32(np.inf))
        return Raster(shaded, parts, behind)

    def _read(self, camera: Camera, *, numbered: bool) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Render, with the numbers of geoms for colours if asked to; return colours, and depth between 0 and 1."""
        mujoco = self._mujoco
        for flag in (mujoco.mjtRndFlag.mjRND_SEGMENT, mujoco.mjtRndFlag.mjRND_IDCOLOR):
            self._scene.flags[flag] = numbered
        self._display.make_current()
        place = mujoco.MjrRect(0, 0, camera.width, camera.height)
        colours = np.empty((camera.height, camera.width, 3), dtype=np.uint8)
        depth = np.empty((camera.height, camera.width), dtype=np.float32)
        mujoco.mjr_render(place, self._scene, self._context)
        mujoco.mjr_readPixels(colours, depth, place, self._context)
        return colours[::-1], depth[::-1]


def _model(
    mujoco: Any,
    sets: Mapping[str, Sequence[Piece]],
    colours: NDArray[np.float64],
    middle: Floats,
    unit: float,
    width: int,
    height: int,
) -> Any:
    spec = mujoco.MjSpec()
    spec.nuser_geom = 1
    visual = getattr(spec.visual, "global_", None) or getattr(spec.visual, "global")
    visual.offwidth, visual.offheight = width, height
    spec.visual.quality.shadowsize = 0
    head = spec.visual.headlight
    head.ambient, head.diffuse, head.specular = [AMBIENT] * 3, [0.0] * 3, [0.0] * 3
    # pictures are drawn larger and made smaller afterwards, and parts and depths need hard edges
    spec.visual.quality.offsamples = 0
    light = spec.worldbody.add_light(castshadow=False)
    light.type = mujoco.mjtLightType.mjLIGHT_DIRECTIONAL
    light.diffuse, light.ambient, light.specular = [1 - AMBIENT] * 3, [0.0] * 3, [0.0] * 3
    for group, (name, pieces) in enumerate(sets.items()):
        for number, piece in enumerate(pieces):
            if not len(piece.triangles):
                continue
            # corners are not shared: to find those that are alike takes longer than to draw them all
            corners = (piece.triangles.reshape(-1, 3) - middle) * unit
            faces = np.arange(len(corners), dtype=np.int32)
            spec.add_mesh(
                name=f"{name}/{number}",
                uservert=corners.ravel(),
                userface=faces,
                usernormal=piece.normals.ravel(),
                userfacenormal=faces,
                inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
            )
            spec.worldbody.add_geom(
                type=mujoco.mjtGeom.mjGEOM_MESH,
                meshname=f"{name}/{number}",
                contype=0,
                conaffinity=0,
                group=group,
                rgba=[*colours[piece.part].tolist(), 1.0],
                userdata=[float(piece.part)],
                mass=0,
            )
    return spec.compile()


def _line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
