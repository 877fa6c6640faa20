"""Keep the beginning and the end of a stream in files, and nothing of it in memory. Standard library only."""

import os


class Capture:
    """Writes one stream below a limit: the first half to ``<base>.head``, then the newest to ``<base>.tail<n>``.

    Two tail files of a quarter of the limit each are kept, so the last quarter of the limit is always there, which is
    where programs say why they failed. A full disk loses output, never the program; what comes once there is room
    again goes to a further tail file, whose number is not the next one where something before it was lost.

    Attributes:
        total: bytes of the stream so far.
        lost: how many of them could not be written.
    """

    def __init__(self, base: str, limit: int) -> None:
        self.total = 0
        self.lost = 0
        self._base = base
        self._tail_limit = max(limit // 4, 1)
        self._tails: list[str] = []
        self._next = 0
        self._room = limit // 2
        self._torn = False
        self._blank = True
        self._file = self._open(f"{base}.head")
        if self._file is None:
            self._tear()

    def write(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        self.total += len(chunk)
        view = memoryview(chunk)
        while view:
            written = self._store(view)
            if written == 0:
                self.lost += len(view)
                self._tear()
                return
            view = view[written:]

    def close(self) -> None:
        """Close the file; the capture takes no more."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _store(self, view: memoryview) -> int:
        """Return how many bytes could be written, none where the disk is full."""
        if (self._room == 0 or (self._torn and not self._blank)) and not self._next_tail():
            return 0
        if self._file is None:
            return 0
        try:
            written = os.write(self._file, view[: self._room])
        except OSError:
            return 0
        self._room -= written
        self._blank = self._torn = False
        return written

    def _tear(self) -> None:
        """Let what comes after a loss begin a file of its own, unless it has begun one already."""
        if not self._torn:
            self._torn, self._blank = True, False
            self._next += 1

    def _next_tail(self) -> bool:
        name = f"{self._base}.tail{self._next}"
        file = self._open(name)
        if file is None:
            return False
        if self._file is not None:
            os.close(self._file)
        if len(self._tails) == 2:
            _remove(self._tails.pop(0))
        self._tails.append(name)
        self._file, self._room, self._blank = file, self._tail_limit, True
        self._next += 1
        return True

    @staticmethod
    def _open(path: str) -> int | None:
        try:
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError:
            return None  # the disk has no room for another file


def _remove(path: str) -> None:
    try:
        os.unlink(path)  # noqa: PTH108 - see the package
    except FileNotFoundError:
        return
