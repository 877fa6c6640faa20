"""Keep the beginning and the end of a stream in files, and nothing of it in memory. Standard library only."""

import os


class Capture:
    """Writes one stream below a limit: the first half to ``<base>.head``, then the newest to ``<base>.tail<n>``.

    Two tail files of a quarter of the limit each are kept, so the last quarter of the limit is always there, which is
    where programs say why they failed. A full disk loses output, never the program.
    """

    def __init__(self, base: str, limit: int) -> None:
        self.total = 0
        self._base = base
        self._head_limit = limit // 2
        self._tail_limit = max(limit // 4, 1)
        self._turn = 0
        self._room = self._head_limit
        self._file = self._open(f"{base}.head")

    def write(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        self.total += len(chunk)
        view = memoryview(chunk)
        while view:
            if self._room == 0:
                self._next_tail()
            part = view[: self._room]
            self._room -= len(part)
            view = view[len(part) :]
            self._store(part)

    def close(self) -> None:
        """Close the file; the capture takes no more."""
        os.close(self._file)

    def _store(self, part: memoryview) -> None:
        try:
            while part:
                part = part[os.write(self._file, part) :]
        except OSError:
            return  # the disk is full: ``total`` still tells how much there was

    def _next_tail(self) -> None:
        os.close(self._file)
        if self._turn >= 2:
            _remove(f"{self._base}.tail{self._turn - 2}")
        self._file = self._open(f"{self._base}.tail{self._turn}")
        self._turn += 1
        self._room = self._tail_limit

    @staticmethod
    def _open(path: str) -> int:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def _remove(path: str) -> None:
    try:
        os.unlink(path)  # noqa: PTH108 - see the package
    except FileNotFoundError:
        return
