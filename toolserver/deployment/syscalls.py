"""A system call filter for sandboxes without a container engine: what no program in them needs is refused.

Engines get an allow-list, which needs their library to know every call. Here a short deny-list goes to the kernel as it
is, so it is weaker: a call that is new to the kernel is let through. Refused calls fail with EPERM.
"""

import platform
import sys
from typing import Final

from toolserver.packet_filter import ANY_OF, ENOSYS, EPERM, EQUAL, begun

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

_CLONE: Final = (56, 220)
_CLONE3: Final = 435
_SOCKET: Final = (41, 198)
_NAMESPACES: Final = 0x7E020000
"""All flags of clone that make a namespace."""

_ADDRESS_FAMILIES: Final = (17, 38, 40)
"""Packet sockets, the kernel's cryptography, and sockets to a hypervisor."""


def system_call_filter(machine: str = platform.machine()) -> bytes | None:
    """Return the filter as a program of the kernel's packet filter machine; None for a machine we have no numbers for.

    Args:
        machine: as ``platform.machine`` names it.
    """
    started = begun(machine) if sys.platform == "linux" else None
    if started is None:
        return None
    program, column = started
    # its flags are in memory, where a filter cannot look; libraries fall back to clone
    program.refuse(_CLONE3, ENOSYS)
    for numbers in _DENIED.values():
        number = numbers[column]
        if number is not None:
            program.refuse(number, EPERM)
    program.refuse_argument(_CLONE[column], ANY_OF, (_NAMESPACES,))
    program.refuse_argument(_SOCKET[column], EQUAL, _ADDRESS_FAMILIES)
    program.allow()
    return program.code
