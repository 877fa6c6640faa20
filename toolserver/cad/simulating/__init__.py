"""Trying a model out."""

from collections.abc import Mapping
from typing import Any

from toolserver.cad.model import Model
from toolserver.cad.wire import CadTrial
from toolserver.errors import CadFailed


def simulated(
    model: Model, scenario: str, parameters: Mapping[str, Any], measure: str, seed: int, *, pictures: bool
) -> CadTrial:
    """Try a scenario and return what it measured.

    The same model, parameters and seed give the same numbers on the same machine.

    Args:
        model: what is tried out.
        scenario: its name in the table.
        parameters: of the scenario.
        measure: what of it counts.
        seed: with the same one the same numbers come out.
        pictures: with pictures of what happened.

    Raises:
        CadFailed: it cannot be tried, does not concern this model, or there is no such scenario or measure.
    """
    import time
    from importlib.metadata import version

    import msgspec

    from toolserver.cad.scenarios import SCENARIOS
    from toolserver.cad.simulating.picture import pictured
    from toolserver.cad.simulating.pieces import PieceCache
    from toolserver.cad.simulating.registry import FUNCTIONS
    from toolserver.cad.simulating.trying import Trying

    begun = time.perf_counter()
    row = SCENARIOS.get(scenario)
    if row is None:
        raise CadFailed("usage", f"there is no scenario {scenario!r}; there are {', '.join(SCENARIOS)}")
    if measure not in row.measures:
        raise CadFailed("usage", f"{row.name} does not measure {measure!r}; it measures {', '.join(row.measures)}")
    try:
        form = msgspec.convert(dict(parameters), row.form)
    except msgspec.ValidationError as error:
        raise CadFailed("usage", f"the parameters do not fit {row.name}: {error}") from None
    found = FUNCTIONS[row.name](Trying(model, seed, PieceCache()), form)
    view = pictured(found.scene, found.detail) if pictures and found.scene is not None else None
    return CadTrial(
        value=float(found.values[measure]),
        detail=found.detail,
        gates=found.gates,
        views=() if view is None else (view,),
        versions={name: version(name) for name in ("mujoco", "manifold3d", "numpy", "scipy")},
        seconds=round(time.perf_counter() - begun, 3),
    )
