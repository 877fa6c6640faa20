"""What stands beside a way: railings, parapets and kerbs, and how high they are."""

import math

import numpy as np

from toolserver.cad.parameters import RailsHigh
from toolserver.cad.simulating.columns import stretches_of
from toolserver.cad.simulating.trying import Measured, Trying

_ENDS = 0.04


def rails_high(trying: Trying, form: RailsHigh) -> Measured:
    """Look to both sides from all along the middle of a way; the lowest place counts, but for its very ends."""
    axis = trying.axis(form.way)
    cell = max(math.sqrt(float(trying.shape.extent[:2].prod()) / 60_000), 0.5)
    found = stretches_of(trying.model, cell=cell)
    shape = len(found.xs), len(found.ys)
    top = np.full(shape, -np.inf)
    np.maximum.at(top.reshape(-1), found.column, found.high)
    lowest = np.full(shape, np.inf)
    np.minimum.at(lowest.reshape(-1), found.column, np.where(found.clear >= form.headroom_mm, found.high, np.inf))
    if axis == 1:
        top, lowest = top.T, lowest.T
    ends = math.ceil(_ENDS * len(top))
    top, lowest = top[ends : len(top) - ends], lowest[ends : len(lowest) - ends]
    middle = top.shape[1] // 2
    deck = _closed(lowest[:, middle])
    if not len(deck) or not np.isfinite(deck).all():
        return Measured({"height": 0.0}, "there is no way along the middle of it")
    sides = [(half.max(axis=1) - deck).min() for half in (top[:, :middle], top[:, middle + 1 :])]
    height = max(0.0, float(min(sides)))
    return Measured({"height": height}, f"beside the way something stands {height:.0f} mm high, where it is lowest")


def _closed(deck: np.ndarray) -> np.ndarray:
    """Return heights along a way in which joints of a place or two are closed by what is beside them."""
    closed = deck.copy()
    for shift in (1, -1, 2, -2):
        beside = np.roll(deck, shift)
        closed = np.where(np.isfinite(closed), closed, beside)
    return closed
