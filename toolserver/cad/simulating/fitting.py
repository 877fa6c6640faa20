"""Parts that fit: a lid that comes off, has play, and does not slide off."""

from typing import Any

import manifold3d
import numpy as np

from toolserver.cad.parameters import PartsFit
from toolserver.cad.simulating.trying import Measured, Trying

SLIDES = 1000.0
"""The slack in mm of what nothing holds, or what does not fit at all."""

_STEPS = 16
_LIFTED = 0.02
_FARTHEST = 20.0


def parts_fit(trying: Trying, form: PartsFit) -> Measured:
    """Move a part sideways until it meets the rest, and lift it off."""
    solids = trying.shape.solids
    moved = [one for one in solids if one.body.name == form.part] or [
        one for one in solids if one.body.name.startswith(form.part)
    ]
    rest = [one for one in solids if one not in moved]
    worst = float(sum(body.mesh.volume for body in trying.model.bodies))
    if not moved or not rest:
        missing = f"there is no part {form.part}" if not moved else "there is nothing that it could fit"
        return Measured({"play": 0.0, "slack": SLIDES, "overlap": worst, "blocked": worst}, missing)
    part = manifold3d.Manifold.batch_boolean([one.shape for one in moved], manifold3d.OpType.Add)
    other = manifold3d.Manifold.batch_boolean([one.shape for one in rest], manifold3d.OpType.Add)
    slight = max(1e-3, 1e-6 * float(part.volume()))
    overlap = _shared(part, other, (0, 0, 0))
    # What rests on something touches it: sideways it is moved a hair above.
    if overlap > slight + 1e-4 * float(part.volume()):
        play = [0.0]
        slack = SLIDES
    else:
        play = [_free(part, other, x, y, slight) for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        slack = max(play)
    way = form.lift_mm
    if way is None:
        way = (
            max(
                0.0,
                float(np.max([one.bounds[1][2] for one in rest])) - float(np.min([one.bounds[0][2] for one in moved])),
            )
            + 1
        )
    blocked = max(_shared(part, other, (0, 0, height)) for height in np.linspace(_LIFTED, way, _STEPS).tolist())
    blocked = blocked if blocked > slight else 0.0
    return Measured(
        {"play": min(play), "slack": slack, "overlap": overlap if overlap > slight else 0.0, "blocked": blocked},
        f"{form.part} can be moved {min(play):.2f} to {slack:.2f} mm sideways, overlaps by {overlap:.1f} mm3, and "
        + ("comes off upwards" if blocked == 0 else f"meets {blocked:.1f} mm3 on its way up"),
    )


def _shared(part: Any, other: Any, by: tuple[float, float, float]) -> float:
    return float((part.translate(by) ^ other).volume())


def _free(part: Any, other: Any, x: float, y: float, slight: float) -> float:
    """Return how far a part can be moved in a direction; ``SLIDES`` where nothing is met within ``_FARTHEST``."""
    # Numbers that stand in no drawing, so that faces do not lie in each other.
    low, high = 0.0, 0.0131
    while _shared(part, other, (x * high, y * high, _LIFTED)) <= slight:
        low, high = high, high * 1.6
        if high > _FARTHEST:
            return SLIDES
    for _ in range(8):
        middle = (low + high) / 2
        if _shared(part, other, (x * middle, y * middle, _LIFTED)) <= slight:
            low = middle
        else:
            high = middle
    return low
