"""Materials: usual values of handbooks, rounded to what is safe; a real piece may be stronger or weaker."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from toolserver.cad.parameters import Material


@dataclass(frozen=True, slots=True)
class Stuff:
    """Density in kg/m3, bending strength in MPa, modulus of elasticity in GPa."""

    density: float
    strength: float
    modulus: float


MATERIALS: Final[Mapping[Material, Stuff]] = MappingProxyType(
    {
        "pine": Stuff(500, 40, 9),
        "oak": Stuff(700, 60, 11),
        "plywood": Stuff(600, 35, 7),
        "steel": Stuff(7850, 235, 210),
        "aluminium": Stuff(2700, 150, 70),
        "concrete": Stuff(2400, 3, 30),
        "pla": Stuff(1240, 50, 3),
        "abs": Stuff(1050, 40, 2),
        "ceramic": Stuff(2300, 30, 60),
        "glass": Stuff(2500, 30, 70),
        "granite": Stuff(2700, 10, 50),
        "brick": Stuff(1800, 2, 10),
    }
)
"""Wood along the grain; brittle things by the strength of what pulls them apart."""
