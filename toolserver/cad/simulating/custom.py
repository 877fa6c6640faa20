"""Scenarios that a model writes: Python with ``def scenario(api)``, which returns a number.

The code is as hostile as any program of a model: in a CAD sandbox it runs in a process of its own that gave up
everything but computing (``toolserver.cad.confining``), and what it measures counts only with a control that fails.
"""

import linecache
import math
from collections.abc import Sequence
from typing import Any, Final

from toolserver.cad.parameters import Custom
from toolserver.cad.simulating.columns import column_at
from toolserver.cad.simulating.holding import hollow_of
from toolserver.cad.simulating.scene import Scene
from toolserver.cad.simulating.trying import Measured, Trying
from toolserver.errors import CadFailed

_FILE: Final = "scenario.py"
_MOST_SECONDS: Final = 20.0
_MOST_BODIES: Final = 100


class Api:
    """What the code of a scenario may use; see ``toolserver.cad.written``. Wrong use raises ``ValueError``."""

    def __init__(self, trying: Trying) -> None:
        self._trying = trying
        self._scene: Scene | None = None
        self._names: list[str] = []
        low, high = trying.shape.bounds
        self.low = low.tolist()
        self.high = high.tolist()

    @property
    def scene(self) -> Scene | None:
        """The scene, once there is one."""
        return self._scene

    def hollow(self) -> tuple[tuple[float, float], float, float, float] | None:
        """Return middle, radius, floor and brim of the widest hollow."""
        found = hollow_of(self._trying)
        return None if found is None else (found.middle, found.radius, found.floor, found.brim)

    def tops(self, x: float, y: float) -> list[float]:
        """Return heights of surfaces at a place, highest first."""
        return [high for _, high in reversed(column_at(self._trying.model, _number(x), _number(y)))]

    def artefact(self, free: bool = True, lift: float = 0, tilt_deg: float = 0, friction: float = 0.8) -> None:
        """Put the artefact into the scene."""
        if self._scene is not None:
            raise ValueError("the artefact is in the scene already")
        self._scene = Scene(
            self._trying.shape,
            free=bool(free),
            lift=_number(lift),
            tilted=_number(tilt_deg),
            friction=_number(friction),
            fine=True,
        )

    def add_ball(self, radius: float, mass: float, at: Sequence[float], speed: Sequence[float] = (0, 0, 0)) -> int:
        """Add a ball before time passes and return its number."""
        name = self._named()
        self._put().add_ball(name, _number(radius), _number(mass), _three(at), speed=_three(speed))
        return len(self._names) - 1

    def add_block(self, size: Sequence[float], mass: float, at: Sequence[float]) -> int:
        """Add a loose block before time passes and return its number."""
        name = self._named()
        self._put().add_block(name, _three(size), _number(mass), _three(at))
        return len(self._names) - 1

    def step(self, seconds: float) -> None:
        """Let time pass."""
        scene = self._put()
        if not 0 < _number(seconds) <= _MOST_SECONDS - scene.time:
            raise ValueError(f"between 0 and {_MOST_SECONDS:g} s can pass in all")
        scene.run(seconds)

    def push(self, force: Sequence[float], at: Sequence[float]) -> None:
        """Push the artefact from now on."""
        self._put().push(_three(force), _three(at))

    def position(self, number: int) -> list[float]:
        """Return where a ball or block is."""
        if not 0 <= number < len(self._names):
            raise ValueError(f"there is no body {number}")
        place: list[float] = self._put().at(self._names[number]).tolist()
        return place

    def tilt(self) -> float:
        """Return how far the artefact leans, in degrees."""
        return self._put().tilt

    def drift(self) -> float:
        """Return how far it moved, in mm."""
        return self._put().drift

    def _named(self) -> str:
        if len(self._names) >= _MOST_BODIES:
            raise ValueError(f"at most {_MOST_BODIES} bodies can be added")
        if self._put().compiled:
            raise ValueError("bodies are added before time passes")
        self._names.append(f"added_{len(self._names)}")
        return self._names[-1]

    def _put(self) -> Scene:
        if self._scene is None:
            raise ValueError("call api.artefact() first")
        return self._scene


def custom(trying: Trying, form: Custom) -> Measured:
    """Run the code.

    Raises:
        CadFailed: it is wrong; the message names its line. So the check is inconclusive, and never a verdict.
    """
    api = Api(trying)
    linecache.cache[_FILE] = (len(form.code), None, form.code.splitlines(keepends=True), _FILE)
    names: dict[str, Any] = {"__name__": "scenario"}
    try:
        exec(compile(form.code, _FILE, "exec"), names)  # noqa: S102 - what this is for, in a process without anything
        function = names.get("scenario")
        if not callable(function):
            raise CadFailed("usage", "the scenario defines no scenario(api)")
        value = function(api)
    except CadFailed:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever the code raises, its writer is told
        raise CadFailed("usage", _told(error)) from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise CadFailed("usage", f"scenario(api) returned {str(value)[:80]!r}, not a finite number")
    scene = api.scene if api.scene is not None and api.scene.compiled else None
    gates = scene.gates(settled=False) if scene is not None else ()
    return Measured({"value": float(value)}, f"a scenario written for this: {value:g}", gates, scene)


def _told(error: BaseException) -> str:
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        line = error.lineno
    said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return f"the scenario failed{f' in line {line}' if line else ''}: {said}"


def _number(value: float) -> float:
    if isinstance(value, bool) or not math.isfinite(float(value)) or abs(float(value)) > 1e7:
        raise ValueError(f"{value!r} is no usable number")
    return float(value)


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    if len(values) != 3:
        raise ValueError(f"{values!r} are not three numbers")
    one, two, three = (_number(value) for value in values)
    return one, two, three
