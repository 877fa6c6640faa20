"""Short ways to write down what a wish asks for."""

from typing import Any, Final

from agent.domain.artefacts import Criterion, Mutation, Relation, Scenario
from toolserver.client import CAD_SCENARIOS

TIPS: Final = 5.0
"""Degrees."""


def asks(
    name: str,
    wish: str,
    scenario: str,
    measure: str,
    relation: Relation,
    threshold: float,
    control: Mutation | None = None,
    **parameters: Any,
) -> Criterion:
    """Return a criterion in the unit of its measure; without a control it has the usual one of its scenario."""
    return Criterion(
        id=name,
        wish=wish,
        scenario=Scenario(name=scenario, parameters=parameters),
        measure=measure,
        relation=relation,
        threshold=threshold,
        unit=CAD_SCENARIOS[scenario].measures[measure],
        control=control,
    )


def size(
    name: str, wish: str, extent: str, least: float, most: float, control: Mutation | None = None, **parameters: Any
) -> Criterion:
    """Return a criterion on an extent."""
    return asks(
        name,
        wish,
        "size_within",
        "outside",
        "<=",
        0,
        control,
        extent=extent,
        least_mm=least,
        most_mm=most,
        **parameters,
    )


def whole(wish: str) -> Criterion:
    """Return the criterion that all parts hold together."""
    return asks("whole", wish, "connected", "pieces", "==", 1)


def upright(wish: str) -> Criterion:
    """Return the criterion that it does not fall over by itself."""
    return asks("upright", wish, "stands", "tilt", "<", TIPS)


def tipped(spot: str) -> Mutation | None:
    """Return the control of a weight at a spot: the wall that it is left on stands at the other side."""
    return Mutation(name="remove_support", parameters={"towards": "back"}) if "back" in spot else None


def bears(wish: str, load: float, *spots: str, **parameters: Any) -> tuple[Criterion, ...]:
    """Return the criteria that a weight at these spots does not tip it over."""
    return tuple(
        asks(f"bears at {spot}", wish, "bears", "tilt", "<", TIPS, tipped(spot), load_kg=load, at=spot, **parameters)
        for spot in spots
    )


def strong(wish: str, load: float, material: str, *spots: str, **parameters: Any) -> tuple[Criterion, ...]:
    """Return the criteria that a weight at these spots does not break it."""
    return tuple(
        asks(
            f"strong at {spot}",
            wish,
            "strength",
            "utilisation",
            "<",
            1,
            load_kg=load,
            material=material,
            at=spot,
            **parameters,
        )
        for spot in spots
    )
