"""Programs of the kernel's packet filter machine that decide on system calls."""

import struct
from typing import Final

ARCHITECTURES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Column of tables of call numbers, and how the kernel names the architecture."""

EPERM, ENOSYS = 1, 38
EQUAL, ANY_OF = 0x15, 0x45
"""Tests of a value against a constant: is it that, has it any of those bits."""

_X32: Final = 0x40000000
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _GREATER_OR_EQUAL, _RETURN = 0x20, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16


class FilterProgram:
    """Instructions of eight bytes: operation, jump when true, jump when false, constant.

    Attributes:
        code: what the kernel takes.
    """

    def __init__(self, machine: str, architecture: int) -> None:
        self.code = b""
        self._load(_ARCHITECTURE)
        self._unless(EQUAL, architecture, _KILL)
        self._load(_NUMBER)
        if machine == "x86_64":
            self._when(_GREATER_OR_EQUAL, _X32, _ERRNO | ENOSYS)

    def refuse(self, number: int, error: int) -> None:
        """Let a call fail with an error."""
        self._when(EQUAL, number, _ERRNO | error)

    def refuse_argument(self, number: int, test: int, constants: tuple[int, ...]) -> None:
        """Refuse a call whose first argument, in its low half, passes a test with one of the constants."""
        self._add(EQUAL, 0, 2 + 2 * len(constants), number)
        self._load(_FIRST_ARGUMENT)
        for constant in constants:
            self._when(test, constant, _ERRNO | EPERM)
        self._load(_NUMBER)

    def refuse_unless_argument(self, number: int, test: int, constant: int) -> None:
        """Refuse a call whose first argument, in its low half, does not pass a test with a constant."""
        self._add(EQUAL, 0, 4, number)
        self._load(_FIRST_ARGUMENT)
        self._unless(test, constant, _ERRNO | EPERM)
        self._load(_NUMBER)

    def allow(self) -> None:
        """Let all other calls through; nothing follows."""
        self._give(_ALLOW)

    def _load(self, offset: int) -> None:
        self._add(_LOAD, 0, 0, offset)

    def _give(self, verdict: int) -> None:
        self._add(_RETURN, 0, 0, verdict)

    def _when(self, test: int, constant: int, verdict: int) -> None:
        self._add(test, 0, 1, constant)
        self._give(verdict)

    def _unless(self, test: int, constant: int, verdict: int) -> None:
        self._add(test, 1, 0, constant)
        self._give(verdict)

    def _add(self, operation: int, if_true: int, if_false: int, constant: int) -> None:
        self.code += struct.pack("=HBBI", operation, if_true, if_false, constant)


def begun(machine: str) -> tuple[FilterProgram, int] | None:
    """Return a filter for a machine, and the column of tables of its call numbers; None where we have no numbers.

    Args:
        machine: as ``platform.machine`` names it.
    """
    if machine not in ARCHITECTURES:
        return None
    column, architecture = ARCHITECTURES[machine]
    return FilterProgram(machine, architecture), column
