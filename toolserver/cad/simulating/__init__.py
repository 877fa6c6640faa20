"""Trying a model out."""

from collections.abc import Mapping
from typing import Any

from toolserver.cad.model import Model
from toolserver.cad.wire import CadTrial
from toolserver.errors import CadFailed


def simulated(
    model: Model, scenario: str, parameters: Mapping[str, Any], measure: str, seed: int, *, pictures: bool, program: str
) -> CadTrial:
    """Try a scenario and return what it measured.

    Args:
        model: what is tried out.
        scenario: name of one of ours, or of the one that ``program`` is.
        parameters: of the scenario.
        measure: what of it counts.
        seed: with the same one the same numbers come out.
        pictures: with pictures of what happened.
        program: a scenario that a model wrote; empty for one of ours.

    Raises:
        CadFailed: it cannot be tried, does not concern this model, or there is no such scenario or measure.
    """
    raise CadFailed("usage", f"there is no scenario {scenario!r} yet")
