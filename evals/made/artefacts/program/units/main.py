"""Convert units: lines such as "12 km in mi" on standard input."""

import sys

METRES = {"m": 1.0, "km": 1000.0, "cm": 0.01, "mi": 1609.344, "ft": 0.3048, "in": 0.0254}
GRAMS = {"g": 1.0, "kg": 1000.0, "lb": 453.59237, "oz": 28.349523125}


def convert(value, one, other):
    for table in (METRES, GRAMS):
        if one in table and other in table:
            return value * table[one] / table[other]
    if (one, other) == ("C", "F"):
        return value * 9 / 5 + 32
    if (one, other) == ("F", "C"):
        return (value - 32) * 5 / 9
    raise ValueError


for line in sys.stdin:
    words = line.split()
    if not words:
        continue
    try:
        number, one, between, other = words
        if between != "in":
            raise ValueError
        print(f"{number} {one} = {convert(float(number), one, other):.3f} {other}")
    except ValueError:
        print(f"cannot convert: {line.strip()}")
