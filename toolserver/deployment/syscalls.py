"""A system call filter for sandboxes without a container engine: what no program in them needs is refused.

Engines get an allow-list, which needs their library to know every call. Here a short deny-list goes to the kernel as it
is, so it is weaker: a call that is new to the kernel is let through. Refused calls fail with EPERM.
"""

import platform
import struct
import sys
from typing import Final

_DENIED: Final = {
    # name: numbers on x86_64 and aarch64; None where there is none
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setns": (308, 268),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}

_ARCHITECTURES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Column of the tables, and how the kernel names the architecture."""

_CLONE: Final = (56, 220)
_CLONE3: Final = 435
_SOCKET: Final = (41, 198)
_X32: Final = 0x40000000
_NAMESPACES: Final = 0x7E020000
"""All flags of clone that make a namespace."""

_ADDRESS_FAMILIES: Final = (17, 38, 40)
"""Packet sockets, the kernel's cryptography, and sockets to a hypervisor."""

_EPERM, _ENOSYS = 1, 38
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _GREATER_OR_EQUAL, _ANY_OF, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16


def system_call_filter(machine: str = platform.machine()) -> bytes | None:
    """Return the filter as a program of the kernel's packet filter machine; None for a machine we have no numbers for.

    Args:
        machine: as ``platform.machine`` names it.
    """
    if sys.platform != "linux" or machine not in _ARCHITECTURES:
        return None
    column, architecture = _ARCHITECTURES[machine]
    program = _Program()
    program.load(_ARCHITECTURE)
    program.unless(_EQUAL, architecture, _KILL)
    program.load(_NUMBER)
    if machine == "x86_64":
        program.when(_GREATER_OR_EQUAL, _X32, _ERRNO | _ENOSYS)
    # its flags are in memory, where a filter cannot look; libraries fall back to clone
    program.when(_EQUAL, _CLONE3, _ERRNO | _ENOSYS)
    for numbers in _DENIED.values():
        number = numbers[column]
        if number is not None:
            program.when(_EQUAL, number, _ERRNO | _EPERM)
    program.when_argument(_CLONE[column], _ANY_OF, (_NAMESPACES,))
    program.when_argument(_SOCKET[column], _EQUAL, _ADDRESS_FAMILIES)
    program.give(_ALLOW)
    return program.code


class _Program:
    """Instructions of eight bytes: operation, jump when true, jump when false, constant."""

    def __init__(self) -> None:
        self.code = b""

    def load(self, offset: int) -> None:
        self._add(_LOAD, 0, 0, offset)

    def give(self, verdict: int) -> None:
        self._add(_RETURN, 0, 0, verdict)

    def when(self, test: int, constant: int, verdict: int) -> None:
        self._add(test, 0, 1, constant)
        self.give(verdict)

    def unless(self, test: int, constant: int, verdict: int) -> None:
        self._add(test, 1, 0, constant)
        self.give(verdict)

    def when_argument(self, number: int, test: int, constants: tuple[int, ...]) -> None:
        """Refuse a call whose first argument, in its low half, passes a test with one of the constants."""
        self._add(_EQUAL, 0, 2 + 2 * len(constants), number)
        self.load(_FIRST_ARGUMENT)
        for constant in constants:
            self.when(test, constant, _ERRNO | _EPERM)
        self.load(_NUMBER)

    def _add(self, operation: int, if_true: int, if_false: int, constant: int) -> None:
        self.code += struct.pack("=HBBI", operation, if_true, if_false, constant)
