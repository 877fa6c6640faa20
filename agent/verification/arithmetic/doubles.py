"""What a comparison comes to in binary floating point (IEEE 754 doubles), which programs compute with."""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

_LONGEST = 200
"""Characters of a side."""
_LONGEST_NUMBER = 24
_PLAIN = re.compile(r"[\d.\s+\-*/()]+")
_OPERATIONS: Mapping[type[ast.operator], Callable[[float, float], float]] = MappingProxyType(
    {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
)
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {"=": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
)


def holds_in_doubles(left: str, relation: str, right: str) -> bool | None:
    """Return whether a comparison holds where decimals are doubles and whole numbers are exact, as in Python.

    Nothing is evaluated but sums, differences, products and quotients of numbers.

    Returns:
        None where there is no decimal, or a side is anything else.
    """
    if relation not in _COMPARISONS or "." not in left + right:
        return None
    try:
        return bool(_COMPARISONS[relation](_value(left), _value(right)))
    except (ValueError, ArithmeticError, SyntaxError, RecursionError, MemoryError):
        return None


def _value(text: str) -> float:
    if len(text) > _LONGEST or not _PLAIN.fullmatch(text):
        raise ValueError("no plain computation")
    return _of(ast.parse(text.strip(), mode="eval").body)


def _of(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            if len(str(number)) > _LONGEST_NUMBER:
                raise ValueError("too large")
            return number
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_of(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_of(left), _of(right))
    raise ValueError("no plain computation")
