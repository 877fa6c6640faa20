"""Lengths, areas and volumes in words, with units that fit their size."""


def millimetres(length: float) -> str:
    """Return a length with as many digits as say something; meshes of round parts are a little too small."""
    return f"{length:.0f}" if abs(length) >= 20 else f"{length:.3g}"


def area(square: float) -> str:
    """Return an area that is given in square millimetres."""
    return f"{square / 100:.4g} cm2" if square < 1e6 else f"{square / 1e6:.4g} m2"


def volume(cubic: float) -> str:
    """Return a volume that is given in cubic millimetres."""
    return f"{cubic / 1000:.4g} cm3" if cubic < 1e9 else f"{cubic / 1e9:.4g} m3"
