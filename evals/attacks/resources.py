"""Attacks that use up what the machine has."""

from evals.attacks.arena import Arena, Attack, Finding
from toolserver.client import TransferRefused

MB = 1024 * 1024

_FORKS = """
import os, time, json
count, errno = 0, 0
while count < 5000:
    try:
        if os.fork() == 0:
            time.sleep(120)
            os._exit(0)
    except OSError as error:
        errno = error.errno
        break
    count += 1
print(json.dumps([count, errno]))
"""

_MEMORY = """
import json, mmap
print(0, flush=True)
held, taken = [], 0
try:
    while taken < 6144:
        block = mmap.mmap(-1, 32 << 20)
        for page in range(0, 32 << 20, 4096):
            block[page] = 1
        held.append(block)
        taken += 32
        print(taken, flush=True)
except (MemoryError, OSError):
    pass
print(taken)
"""

_FILL = """
import json, os, sys
folder, most, piece = {folder!r}, {most}, b"x" * (1 << 20)
written, errno, number = 0, 0, 0
try:
    while written < most:
        with open(f"{{folder}}/fill-{{number}}", "wb", buffering=0) as file:
            for _ in range(64):
                if written >= most:
                    break
                written += file.write(piece)
        number += 1
except OSError as error:
    errno = error.errno
os.sync()
for name in range(number + 1):
    try:
        os.unlink(f"{{folder}}/fill-{{name}}")
    except OSError:
        pass
print(json.dumps([written >> 20, errno]))
"""

_INODES = """
import json, os, shutil
folder, most = {folder!r}, {most}
os.makedirs(folder)
made, errno = 0, 0
try:
    while made < most:
        os.close(os.open(f"{{folder}}/{{made}}", os.O_CREAT | os.O_WRONLY))
        made += 1
except OSError as error:
    errno = error.errno
shutil.rmtree(folder, ignore_errors=True)
print(json.dumps([made, errno]))
"""

_SPIN = """
import glob, json, multiprocessing, os, time

def throttled():
    for path in (*glob.glob("/sys/fs/cgroup/cpu*/cpu.stat"), "/sys/fs/cgroup/cpu.stat"):
        try:
            lines = dict(line.split() for line in open(path))
        except OSError:
            continue
        if "nr_throttled" in lines:
            return int(lines["nr_throttled"])
    return 0

def allowed():
    for path in glob.glob("/sys/fs/cgroup/cpu*/cpu.cfs_quota_us"):
        quota = int(open(path).read())
        return quota / int(open(path.replace("quota", "period")).read()) if quota > 0 else None
    try:
        quota, period = open("/sys/fs/cgroup/cpu.max").read().split()
    except OSError:
        return None
    return None if quota == "max" else int(quota) / int(period)

def spin(until):
    while time.monotonic() < until:
        pass

if __name__ == "__main__":
    until = time.monotonic() + 4
    work = [multiprocessing.get_context("fork").Process(target=spin, args=(until,)) for _ in range(4)]
    began = time.monotonic()
    [process.start() for process in work]
    [process.join() for process in work]
    wall = time.monotonic() - began
    times = os.times()
    print(json.dumps([times.children_user + times.children_system, wall, throttled(), allowed()]))
"""

_FILES = """
import json, os
held, errno = [], 0
try:
    while len(held) < 100_000:
        held.append(os.open("/dev/null", os.O_RDONLY))
except OSError as error:
    errno = error.errno
print(json.dumps([len(held), errno]))
"""


async def _fork_bomb(arena: Arena) -> Finding:
    found = await arena.told(_FORKS, seconds=60)
    count = found[0] if found else 5000
    return Finding(count < 5000, f"{count} forks, then errno {found[1] if found else '?'}")


async def _memory_bomb(arena: Arena) -> Finding:
    ended = await arena.python(_MEMORY, seconds=120)
    lines = [line for line in ended["stdout"].split() if line.isdigit()]
    taken = int(lines[-1]) if lines else 0
    limit = arena.config.limits.memory_mb
    return Finding(taken <= limit, f"{taken} MB of {limit} allowed; {ended['error'] or 'memory error'}")


async def _fill(arena: Arena, folder: str, limit_mb: int) -> Finding:
    # where the quota is watched rather than built in, it takes a while to be seen
    most = (limit_mb + 8192) * MB
    ended = await arena.python(_FILL.format(folder=folder, most=most), seconds=120)
    if ended["error"] is not None:
        return Finding(True, f"ended with {ended['error']}")
    written, errno = (int(value) for value in ended["stdout"].strip(" []\n").split(","))
    return Finding(written <= limit_mb, f"{written} MB written of {limit_mb} allowed, errno {errno}")


async def _tmpfs_hog(arena: Arena) -> Finding:
    return await _fill(arena, "/tmp", arena.config.limits.tmp_mb)  # noqa: S108 - the sandbox's


async def _disk_hog(arena: Arena) -> Finding:
    return await _fill(arena, ".", arena.config.limits.disk_mb)


async def _inode_bomb(arena: Arena) -> Finding:
    limits, seen, stopped = arena.config.limits, [], True
    for folder, limit in (("/tmp/many", limits.tmp_inodes), ("many", limits.disk_files)):  # noqa: S108
        ended = await arena.python(_INODES.format(folder=folder, most=limit + 5000), seconds=120)
        if ended["error"] is not None:
            seen.append(f"{folder}: ended with {ended['error']}")
            continue
        made, errno = (int(value) for value in ended["stdout"].strip(" []\n").split(","))
        stopped &= made <= limit
        seen.append(f"{folder}: {made:,} files of {limit:,} allowed, errno {errno}")
    return Finding(stopped, "; ".join(seen))


async def _sparse_file(arena: Arena) -> Finding:
    ended = await arena.shell("truncate -s 1T sparse || rm -f sparse; stat -c %s sparse")
    size = ended["stdout"].strip()
    if not size:
        return Finding(True, "it cannot be made: beyond the limit of file sizes")
    try:
        data = await arena.sandbox.download("sparse", max_bytes=64 * MB)
    except TransferRefused as refusal:
        await arena.shell("rm -f sparse")
        return Finding(True, f"apparent size {size}; download refused: {str(refusal)[:60]}")
    return Finding(len(data) <= 64 * MB, f"apparent size {size}; {len(data)} bytes downloaded")


async def _processor_spin(arena: Arena) -> Finding:
    found = await arena.told(_SPIN, seconds=60)
    endless = await arena.python("while True: pass", seconds=1)
    if not found:
        return Finding(None, "the measurement gave nothing")
    used, wall, throttled, quota = found
    allowed = arena.config.limits.cpus * wall
    # a busy machine has less to give than the limit: then nothing is held back, and the limit itself is read
    held = throttled > 0 or (used < allowed and quota == arena.config.limits.cpus)
    stopped = used <= allowed * 1.25 and held and endless["error"] == "timeout"
    seen = f"{used:.1f} processor seconds in {wall:.1f} s, held back {throttled} times, limit {quota}"
    return Finding(stopped, f"{seen}; an endless loop: {endless['error']}")


async def _descriptors(arena: Arena) -> Finding:
    found = await arena.told(_FILES)
    return Finding(bool(found) and found[0] < 100_000, f"{found[0] if found else '?'} files opened, errno {found[1]}")


ATTACKS = (
    Attack("1", "fork bomb", "refused below the limit of processes", _fork_bomb),
    Attack("2", "memory bomb", "ended at the limit of memory", _memory_bomb),
    Attack("3", "fill the temporary folder", "no space at its limit", _tmpfs_hog),
    Attack("4", "fill the disk", "no space at the quota", _disk_hog),
    Attack("5", "inode bomb", "no space at the limit of files", _inode_bomb),
    Attack("6", "file of 1 TB apparent size", "not downloaded", _sparse_file),
    Attack("7", "processor spin", "at most the quota of processors; the time limit ends it", _processor_spin),
    Attack("10", "open files without end", "refused at the limit; the next call works", _descriptors),
)
