"""How much memory a sandbox that does nothing takes, seen from outside.

Page cache is left out: it belongs to nobody and is given back when memory is short. For a container this is what its
control group is charged for, without the cache; kernel memory is among it. For processes of this machine it is the
proportional set size of the sandbox's process tree: private pages in full, shared ones divided by who shares them.
"""

import re
from pathlib import Path
from typing import Final

from docker import DockerClient
from pydantic import BaseModel

MIB: Final = 1024 * 1024

_PSS: Final = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


class _Memory(BaseModel):
    usage: int
    stats: dict[str, int]


class _Stats(BaseModel):
    memory_stats: _Memory


def container_mb(sandbox_id: str) -> float | None:
    """Return the MiB that a sandbox's container is charged for without page cache; None when there is no container."""
    client = DockerClient.from_env()
    try:
        found = client.containers.list(filters={"label": f"plumbline.sandbox={sandbox_id}"})
        if not found:
            return None
        memory = _Stats.model_validate(found[0].stats(stream=False)).memory_stats
    finally:
        client.close()
    # the second name is that of control groups version 2
    cache = memory.stats.get("cache", memory.stats.get("file", 0))
    return (memory.usage - cache) / MIB


def processes_mb(marker: str) -> float:
    """Return the MiB of all processes whose command line holds a marker, and of everything below them."""
    parents = {}
    chosen = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
            parents[int(entry.name)] = int(stat[stat.rindex(")") + 2 :].split()[1])
            if marker.encode() in (entry / "cmdline").read_bytes():
                chosen.add(int(entry.name))
        except OSError:
            continue  # it ended while we were looking
    while more := {process for process, parent in parents.items() if parent in chosen} - chosen:
        chosen |= more
    return sum(_pss_kb(process) for process in chosen) / 1024


def _pss_kb(process: int) -> int:
    try:
        found = _PSS.search(Path(f"/proc/{process}/smaps_rollup").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0
