"""Room on the sandbox's disk that is kept back, so that a disk that programs have filled can be cleared again.

A call needs a little room of its own: for the journal, its script, what it prints. On a full disk no command could be
run to delete anything. So pieces of room are held by files, and each call that finds the disk full is given one.
"""

import contextlib
import os
import shutil
from pathlib import Path
from typing import Final

PIECES: Final = 8
FILES: Final = 8
FILE_BYTES: Final = 64 * 1024
"""A piece is a folder of files, since a disk may be out of files as well as out of room."""

LOW_BYTES: Final = 256 * 1024
LOW_FILES: Final = 16
"""With less than this a disk counts as full."""

AMPLE: Final = 32
"""How many times what counts as full must be free before pieces are taken back."""


class Reserve:
    """Pieces of room in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held = PIECES
        folder.mkdir(exist_ok=True, mode=0o700)
        self._take_back()

    def before_call(self) -> None:
        """Give up a piece where the disk is full."""
        if self._free(1):
            return
        for piece in self._pieces():
            if piece.exists():
                shutil.rmtree(piece, ignore_errors=True)
                self._held -= 1
                return

    def after_call(self) -> None:
        """Take back what was given up, once there is room again."""
        if self._held < PIECES and self._free(AMPLE):
            self._take_back()

    def _take_back(self) -> None:
        self._held = 0
        for piece in self._pieces():
            try:
                piece.mkdir(exist_ok=True, mode=0o700)
                for number in range(FILES):
                    _allocate(piece / str(number))
            except OSError:
                # there is no room for more
                shutil.rmtree(piece, ignore_errors=True)
                return
            self._held += 1

    def _pieces(self) -> list[Path]:
        return [self._folder / str(number) for number in range(PIECES)]

    def _free(self, times: int) -> bool:
        with contextlib.suppress(OSError):
            status = os.statvfs(self._folder)
            room = status.f_bavail * status.f_frsize >= times * LOW_BYTES
            # file systems without a fixed number of files tell none
            return room and (status.f_files == 0 or status.f_favail >= times * LOW_FILES)
        return True


def _allocate(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, FILE_BYTES)
    finally:
        os.close(descriptor)
