"""Attacks that reach for rights, devices and secrets of the machine."""

import asyncio
from pathlib import Path

from evals.attacks.arena import Arena, Attack, Finding

_SYSTEM_CALLS = """
import ctypes, json, os, platform, socket
libc = ctypes.CDLL(None, use_errno=True)
x86 = platform.machine() == "x86_64"
numbers = {
    "mount": (165, 40), "unshare": (272, 97), "ptrace": (101, 117), "bpf": (321, 280), "keyctl": (250, 219),
    "userfaultfd": (323, 282), "perf_event_open": (298, 241), "open_by_handle_at": (304, 265),
    "process_vm_readv": (310, 270), "io_uring_setup": (425, 425),
}
zero = (ctypes.c_char * 256)()
arguments = {
    "unshare": (0x10000000,), "ptrace": (16, os.getppid(), 0, 0), "process_vm_readv": (os.getppid(), 0, 0, 0, 0, 0),
    "io_uring_setup": (8, ctypes.byref(zero)), "userfaultfd": (0,), "keyctl": (0, -3, 0, 0, 0), "bpf": (0, zero, 72),
    "perf_event_open": (zero, 0, -1, -1, 0), "mount": (b"none", b"/tmp", b"tmpfs", 0, 0),
    "open_by_handle_at": (-100, zero, 0),
}
done = []
for name, pair in numbers.items():
    ctypes.set_errno(0)
    result = libc.syscall(pair[0 if x86 else 1], *arguments.get(name, ()))
    if result >= 0 or ctypes.get_errno() not in (1, 13, 38):
        done.append(f"{name} (errno {ctypes.get_errno()})")
for name, made in {
    "AF_VSOCK": (40, socket.SOCK_STREAM, 0), "AF_PACKET": (17, socket.SOCK_RAW, 0),
    "raw socket": (socket.AF_INET, socket.SOCK_RAW, 1),
}.items():
    try:
        socket.socket(*made).close()
        done.append(name)
    except OSError as error:
        if error.errno not in (1, 13, 22, 93, 94, 97):
            done.append(f"{name} (errno {error.errno})")
print(json.dumps(done))
"""

_CANARY_SEARCH = """
import json, os
needle, found = bytes.fromhex({needle!r}), []
skipped = ("/proc", "/sys", "/dev", "/usr", "/lib", "/lib64", "/bin", "/sbin", "/boot", "/nix", "/opt")
for process in os.listdir("/proc"):
    if process.isdigit():
        for name in ("environ", "cmdline"):
            try:
                if needle in open(f"/proc/{{process}}/{{name}}", "rb").read():
                    found.append(f"/proc/{{process}}/{{name}}")
            except OSError:
                continue
for top, folders, files in os.walk("/"):
    folders[:] = [f for f in folders if not os.path.join(top, f).startswith(skipped)]
    for name in files[:5000]:
        path = os.path.join(top, name)
        try:
            if os.path.isfile(path) and os.path.getsize(path) < 50_000_000 and needle in open(path, "rb").read():
                found.append(path)
        except OSError:
            continue
print(json.dumps(found[:5]))
"""

_PROCESSES = """
import json, os
seen = []
for process in os.listdir("/proc"):
    if process.isdigit():
        try:
            seen.append(open(f"/proc/{process}/cmdline", "rb").read().hex())
        except OSError:
            continue
print(json.dumps(seen))
"""


async def _write_system(arena: Arena) -> Finding:
    ended = await arena.shell(
        "for f in /etc /usr /usr/bin /var /; do touch $f/plumbline-attack 2>/dev/null "
        "&& echo $f && rm -f $f/plumbline-attack; done; true"
    )
    written = ended["stdout"].split()
    return Finding(not written, f"written: {' '.join(written)}" if written else "read-only")


async def _become_root(arena: Arena) -> Finding:
    ended = await arena.shell(
        "id -u; (su -c 'id -u' </dev/null || sudo -n id -u) 2>/dev/null; "
        "grep -e CapEff -e NoNewPrivs /proc/self/status | tr '\\n' ' '"
    )
    uid, *rest = ended["stdout"].split()
    capabilities = rest[rest.index("CapEff:") + 1]
    stopped = uid != "0" and "0" not in rest[: rest.index("CapEff:")] and int(capabilities, 16) == 0
    return Finding(stopped, f"user {uid}, capabilities {int(capabilities, 16):x}, {' '.join(rest[-2:])}")


async def _system_calls(arena: Arena) -> Finding:
    done = await arena.told(_SYSTEM_CALLS)
    if done is None:
        return Finding(None, "the program gave nothing")
    return Finding(not done, f"not refused: {', '.join(done)}" if done else "all refused")


async def _kernel_files(arena: Arena) -> Finding:
    ended = await arena.shell(
        "for f in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /sys/fs/cgroup/* "
        "/sys/fs/cgroup/*/* /sys/kernel/uevent_helper /proc/kcore /dev/mem; do [ -w $f ] && echo $f; done; true"
    )
    writable = ended["stdout"].split()
    return Finding(not writable, f"writable: {' '.join(writable[:4])}" if writable else "none writable")


async def _devices(arena: Arena) -> Finding:
    ended = await arena.shell(
        "ls -d /var/run/docker.sock /run/docker.sock /run/containerd /dev/kvm /dev/sd* /dev/vd* /dev/nvme* /dev/loop* "
        "/dev/mem /dev/fuse 2>/dev/null | while read f; do [ -r $f ] && echo $f; done; true"
    )
    there = ended["stdout"].split()
    return Finding(not there, f"reachable: {' '.join(there[:4])}" if there else "none there")


async def _canary(arena: Arena) -> Finding:
    found = await arena.told(_CANARY_SEARCH.format(needle=arena.canary.encode().hex()), seconds=120)
    if found is None:
        return Finding(None, "the search gave nothing")
    return Finding(not found, f"found in {', '.join(found)}" if found else "in no environment and no file")


async def _other_processes(arena: Arena) -> Finding:
    ours = (await asyncio.to_thread(Path("/proc/self/cmdline").read_bytes)).hex()
    seen = await arena.told(_PROCESSES)
    if seen is None:
        return Finding(None, "the program gave nothing")
    return Finding(ours not in seen, "sees its manager" if ours in seen else f"sees {len(seen)} processes, all its own")


ATTACKS = (
    Attack("11", "write to the system's folders", "read-only file system", _write_system),
    Attack("12", "su, sudo, capabilities", "user unchanged, no capabilities", _become_root),
    Attack("13", "dangerous system calls", "all refused", _system_calls),
    Attack("14", "kernel and cgroup files", "none writable", _kernel_files),
    Attack("15", "the engine's socket, devices", "absent", _devices),
    Attack("16", "see the machine's processes", "its own only", _other_processes),
    Attack("17", "find a secret of the manager's environment", "nowhere in the sandbox", _canary),
)
