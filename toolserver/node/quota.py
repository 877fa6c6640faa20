"""A quota that is watched: calls that let the sandbox's files grow beyond it are ended.

This is for sandboxes without a disk of their own. It is weaker than one: what is written between two looks counts only
at the second.
"""

import asyncio
import os
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from toolserver.node.node import Node
from toolserver.protocol import ToolOutcome

LOOK_SECONDS: Final = 0.5
"""Between two looks while something runs."""

SHARE: Final = 10
"""Looking may take a tenth of the time."""

BLOCK: Final = 512


@dataclass(frozen=True)
class Usage:
    """What files take: bytes on the disk, and how many there are."""

    size: int
    files: int


SLACK: Final = Usage(1 << 20, 50)
"""So much is not laid to a call's charge: recording it takes room too."""


class DiskWatch:
    """Looks at folders while calls or jobs of a node run."""

    def __init__(self, node: Node, folders: Sequence[Path], limit: Usage) -> None:
        self._node = node
        self._folders = tuple(folders)
        self._limit = limit
        self._last = Usage(0, 0)
        self._before: dict[str, Usage] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        self._last = await asyncio.to_thread(usage, self._folders)
        pause, busy = LOOK_SECONDS, False
        while True:
            await asyncio.sleep(pause)
            was_busy, busy = busy, bool(self._node.calls.writing or self._node.machine.jobs.running)
            # once more after the last call has ended, or what it wrote since would be laid to the next one's charge
            if busy or was_busy:
                began = time.monotonic()
                await self.look()
                pause = max(LOOK_SECONDS, SHARE * (time.monotonic() - began))

    async def look(self) -> None:
        """Measure once; end what lets the files grow while they take more than they may.

        A call that makes room is left alone, or nobody could tidy up.
        """
        writing = self._node.calls.writing
        before = {call_id: self._before.get(call_id, self._last) for call_id in writing}
        now = await asyncio.to_thread(usage, self._folders)
        grown = _larger(now, self._last)
        self._before, self._last = before, now
        if now.size <= self._limit.size and now.files <= self._limit.files:
            return
        text = (
            f"The call was ended because the sandbox's files take {now.size >> 20:,} MB in {now.files:,} files, more "
            f"than they may ({self._limit.size >> 20:,} MB, {self._limit.files:,} files). Delete what is not needed."
        )
        outcome = ToolOutcome(ok=False, error="disk_full", text=text)
        await asyncio.gather(
            *(self._node.calls.end(call_id, outcome) for call_id in writing if _larger(now, before[call_id]))
        )
        if grown:
            await self._node.machine.jobs.close()
        # what was written until they had ended is not the charge of a call that begins now
        self._before, self._last = {}, await asyncio.to_thread(usage, self._folders)


def usage(folders: Sequence[Path]) -> Usage:
    """Return what the files below some folders take; a file with several names counts once. Blocks."""
    size = files = 0
    linked: set[tuple[int, int]] = set()
    border = [os.fspath(folder) for folder in folders]
    while border:
        try:
            with os.scandir(border.pop()) as entries:
                for entry in entries:
                    files += 1
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except OSError:
                        continue  # gone meanwhile; the names beside it count all the same
                    if stat.S_ISDIR(status.st_mode):
                        border.append(entry.path)
                    elif status.st_nlink > 1:
                        if (status.st_dev, status.st_ino) in linked:
                            continue
                        linked.add((status.st_dev, status.st_ino))
                    size += status.st_blocks * BLOCK
        except OSError:
            continue  # gone meanwhile, or closed to its owner, which hides it from us: the reason to call this weak
    return Usage(size, files)


def _larger(now: Usage, before: Usage) -> bool:
    return now.size > before.size + SLACK.size or now.files > before.files + SLACK.files
