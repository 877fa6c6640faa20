"""What rules see: prompt-free checks of any artefact that has parts, which always run.

They find gross errors. What only some wishes forbid is a criterion's affair; here it is a finding, never a verdict.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from agent.domain.artefacts import Inspection
from agent.domain.design import Critique, Finding, PartPlan
from agent.verification.artefacts.seeing.boxes import PartBox, boxes_of, whole_of
from agent.verification.artefacts.seeing.naming import planned_parts, words_of

_MOST: Final = 40
"""Findings that are told."""
_MOST_BOXES: Final = 500
"""Parts above which pairs of them are not compared."""
_GAP: Final = 1.0
"""Between the boxes of two parts that may still touch, in millimetres or cells."""
_SMALL: Final = 1 / 400
"""Share of the whole's longest side below which the longest side of a part is a mistake of units, or nothing."""
_UNLIKE: Final = 8.0
"""Times that the longest sides of parts of a kind may differ."""
_TINY, _HUGE = 5.0, 50_000.0
"""Millimetres below and above which the longest side of a whole was probably meant in another unit."""
_FILLED: Final = 0.95
"""Share of its box that a part fills which has no room for another one."""

_ABOVE: Final = (
    (("seat", "tabletop", "top", "座面", "桌面", "椅面"), ("leg", "foot", "feet", "腿", "桌腿", "椅腿")),
    (("roof", "屋顶"), ("wall", "floor", "foundation", "墙", "墙壁")),
    (("lid", "盖", "盖子"), ("box", "bottom", "base", "container", "盒体", "底")),
    (("deck", "slab", "桥面"), ("pier", "pillar", "abutment", "桥墩")),
    (("rail", "railing", "handrail", "parapet", "栏杆"), ("deck", "slab", "abutment", "桥面")),
    (("backrest", "靠背"), ("leg", "foot", "feet")),
)
"""What is above what in things that stand the right way up."""


def seen_by_rules(inspection: Inspection, plan: Sequence[PartPlan] = ()) -> Critique:
    """Return what rules find; they give no score."""
    boxes, unit = boxes_of(inspection)
    findings = [*planned_parts(plan, [part.name for part in inspection.parts])] if inspection.parts else []
    findings += _hanging_blocks(inspection)
    if boxes:
        whole = whole_of(boxes)
        findings += _units(whole, unit)
        findings += _sizes(boxes, whole, unit)
        findings += _upside_down(boxes, inspection)
        if len(boxes) <= _MOST_BOXES:
            findings += [*_floating(boxes, whole, inspection, unit), *_inside(boxes)]
    return Critique(by="rules", findings=tuple(findings[:_MOST]))


def _units(whole: PartBox, unit: str) -> Iterator[Finding]:
    if unit != "mm":
        return
    told = " x ".join(f"{side:.4g}" for side in whole.size)
    if whole.longest < _TINY:
        problem = f"the whole is only {told} mm: sizes were perhaps meant in metres or centimetres"
        yield Finding(aspect="proportion", problem=problem, suggestion="write all lengths in millimetres")
    elif whole.longest > _HUGE:
        problem = f"the whole is {told} mm, which is {whole.longest / 1000:.4g} m"
        yield Finding(aspect="proportion", problem=problem, suggestion="write all lengths in millimetres")


def _sizes(boxes: Sequence[PartBox], whole: PartBox, unit: str) -> Iterator[Finding]:
    """Give parts that are out of proportion by orders of magnitude, beside the whole or beside their likes."""
    if unit != "mm":
        return
    for box in boxes:
        if box.longest < _SMALL * whole.longest:
            problem = f"it is {box.longest:.3g} mm long in a whole of {whole.longest:.4g} mm: perhaps another unit"
            yield Finding(part=box.name, aspect="proportion", problem=problem)
    kinds: dict[frozenset[str], list[PartBox]] = {}
    for box in boxes:
        kinds.setdefault(words_of(box.name), []).append(box)
    for words, likes in kinds.items():
        shortest, longest = (pick(likes, key=lambda box: box.longest) for pick in (min, max))
        if words and longest.longest > _UNLIKE * max(shortest.longest, 1e-9):
            problem = (
                f"it is {shortest.longest:.3g} mm long, and {longest.name}, of the same kind, {longest.longest:.4g}"
            )
            yield Finding(part=shortest.name, aspect="proportion", problem=problem)


def _upside_down(boxes: Sequence[PartBox], inspection: Inspection) -> Iterator[Finding]:
    for upper, lower in _ABOVE:
        above = [box for box in boxes if words_of(box.name) & set(upper) and not words_of(box.name) & set(lower)]
        below = [box for box in boxes if words_of(box.name) & set(lower) and not words_of(box.name) & set(upper)]
        if not above or not below:
            continue
        highest, lowest = max(above, key=_height), min(below, key=_height)
        if highest.middle_height < lowest.middle_height:
            problem = f"it is below {lowest.name}, so the whole may stand upside down"
            yield Finding(part=highest.name, aspect="orientation", problem=problem)
    if inspection.measures.get("centre_over_footprint") is False:
        problem = "its weight is not above what it stands on, so it tips over as it stands"
        yield Finding(aspect="position", problem=problem)


def _floating(boxes: Sequence[PartBox], whole: PartBox, inspection: Inspection, unit: str) -> Iterator[Finding]:
    """Give parts that surely hang on nothing: from their boxes to the ground there is no way of boxes that are near.

    Boxes may be near where parts are not, so a measured number of floating parts that is larger is told as well.
    """
    reached = [box for box in boxes if box.low[2] <= whole.low[2] + _GAP]
    waiting = [box for box in boxes if box not in reached]
    frontier = reached
    while frontier:
        frontier = [box for box in waiting if any(box.near(other, _GAP) for other in frontier)]
        waiting = [box for box in waiting if box not in frontier]
    for box in waiting[:_MOST]:
        gap = min((_gap(box, other) for other in boxes if other is not box), default=0.0)
        problem = f"it hangs on nothing: the nearest part is {gap:.3g} {unit} away"
        yield Finding(part=box.name, aspect="position", problem=problem, suggestion="let it touch what holds it")
    counted = inspection.measures.get("floating")
    if isinstance(counted, int | float) and counted > len(waiting):
        problem = f"{counted:g} parts are connected to nothing that stands on the ground"
        yield Finding(aspect="position", problem=problem, suggestion="let parts touch those that hold them")


def _hanging_blocks(inspection: Inspection) -> Iterator[Finding]:
    for part in inspection.parts:
        hanging = part.measures.get("floating_blocks")
        if isinstance(hanging, int | float) and hanging > 0:
            yield Finding(part=part.name, aspect="position", problem=f"{hanging:g} of its blocks hang on nothing")


def _inside(boxes: Sequence[PartBox]) -> Iterator[Finding]:
    """Give parts that lie in others which have no room in them."""
    for box in boxes:
        for other in boxes:
            if box is not other and other.fills >= _FILLED and box.size != other.size and box.within(other):
                problem = f"it lies inside {other.name}, which is solid, so nobody sees it"
                yield Finding(part=box.name, aspect="position", problem=problem)
                break


def _height(box: PartBox) -> float:
    return box.middle_height


def _gap(one: PartBox, other: PartBox) -> float:
    """Return how far two boxes are apart along the axis on which they are farthest."""
    edges = zip(one.low, one.high, other.low, other.high, strict=True)
    return max(0.0, *(max(begin - high, low - end) for low, high, begin, end in edges))
