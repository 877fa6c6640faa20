"""A scene of rigid bodies in MuJoCo: the artefact, the ground, and what it is tried out with.

Lengths are given and read in millimetres; MuJoCo counts in metres. MuJoCo's contacts are soft: bodies sink into each
other for about the time constant ``solref``. At its default of 20 ms balls sink through the bottom of a mug, so here it
is 2 ms with a step of 0.5 ms, or 4 ms with one of 1.6 ms where nothing is hollow. It cannot be less than twice the
step, which MuJoCo would raise it to without a word.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from toolserver.cad.simulating.lighting import light
from toolserver.cad.simulating.shape import Shape, Solid
from toolserver.cad.wire import CadGate
from toolserver.errors import CadFailed

Floats = NDArray[np.float64]

FINE: Final = (0.0005, 0.002)
"""Seconds of a step and of the contacts, for hollow and thin things."""

COARSE: Final = (0.0016, 0.004)
"""The same, for things that stand."""

GRAVITY: Final = 9.81
FIDELITY: Final = (0.98, 1.05)
"""Between what the volume of the convex pieces has to be, as a share of the true volume."""

FILLED: Final = 0.03
"""How much of the free space that matters the pieces may fill."""

_EVERY: Final = 4
_SEEN_THROUGH: Final = (0.85, 0.72, 0.5, 0.35)
"""Colour of the artefact in pictures, so that what is in it is seen."""

_FALLING: Final = 0.01
_TURNING: Final = 0.05
_FALLEN: Final = 30.0
"""Degrees of tilt beyond which nothing that a check says hangs on whether it has come to rest."""


class Scene:
    """What is put together first, then compiled by the first ``run``, and read after it.

    Args:
        shape: the artefact.
        free: it can move, each group of solids that touch by itself; else it is held where it is.
        lift: mm that it is above where it was made.
        friction: sliding friction of everything.
        fine: with the steps of ``FINE``, else of ``COARSE``.
        ground: there is a ground at height 0.
        slope: in degrees and the direction in which it goes down, as a unit vector in the plane.
        tilted: degrees about the x axis, forwards, that the artefact is turned by about its middle.
        contacts: seconds that contacts take, instead of those that belong to the steps; to see what soft ones do.
    """

    def __init__(
        self,
        shape: Shape,
        *,
        free: bool,
        lift: float = 0.0,
        friction: float = 0.8,
        fine: bool = False,
        ground: bool = True,
        slope: tuple[float, tuple[float, float]] = (0.0, (0.0, -1.0)),
        tilted: float = 0.0,
        contacts: float | None = None,
    ) -> None:
        self.shape = shape
        self.friction = friction
        self._step, self._soft = FINE if fine else COARSE
        if contacts is not None:
            self._soft = max(contacts, 2 * self._step)
        self._spec = mujoco.MjSpec()
        self._spec.option.timestep = self._step
        self._spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
        angle, (x, y) = math.radians(slope[0]), slope[1]
        self._spec.option.gravity = [
            GRAVITY * math.sin(angle) * x,
            GRAVITY * math.sin(angle) * y,
            -GRAVITY * math.cos(angle),
        ]
        # Small things are tried with numbers of their own size, so that pictures and contacts are not lost in rounding.
        reach = max(6.0, 10 * float(shape.extent.max()) / 1000)
        if ground:
            self._geom(
                self._spec.worldbody,
                "ground",
                type=mujoco.mjtGeom.mjGEOM_PLANE,
                size=[reach, reach, 0.1],
                rgba=[0.8, 0.8, 0.78, 1],
            )
        light(self._spec)
        self._model: Any = None
        self._data: Any = None
        self.deepest = 0.0
        self.time = 0.0
        self._groups = shape.groups if free else (tuple(shape.solids),)
        self._free = free
        self._centres: list[Floats] = []
        for number, group in enumerate(self._groups):
            self._add_group(number, group, lift, tilted)
        self._starts: dict[str, tuple[Floats, Floats]] = {}

    @property
    def compiled(self) -> bool:
        """Whether it was put together, so that nothing can be added any more."""
        return self._model is not None

    @property
    def seen(self) -> tuple[Floats, Floats]:
        """Lowest and highest corner in mm of what a picture shows: the artefact as it was made and as it is now."""
        corners = [self.shape.bounds]
        half = self.shape.extent / 2
        corners += [
            np.stack([place - half, place + half])
            for place in (np.array(self.data.body(f"group_{n}").xpos) * 1000 for n in range(len(self._groups)))
        ]
        low, high = np.min([one[0] for one in corners], axis=0), np.max([one[1] for one in corners], axis=0)
        return low, np.minimum(high, low + 6 * self.shape.extent.max())

    @property
    def model(self) -> Any:
        """The compiled model of MuJoCo."""
        self._compile()
        return self._model

    @property
    def data(self) -> Any:
        """Its state."""
        self._compile()
        return self._data

    def add_ball(
        self,
        name: str,
        radius: float,
        mass: float,
        at: Sequence[float],
        *,
        speed: Sequence[float] = (0, 0, 0),
        rolling: bool = False,
    ) -> None:
        """Add a ball: radius and place of its middle in mm, mass in kg, speed in m/s; ``rolling`` without slipping."""
        turn = (-speed[1] / radius * 1000, speed[0] / radius * 1000, 0.0) if rolling else (0.0, 0.0, 0.0)
        body = self._body(name, at, free=True, speed=(*speed, *turn))
        self._geom(
            body,
            name,
            type=mujoco.mjtGeom.mjGEOM_SPHERE,
            size=[radius / 1000, 0, 0],
            mass=mass,
            rgba=[0.85, 0.35, 0.2, 1],
            friction=[self.friction, 0.005, 0.0001],
        )

    def add_block(self, name: str, size: Sequence[float], mass: float, at: Sequence[float]) -> None:
        """Add a loose block: size and place of its middle in mm, mass in kg."""
        body = self._body(name, at, free=True)
        self._geom(
            body,
            name,
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=[side / 2000 for side in size],
            mass=mass,
            rgba=[0.3, 0.4, 0.75, 1],
        )

    def add_walker(self, name: str, radius: float, height: float, mass: float, at: Sequence[float]) -> None:
        """Add an upright capsule that moves in the plane only; ``at`` is the middle of its underside."""
        body = self._body(name, (at[0], at[1], at[2] + height / 2))
        for axis, word in (([1, 0, 0], "x"), ([0, 1, 0], "y")):
            body.add_joint(name=f"{name}_{word}", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=axis)
            actuator = self._spec.add_actuator(
                name=f"{name}_{word}", target=f"{name}_{word}", trntype=mujoco.mjtTrn.mjTRN_JOINT
            )
            actuator.set_to_velocity(kv=2000)
            actuator.forcelimited = mujoco.mjtLimited.mjLIMITED_TRUE
            actuator.forcerange = [-600, 600]
        self._geom(
            body,
            name,
            type=mujoco.mjtGeom.mjGEOM_CAPSULE,
            mass=mass,
            rgba=[0.3, 0.55, 0.4, 1],
            size=[radius / 1000, max(height / 2 - radius, 1) / 1000, 0],
            friction=[0.2, 0.01, 0.001],
        )

    def run(self, seconds: float, each: Callable[[float], bool | None] | None = None) -> None:
        """Let time pass; ``each`` is called every few steps with the time, and ends it by returning True."""
        self._compile()
        for number in range(max(1, round(seconds / self._step))):
            mujoco.mj_step(self._model, self._data)
            self.time += self._step
            if number % _EVERY == 0:
                self._watch()
                if each is not None and each(self.time):
                    break

    def settle(self, least: float, most: float) -> None:
        """Let time pass until nothing moves any more: between ``least`` and ``most`` seconds."""
        self.run(least)
        while self.time < most and not self.still:
            self.run(0.1)

    @property
    def still(self) -> bool:
        """Whether all loose bodies are nearly at rest."""
        speeds = np.asarray(self.data.qvel)
        return all(
            bool(np.abs(speeds[at : at + 3]).max() < _FALLING and np.abs(speeds[at + 3 : at + 6]).max() < _TURNING)
            for at in (
                int(self._model.jnt_dofadr[joint])
                for joint in range(self._model.njnt)
                if self._model.jnt_type[joint] == mujoco.mjtJoint.mjJNT_FREE
            )
        )

    def at(self, name: str) -> Floats:
        """Return where the middle of a body is, in mm."""
        return np.array(self.data.body(name).xpos, dtype=np.float64) * 1000

    def speed(self, name: str) -> Floats:
        """Return how fast a loose body moves, in m/s."""
        joint = int(self.model.body(name).jntadr[0])
        at = int(self._model.jnt_dofadr[joint])
        return np.array(self._data.qvel[at : at + 3], dtype=np.float64)

    @property
    def tilt(self) -> float:
        """The largest angle in degrees by which a group of the artefact leans away from how it was made."""
        up = [np.asarray(self.data.body(f"group_{n}").xmat).reshape(3, 3)[2, 2] for n in range(len(self._groups))]
        return max(math.degrees(math.acos(float(np.clip(one, -1, 1)))) for one in up)

    @property
    def drift(self) -> float:
        """How far in mm the centre of mass of a group moved at most."""
        return max(
            float(np.linalg.norm(np.asarray(self.data.body(f"group_{n}").xipos) * 1000 - centre))
            for n, centre in enumerate(self._centres)
        )

    @property
    def slid(self) -> float:
        """The same in the plane alone."""
        return max(
            float(np.linalg.norm((np.asarray(self.data.body(f"group_{n}").xipos) * 1000 - centre)[:2]))
            for n, centre in enumerate(self._centres)
        )

    def push(self, force: Sequence[float], at: Sequence[float]) -> None:
        """Push the heaviest group with a force in N at a place in mm, from now on; zero ends it."""
        self._compile()
        heaviest = max(range(len(self._groups)), key=lambda n: float(self._model.body(f"group_{n}").mass[0]))
        body = self._data.body(f"group_{heaviest}")
        arm = np.asarray(at, dtype=float) / 1000 - np.asarray(body.xipos)
        body.xfrc_applied[:3] = force
        body.xfrc_applied[3:] = np.cross(arm, np.asarray(force, dtype=float))

    def gates(self, *, settled: bool, region: tuple[Floats, Floats] | None = None) -> tuple[CadGate, ...]:
        """Return whether this can be relied on.

        Args:
            settled: everything has to be at rest by now.
            region: lowest and highest corner of the space that matters; without it fidelity counts as a whole.
        """
        wall = self.shape.wall
        warned = [
            str(mujoco.mjtWarning(n).name)
            for n in range(mujoco.mjtWarning.mjNWARNING.value)
            if self.data.warning[n].number
        ]
        finite = bool(np.isfinite(self._data.qpos).all() and np.isfinite(self._data.qvel).all())
        deepest = self.deepest
        gates = [
            CadGate(
                name="no_explosion",
                holds=finite and not warned,
                detail="numbers stayed finite" if finite and not warned else f"MuJoCo warned: {', '.join(warned)}",
            ),
            CadGate(
                name="penetration",
                holds=deepest <= max(wall / 2, 0.05),
                detail=f"bodies sank {deepest:.2g} mm into it at most; half its thinnest wall is {wall / 2:.2g} mm",
            ),
        ]
        share = self.shape.fidelity
        holds = FIDELITY[0] <= share <= FIDELITY[1]
        said = f"its convex pieces have {share:.3f} of its volume"
        if not holds and region is not None:
            # A handle that is too thick does not change what a mug holds.
            filled = self.shape.filled(*region)
            holds = filled <= FILLED
            said += f", and fill {filled:.1%} of the space that has to be free"
        gates.append(CadGate(name="fidelity", holds=holds, detail=said))
        if settled:
            still, fallen = self.still, self._free and self.tilt > _FALLEN
            said = "all came to rest" if still else f"something still moves after {self.time:.1f} s"
            # What lies on its side and rolls does not get up again.
            gates.append(
                CadGate(
                    name="settled",
                    holds=still or fallen,
                    detail="it fell over and still rolls" if fallen and not still else said,
                )
            )
        return tuple(gates)

    def _compile(self) -> None:
        if self._model is not None:
            return
        try:
            self._model = self._spec.compile()
        except ValueError as error:
            line = " ".join(str(error).split())[:200]
            raise CadFailed("impossible", f"physics cannot take this shape: {line}") from None
        self._data = mujoco.MjData(self._model)
        for name, (speed, turn) in self._starts.items():
            at = int(self._model.jnt_dofadr[int(self._model.body(name).jntadr[0])])
            self._data.qvel[at : at + 3] = speed
            self._data.qvel[at + 3 : at + 6] = turn
        mujoco.mj_forward(self._model, self._data)
        self._centres = [np.array(self._data.body(f"group_{n}").xipos) * 1000 for n in range(len(self._groups))]
        bodies = {int(self._model.body(f"group_{n}").id) for n in range(len(self._groups))}
        self._own = np.isin(self._model.geom_bodyid, list(bodies))

    def _watch(self) -> None:
        contacts = self._data.contact
        if len(contacts.dist):
            own = self._own[contacts.geom]
            with_it = own[:, 0] != own[:, 1]
            if with_it.any():
                self.deepest = max(self.deepest, -1000 * float(contacts.dist[with_it].min()))

    def _body(self, name: str, at: Sequence[float], *, free: bool = False, speed: Sequence[float] | None = None) -> Any:
        body = self._spec.worldbody.add_body(name=name, pos=[float(one) / 1000 for one in at])
        if free:
            body.add_freejoint()
        if speed is not None:
            self._starts[name] = (np.array(speed[:3], dtype=float), np.array(speed[3:], dtype=float))
        return body

    def _geom(self, body: Any, name: str, **more: Any) -> None:
        body.add_geom(**{"name": name, "friction": [self.friction, 0.01, 0.001], "solref": [self._soft, 1], **more})

    def _add_group(self, number: int, group: Sequence[Solid], lift: float, tilted: float) -> None:
        middle = self.shape.middle
        place = np.array([0.0, 0.0, lift])
        turn = math.radians(tilted) / 2
        body = self._body(f"group_{number}", middle + place)
        body.quat = [math.cos(turn), math.sin(turn), 0, 0]
        if self._free:
            body.add_freejoint()
            mass = self.shape.mass(group)
            body.explicitinertial = True
            body.mass = mass.kilograms
            body.ipos = (mass.centre - middle) / 1000
            inertia = mass.inertia * 1e-6
            body.fullinertia = [
                inertia[0, 0],
                inertia[1, 1],
                inertia[2, 2],
                inertia[0, 1],
                inertia[0, 2],
                inertia[1, 2],
            ]
        for index, piece in enumerate(self.shape.pieces(group)):
            corners = (piece.corners - middle) / 1000
            if piece.box:
                low, high = corners.min(axis=0), corners.max(axis=0)
                self._geom(
                    body,
                    "",
                    type=mujoco.mjtGeom.mjGEOM_BOX,
                    size=(high - low) / 2,
                    pos=(high + low) / 2,
                    group=3,
                    rgba=_SEEN_THROUGH,
                )
                continue
            name = f"piece_{number}_{index}"
            self._spec.add_mesh(
                name=name, uservert=corners.ravel(), inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_CONVEX
            )
            self._geom(body, "", type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name, group=3, rgba=_SEEN_THROUGH)
