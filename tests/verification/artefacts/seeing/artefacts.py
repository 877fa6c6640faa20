"""Artefacts as those who look at them get them: inspections as CAD and blocks give them, views, a wish."""

import hashlib

from agent.domain.artefacts import Inspection, Part, View
from agent.domain.design import PartPlan
from agent.domain.messages import Picture
from agent.verification.artefacts.design.ports import Brief, Looked

Box = tuple[float, float, float, float, float, float]
"""Lowest x, y, z and size along x, y, z."""

TABLE: dict[str, Box] = {
    "top": (-300, -200, 425, 600, 400, 25),
    "leg_1": (-280, -180, 0, 40, 40, 425),
    "leg_2": (240, -180, 0, 40, 40, 425),
    "leg_3": (-280, 140, 0, 40, 40, 425),
    "leg_4": (240, 140, 0, 40, 40, 425),
}
PLAN = (
    PartPlan(name="top", purpose="to put things on", shape="600 x 400 x 25 mm on the legs"),
    *(PartPlan(name=f"leg_{n}", purpose="to hold the top", shape="40 x 40 x 425 mm") for n in range(1, 5)),
)
BRIEF = Brief(wish="a table for a child", kind="cad", guide="", parts=PLAN)


def solid(name: str, box: Box, *, fills: float = 1.0) -> Part:
    x, y, z, wide, deep, high = box
    return Part(
        name=name,
        measures={
            "width_mm": wide,
            "depth_mm": deep,
            "height_mm": high,
            "x_min_mm": x,
            "y_min_mm": y,
            "z_min_mm": z,
            "volume_cm3": wide * deep * high * fills / 1000,
        },
    )


def inspected(boxes: dict[str, Box], **measures: float | bool) -> Inspection:
    return Inspection(parts=tuple(solid(name, box) for name, box in boxes.items()), measures=measures)


def picture(data: bytes) -> Picture:
    return Picture(sha256=hashlib.sha256(data).hexdigest(), media_type="image/png", width=480, height=412)


def looked(boxes: dict[str, Box], views: tuple[View, ...] = (), *, name: str = "r1.c1") -> Looked:
    return Looked(name, inspected(boxes), views)
