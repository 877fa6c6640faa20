"""Units of measure by the names people print; only names of our own list ever reach the library."""

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pint import UnitRegistry

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "millimeter": "mm millimeter millimeters millimetre millimetres 毫米",
        "centimeter": "cm centimeter centimeters centimetre centimetres 厘米",
        "meter": "m meter meters metre metres 米",
        "kilometer": "km kilometer kilometers kilometre kilometres 公里 千米",
        "inch": "inch inches",
        "foot": "ft foot feet",
        "yard": "yd yard yards",
        "mile": "mile miles",
        "milligram": "mg milligram milligrams",
        "gram": "g gram grams gramme grammes 克",
        "kilogram": "kg kilogram kilograms kilo kilos 公斤 千克",
        "metric_ton": "tonne tonnes",
        "pound": "lb lbs",
        "ounce": "oz",
        "second": "s sec second seconds 秒",
        "minute": "min mins minute minutes 分钟",
        "hour": "h hr hrs hour hours 小时",
        "day": "day days 天",
        "week": "week weeks 周",
        "milliliter": "ml milliliter milliliters millilitre millilitres 毫升",
        "liter": "l liter liters litre litres 升",
        "byte": "byte bytes",
        "kilobyte": "kilobyte kilobytes",
        "megabyte": "megabyte megabytes",
        "kibibyte": "kib",
        "mebibyte": "mib",
        "gibibyte": "gib",
        "watt": "watt watts",
        "kilowatt": "kw kilowatt kilowatts",
        "joule": "joule joules",
        "kilojoule": "kj kilojoule kilojoules",
        "degree_Celsius": "°c celsius",
        "degree_Fahrenheit": "°f fahrenheit",
    }
)
_BY_NAME: Mapping[str, str] = MappingProxyType({name: unit for unit, names in _NAMES.items() for name in names.split()})


def known_unit(name: str) -> str | None:
    """Return the library's name of a unit, None for a word that is none or has several meanings."""
    return _BY_NAME.get(name if len(name) == 1 or name[:2] in ("Mg", "Mm", "Ml", "MG", "MM", "ML") else name.lower())


@lru_cache(maxsize=1)
def _registry() -> "UnitRegistry[Any]":
    from pint import UnitRegistry

    return UnitRegistry(non_int_type=Fraction, autoconvert_offset_to_baseunit=True)


def dimension(unit: str) -> str:
    """Return the dimension of a unit, as text that is equal for units that convert into each other."""
    exponents = _registry().Unit(unit).dimensionality
    return " ".join(f"{name}^{float(exponents[name].real):g}" for name in sorted(exponents))


def in_base(value: Fraction, unit: str) -> Fraction:
    """Return a value in the base unit of its dimension, exact where the definition is."""
    return Fraction(_registry().Quantity(value, unit).to_base_units().magnitude)


def factor(unit: str, other: str) -> Fraction | None:
    """Return how many of one unit are another one, None where they do not convert or have different zeros."""
    if dimension(unit) != dimension(other) or in_base(Fraction(0), unit) or in_base(Fraction(0), other):
        return None
    return in_base(Fraction(1), unit) / in_base(Fraction(1), other)
