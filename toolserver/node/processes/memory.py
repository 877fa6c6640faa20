"""Tell a process that ran out of memory from one that was killed for another reason."""

from pathlib import Path
from typing import Final

COUNTERS: Final = (Path("/sys/fs/cgroup/memory.events"), Path("/sys/fs/cgroup/memory/memory.oom_control"))
"""Files of the own control group, version 2 and 1, that count the kernel's out-of-memory kills."""


class OomCounter:
    """Watches the control group's counter of out-of-memory kills from the moment it is made."""

    def __init__(self) -> None:
        self._before = _kills()

    def rose(self) -> bool:
        """Return whether the kernel killed for want of memory since; False where no counter can be read."""
        return _kills() > self._before


def _kills() -> int:
    for counter in COUNTERS:
        try:
            lines = counter.read_text().splitlines()
        except OSError:
            continue
        return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return 0
