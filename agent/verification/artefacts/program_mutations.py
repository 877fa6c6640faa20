"""Sabotage of Python programs: one operator or constant is exchanged, as in mutation testing (DeMillo et al., 1978)."""

import ast
from collections.abc import Iterator
from typing import Final

from agent.verification.artefacts.world import TrialImpossible

_COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATORS: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}


def sites(tree: ast.Module, function: str | None = None) -> tuple[tuple[int, str], ...]:
    """Return line and name of all that can be exchanged, in the order of the source; ``function`` narrows it."""
    return tuple((getattr(node, "lineno", 0), what) for node, what in _sites(tree, function))


def flipped(source: str, number: int, function: str | None = None) -> str:
    """Return a program of which one site is exchanged.

    Args:
        source: Python source.
        number: of the site, counted from 0.
        function: only sites inside functions and methods of this name count.

    Raises:
        TrialImpossible: the source cannot be parsed, or has no such site.
    """
    try:
        tree = ast.parse(source)
        found = list(_sites(tree, function))
        if not 0 <= number < len(found):
            where = f" in {function}" if function else ""
            raise TrialImpossible(
                f"there are {len(found)} operators and constants to flip{where}, and none of number {number}"
            )
        _flip(found[number][0])
        return ast.unparse(ast.fix_missing_locations(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise TrialImpossible(f"the source cannot be parsed: {type(error).__name__}") from None


def _sites(tree: ast.Module, function: str | None) -> Iterator[tuple[ast.AST, str]]:
    roots: list[ast.AST] = [tree]
    if function is not None:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        roots = [node for node in ast.walk(tree) if isinstance(node, kinds) and node.name == function]
    # docstrings say nothing to the machine, and the pieces of an f-string cannot be exchanged one by one
    texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and _is_text(node.value)}
    texts |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    found = [
        (node, type(node).__name__)
        for root in roots
        for node in ast.walk(root)
        if _flips(node) and id(node) not in texts
    ]
    yield from sorted(found, key=lambda site: (getattr(site[0], "lineno", 0), getattr(site[0], "col_offset", 0)))


def _flips(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return type(node.ops[0]) in _COMPARISONS
    if isinstance(node, ast.BinOp | ast.AugAssign):
        return type(node.op) in _OPERATORS
    if isinstance(node, ast.Constant):
        return isinstance(node.value, bool | int | float | str)
    return isinstance(node, ast.BoolOp)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _flip(node: ast.AST) -> None:
    if isinstance(node, ast.Compare):
        node.ops[0] = _COMPARISONS[type(node.ops[0])]()
    elif isinstance(node, ast.BinOp | ast.AugAssign):
        node.op = _OPERATORS[type(node.op)]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool):
            node.value = not value
        elif isinstance(value, int | float):
            node.value = value + 1
        elif isinstance(value, str):
            node.value = f"{value}~"
