"""Known traps of the CAD library: what an error says, and how its cause is repaired. Data, so that it can grow."""

import re
from typing import Final, NamedTuple


class Trap(NamedTuple):
    """An error whose cause is known.

    Attributes:
        error: regular expression found in the error.
        source: regular expression found in the line of the program; empty for any line.
        repair: what to write instead.
    """

    error: str
    source: str
    repair: str


TRAPS: Final = (
    Trap(r"no attribute '(to_tuple|toTuple)'", "", "a Vector has no to_tuple: write tuple(v), or v.X, v.Y, v.Z"),
    Trap(r"'bool' object is not callable", r"is_valid", "is_valid is a property: write shape.is_valid without ()"),
    Trap(r"'bool' object is not callable", "", "it is a property: leave out the ()"),
    Trap(r"'(float|int)' object is not callable", r"volume|area|length", "it is a property: leave out the ()"),
    Trap(r"No module named 'cadquery'", "", "this is build123d: write from build123d import *"),
    Trap(
        r"name 'cq' is not defined|no attribute 'Workplane'", "", "this is build123d, not CadQuery: use Box, Pos, +, -"
    ),
    Trap(
        r"name 'Align' is not defined|name 'Box' is not defined|name 'Pos' is not defined",
        "",
        "begin with from build123d import *",
    ),
    Trap(
        r"name '(Translate|translate|Move)' is not defined",
        "",
        "there is no such function: write Pos(x, y, z) * shape",
    ),
    Trap(r"name '(Rotate|rotate)' is not defined", "", "there is no such function: write Rot(0, 0, 90) * shape"),
    Trap(r"name '(cube|Cube)' is not defined", "", "write Box(length, width, height)"),
    Trap(r"name '(union|difference|intersection|Union|Cut)' is not defined", "", "write a + b, a - b or a & b"),
    Trap(
        r"name '(hull|Hull|Pipe|RoundedBox|Prism|Tube)' is not defined",
        "",
        "there is no such function: build it from Box, Cylinder, extrude, sweep, loft, fillet",
    ),
    Trap(
        r"unexpected keyword argument 'centered'",
        "",
        "write align=(Align.CENTER, Align.CENTER, Align.MIN) instead of centered",
    ),
    Trap(
        r"unexpected keyword argument '(x|y|z|size|depth|r|d|diameter)'",
        "",
        "write Box(length, width, height), Cylinder(radius, height), Sphere(radius) in this order",
    ),
    Trap(r"no attribute 'translated'", "", "write shape.moved(Location((x, y, z))) or Pos(x, y, z) * shape"),
    Trap(
        r"no attribute '(cut_through|union|extrude_linear|faces_by)'", "", "write a - b, a + b, or extrude(sketch, h)"
    ),
    Trap(r"no attribute 'val(id)?'", "", "this is build123d, not CadQuery: a shape is used as it is"),
    Trap(
        r"No Part or Solid|Nothing to (add|extrude)|No objects to|must have pending",
        "",
        "there is nothing to work on: make the sketch or part inside the with block first, or extrude(sketch, h)",
    ),
    Trap(
        r"Failed creating a (fillet|chamfer)|StdFail_NotDone|BRep_API: command not done",
        r"fillet|chamfer|offset",
        "the radius does not fit these edges: make it smaller, choose fewer edges, or leave it out",
    ),
    Trap(
        r"StdFail_NotDone|BRep_API: command not done|Standard_\w+",
        "",
        "the geometry is impossible: check for sizes of zero, crossing outlines and parts that only touch",
    ),
    Trap(
        r"gp_Dir\(\)|gp_Vec::Normalize|zero norm|ConstructionError",
        "",
        "a direction has length zero, or a size is zero: check the numbers",
    ),
    Trap(
        r"unsupported operand type\(s\) for [-+&*]: '?(list|ShapeList|tuple|NoneType)",
        "",
        "one side is no single shape: join a list one by one with +, or use Pos(...) * shape",
    ),
    Trap(
        r"unsupported operand type\(s\) for \*: '\w+' and '(Pos|Location|Rot)",
        "",
        "the place comes first: Pos(x, y, z) * shape",
    ),
    Trap(
        r"Operation not permitted|Permission denied|Read-only file system",
        "",
        "a CAD program can neither reach networks, nor start processes, nor signal others: only make solids",
    ),
    Trap(
        r"No module named",
        "",
        "only build123d, numpy and Python's own modules are there",
    ),
)


def hint(error: str, source: str = "") -> str:
    """Return how the cause of an error is repaired; empty where it is not known.

    Args:
        error: type and message of the error.
        source: the line of the program where it came up.
    """
    for trap in TRAPS:
        if re.search(trap.error, error) and (not trap.source or re.search(trap.source, source)):
            return trap.repair
    return ""
