"""The system call filter of local sandboxes, as a program of the kernel's packet filter machine."""

import struct
from collections.abc import Callable

import pytest

from toolserver.deployment.syscalls import system_call_filter

ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
X86_64, AARCH64 = 0xC000003E, 0xC00000B7


def verdict(program: bytes, architecture: int, number: int, argument: int = 0) -> int:
    """Run a filter program on a system call as the kernel would."""
    data = struct.pack("=IIQQ", number, architecture, 0, argument)
    code = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    at, held = 0, 0
    tests: dict[int, Callable[[int, int], bool]] = {
        0x15: lambda a, k: a == k,
        0x35: lambda a, k: a >= k,
        0x45: lambda a, k: bool(a & k),
    }
    while True:
        operation, if_true, if_false, constant = code[at]
        at += 1
        if operation == 0x20:
            (held,) = struct.unpack_from("=I", data, constant)
        elif operation == 0x06:
            return int(constant)
        else:
            at += if_true if tests[operation](held, constant) else if_false


@pytest.mark.parametrize(
    ("machine", "architecture", "mount", "clone", "socket", "read"),
    [("x86_64", X86_64, 165, 56, 41, 0), ("aarch64", AARCH64, 40, 220, 198, 63)],
)
class TestFilter:
    def run(self, machine: str, architecture: int, number: int, argument: int = 0) -> int:
        program = system_call_filter(machine)
        assert program is not None
        return verdict(program, architecture, number, argument)

    def test_ordinary_calls_pass(
        self, machine: str, architecture: int, mount: int, clone: int, socket: int, read: int
    ) -> None:
        assert self.run(machine, architecture, read) == ALLOW
        assert self.run(machine, architecture, clone, 0x01200011) == ALLOW
        assert self.run(machine, architecture, socket, 2) == ALLOW

    def test_dangerous_calls_are_refused(
        self, machine: str, architecture: int, mount: int, clone: int, socket: int, read: int
    ) -> None:
        assert self.run(machine, architecture, mount) == EPERM
        assert self.run(machine, architecture, clone, 0x10000011) == EPERM
        assert [self.run(machine, architecture, socket, family) for family in (17, 38, 40)] == [EPERM] * 3
        assert self.run(machine, architecture, 435) == ENOSYS

    def test_calls_of_another_architecture_end_the_program(
        self, machine: str, architecture: int, mount: int, clone: int, socket: int, read: int
    ) -> None:
        assert self.run(machine, 0x40000003, read) == KILL


def test_the_second_table_of_calls_of_x86_is_not_there() -> None:
    program = system_call_filter("x86_64")
    assert program is not None
    assert verdict(program, X86_64, 0x40000000 | 165) == ENOSYS


def test_a_machine_without_numbers_gets_no_filter() -> None:
    assert system_call_filter("m68k") is None
