"""What a process that runs a candidate's program gives up first, so that it can touch neither its judges nor a network.

Everything of a CAD sandbox runs as one user. So a program could signal the others, write into their memory and files,
or ask the sandbox's node for help. A filter of system calls, Landlock and the dumpable flag keep it from that, where
the kernel has them; ``proven`` tells what holds here.
"""

import ctypes
import math
import os
import platform
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from toolserver.packet_filter import ANY_OF, ENOSYS, EPERM, EQUAL, begun

_REFUSED: Final = {
    # name: numbers on x86_64 and aarch64; None where there is none
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "connect": (42, 203),
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "io_uring_setup": (425, 425),
    "kill": (62, 129),
    "listen": (50, 201),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "sendmmsg": (307, 269),
    "sendmsg": (46, 211),
    "sendto": (44, 206),
    "setpriority": (141, 140),
    "shmget": (29, 194),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "tkill": (200, 130),
    "vfork": (58, None),
}
_CLONE: Final = (56, 220)
_CLONE3: Final = 435
_TGKILL: Final = (234, 131)
_PRLIMIT: Final = (302, 261)
_THREAD: Final = 0x00010000

_SET_DUMPABLE, _SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _SECCOMP_FILTER = 4, 38, 22, 2
_SET_CHILD_SUBREAPER: Final = 36

_LANDLOCK: Final = (444, 445, 446)
"""Numbers of its three calls, the same everywhere."""

_CHANGES: Final = sum(1 << bit for bit in (1, *range(4, 13)))
"""To write files, to remove and to make anything: rights that version 1 of Landlock knows."""

MB: Final = 1024 * 1024


def close_to_others() -> None:
    """Keep processes of the same user from looking into this one and its children, and adopt theirs when they end."""
    if sys.platform == "linux":
        _prctl(_SET_DUMPABLE, 0)
        _prctl(_SET_CHILD_SUBREAPER, 1)


def limit(*, memory_mb: int, cpu_seconds: float, file_mb: int) -> None:
    """Bound what this process may use from now on, beside what it has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if sys.platform == "linux" else 0
    space = pages * resource.getpagesize() + memory_mb * MB
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(cpu_seconds + used.ru_utime + used.ru_stime)
    for which, value in (
        (resource.RLIMIT_AS, space),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, file_mb * MB),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
    ):
        hard = resource.getrlimit(which)[1]
        bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # the signal that comes at the lower one tells which limit it was
        resource.setrlimit(which, (bounded, bounded + 2 if which == resource.RLIMIT_CPU else bounded))


def confine(folder: Path) -> None:
    """Give up for good to reach, start and signal anything, and to write anywhere but into a folder."""
    if sys.platform != "linux":
        return
    _prctl(_SET_NO_NEW_PRIVILEGES, 1)
    _write_only_into(folder)
    _filter_calls()


def _filter_calls() -> None:
    started = begun(platform.machine())
    if started is None:
        return
    program, column = started
    program.refuse(_CLONE3, ENOSYS)
    for numbers in _REFUSED.values():
        number = numbers[column]
        if number is not None:
            program.refuse(number, EPERM)
    program.refuse_unless_argument(_CLONE[column], ANY_OF, _THREAD)
    program.refuse_unless_argument(_TGKILL[column], EQUAL, os.getpid())
    program.refuse_unless_argument(_PRLIMIT[column], EQUAL, 0)
    program.allow()
    code = ctypes.create_string_buffer(program.code, len(program.code))
    packed = struct.pack("HxxxxxxP", len(program.code) // 8, ctypes.addressof(code))
    given = ctypes.create_string_buffer(packed, len(packed))
    _prctl(_SET_SECCOMP, _SECCOMP_FILTER, ctypes.addressof(given))


def _write_only_into(folder: Path) -> None:
    create, add, restrict = _LANDLOCK
    libc = ctypes.CDLL(None, use_errno=True)
    attributes = struct.pack("Q", _CHANGES)
    rules = libc.syscall(create, attributes, len(attributes), 0)
    if rules < 0:
        return  # the kernel has no Landlock; ``proven`` says so
    opened = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        libc.syscall(add, rules, 1, struct.pack("=Qi", _CHANGES, opened), 0)
        libc.syscall(restrict, rules, 0)
    finally:
        os.close(opened)
        os.close(rules)


def _prctl(*numbers: int) -> None:
    """Ask the kernel; whether it did is seen by ``proven``."""
    ctypes.CDLL(None, use_errno=True).prctl(*(ctypes.c_ulong(number) for number in (*numbers, 0, 0, 0, 0)[:5]))


def proven(folder: Path) -> tuple[str, ...]:
    """Try, in a confined process, what it is to be kept from, and return what it was kept from.

    Args:
        folder: the only one that it may write into.
    """
    parent = os.getpid()
    tries: tuple[tuple[str, Callable[[], object]], ...] = (
        ("no sockets", socket.socket),
        ("no processes", _forks),
        ("no signals", lambda: os.kill(parent, 0)),
        ("no files outside its folder", lambda: (folder.parent / f"{folder.name}.outside").touch()),
        ("no view of other processes", lambda: Path(f"/proc/{parent}/mem").open("rb").close()),
    )
    held = []
    for name, attempt in tries:
        try:
            attempt()
        except OSError:
            held.append(name)
    return tuple(held)


def _forks() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def quieten() -> None:
    """Let signals do to this process what they do to any."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
