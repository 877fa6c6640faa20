"""Running a CAD program: its text becomes a model, or one line that says what to repair.

Nothing is kept apart here; in a CAD sandbox this happens in a process of its own, see ``toolserver.cad.serving``.
"""

import contextlib
import io
import linecache
import math
import re
import traceback
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from toolserver.cad.meshing import Mesh
from toolserver.cad.model import Body, Model
from toolserver.cad.traps import hint
from toolserver.errors import CadFailed

LONGEST_PROGRAM: Final = 200_000
"""Characters."""

MOST_PARTS: Final = 500
PROGRAM: Final = "program.py"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_LONGEST: Final = 400
_MOST_PARAMETERS: Final = 200
_LARGEST: Final = 1e9
"""Millimetres; beyond it is no size but an error of computation."""

_SMALLEST: Final = 1e-6
"""Cubic millimetres."""

_DENSITIES: Final = (1.0, 30_000.0)


def built(program: str, printed: io.TextIOBase | None = None) -> Model:
    """Run a program and return what it made.

    Args:
        program: Python that sets ``parts``, and ``parameters`` and ``densities`` if it likes.
        printed: takes what it prints.

    Raises:
        CadFailed: it made nothing that can be used; the message names the line, the error, and how to repair it.
    """
    if len(program) > LONGEST_PROGRAM:
        raise CadFailed("program", f"the program has more than {LONGEST_PROGRAM} characters; write a shorter one")
    names = _run(program, printed or io.StringIO())
    if "parts" not in names:
        raise CadFailed("program", 'the program sets no "parts"; end it with parts = {"name": solid, ...}')
    return Model(_bodies(names["parts"], _numbers(names, "densities")), _numbers(names, "parameters"))


def _run(program: str, printed: io.TextIOBase) -> dict[str, Any]:
    try:
        code = compile(program, PROGRAM, "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f"line {error.lineno}: " if isinstance(error, SyntaxError) and error.lineno else ""
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        raise CadFailed("program", one_line(f"{where}{type(error).__name__}: {said}; write valid Python")) from None
    # lets tracebacks show the line
    linecache.cache[PROGRAM] = (len(program), None, program.splitlines(keepends=True), PROGRAM)
    names: dict[str, Any] = {"__name__": "__main__", "__file__": PROGRAM}
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            exec(code, names)  # noqa: S102 - what this is for; it happens in a process that holds nothing else
    except MemoryError:
        raise CadFailed("limit", "the program needed more memory than it may have; make less at a time") from None
    except SystemExit:
        if "parts" not in names:
            raise CadFailed("program", "the program ended itself before it set parts; do not call exit") from None
    except BaseException as error:  # noqa: BLE001 - whatever a program raises, its writer is told
        raise CadFailed("program", told(error, program)) from None
    return names


def told(error: BaseException, program: str) -> str:
    """Return in one line where a program failed, with what, and how that is repaired if it is a known trap."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == PROGRAM]
    line = error.lineno if isinstance(error, SyntaxError) else frames[-1].lineno if frames else None
    said = f"{type(error).__name__}: {error}".strip().removesuffix(":")
    source = ""
    if line and 0 < line <= len(lines := program.splitlines()):
        source = lines[line - 1].strip()
    where = f"line {line}" + (f" ({source[:120]})" if source else "") + ": " if line else ""
    known = hint(said, source)
    return one_line(f"{where}{said}") + (f"; {known}" if known else "")


def one_line(text: str) -> str:
    """Return a text as one line of bounded length."""
    return " ".join(text.split())[:_LONGEST]


def _bodies(parts: Any, densities: Mapping[str, float]) -> tuple[Body, ...]:
    if not isinstance(parts, Mapping):
        raise CadFailed("program", f'"parts" is a {type(parts).__name__}; make it a dict from part name to solid')
    if not parts:
        raise CadFailed("program", '"parts" is empty; put at least one named solid into it')
    if len(parts) > MOST_PARTS:
        raise CadFailed("program", f'"parts" has {len(parts)} entries; join them to at most {MOST_PARTS} parts')
    bodies = tuple(Body(_named(name), _solid(name, given), densities.get(name)) for name, given in parts.items())
    strange = sorted(set(densities) - {body.name for body in bodies})
    if strange:
        raise CadFailed("program", one_line(f'"densities" names {strange[0]!r}, which is no part'))
    for name, density in densities.items():
        if not _DENSITIES[0] <= density <= _DENSITIES[1]:
            raise CadFailed("program", f"the density of {name!r} is {density:g}; give kg/m3, such as 700 for wood")
    return bodies


def _named(name: Any) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise CadFailed(
            "program", one_line(f"{name!r} is no part name; use at most 64 letters, digits, _ . - such as leg_1")
        )
    return name


def _solid(name: Any, given: Any) -> Any:
    """Return what was given as one solid, or a compound of solids, that stands where it is and knows nothing else."""
    from build123d import Compound, Shape, Sketch, Solid

    where = f"part {name!r}"
    if hasattr(given, "part") and not isinstance(given, Shape):
        given = given.part  # a BuildPart
    if isinstance(given, list | tuple):
        if not given or not all(isinstance(one, Shape) for one in given):
            raise CadFailed("program", f"{where} is a {type(given).__name__}; give a solid, or join solids with +")
        given = Compound(children=list(given))
    if not isinstance(given, Shape):
        raise CadFailed("program", f"{where} is a {type(given).__name__}, not a solid; give a build123d solid")
    if given.wrapped is None:
        raise CadFailed("program", f"{where} is empty: what it was cut with took all of it; check sizes and places")
    solids = list(given.solids())
    if not solids:
        flat = " (a sketch has no thickness: extrude it)" if isinstance(given, Sketch) or given.faces() else ""
        raise CadFailed("program", f"{where} has no solid{flat}")
    for solid in solids:
        box = solid.bounding_box()
        size = (box.size.X, box.size.Y, box.size.Z)
        if not all(map(math.isfinite, (*size, solid.volume))) or max(size) > _LARGEST:
            raise CadFailed("program", f"{where} has a size that is no number; check what its sizes are computed from")
        if abs(solid.volume) < _SMALLEST:
            raise CadFailed("program", f"{where} has no volume: one of its sizes is zero or no number; check them")
    # joints, colours, parents and labels stay behind
    return Solid(solids[0].wrapped) if len(solids) == 1 else Compound(Compound(solids).wrapped)


def _numbers(names: Mapping[str, Any], key: str) -> dict[str, float]:
    given = names.get(key, {})
    if not isinstance(given, Mapping):
        raise CadFailed("program", f'"{key}" is a {type(given).__name__}; make it a dict from name to number')
    numbers = {}
    for name, value in list(given.items())[:_MOST_PARAMETERS]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            if key == "parameters":
                continue  # texts and lists may stand beside the numbers
            raise CadFailed("program", one_line(f'"{key}" of {name!r} is no number'))
        if not math.isfinite(value):
            raise CadFailed("program", one_line(f'"{key}" of {name!r} is {value}; give a finite number'))
        numbers[str(name)[:64]] = float(value)
    return numbers


def settled(model: Model) -> Model:
    """Return a model whose parts are as ``built`` would have them, each with its mesh.

    It is for what comes from a process that nobody trusts, from a file, or out of a mutation.

    Raises:
        CadFailed: a part is not as it has to be.
    """
    if len(set(model.names)) != len(model.bodies):
        raise CadFailed("program", "two parts have the same name")
    densities = {body.name: body.density for body in model.bodies if body.density is not None}
    shapes = {body.name: body.solid for body in model.bodies}
    given = {body.name: body.given for body in model.bodies}
    bodies = tuple(replace(body, given=given[body.name] or _meshed(body)) for body in _bodies(shapes, densities))
    return Model(bodies, dict(sorted(model.parameters.items())[:_MOST_PARAMETERS]))


def _meshed(body: Body) -> Mesh:
    try:
        mesh = body.mesh
    except ValueError as error:
        raise CadFailed("program", f"part {body.name!r} cannot be meshed: {error}; build it in another way") from None
    if not np.isfinite(mesh.vertices).all() or not len(mesh.faces):
        raise CadFailed("program", f"part {body.name!r} has corners that are no numbers; check its sizes")
    return mesh
