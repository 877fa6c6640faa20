"""What shell sessions keep from one call to the next: a script for each, made by the call that ended last."""

from pathlib import Path
from typing import Final

COMPLETE: Final = b"\n# complete\n"
"""End of a session's state, as the script of a session writes it."""


class SessionStates:
    """The states of all sessions, in files that are replaced by newer ones.

    A newer state gets a name of its own and the older one is removed after it: file systems write a file out at once
    when it is renamed over another, and a call would wait for that.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True, mode=0o700)
        self._folder = folder
        self._newest: dict[str, int] = {}
        for name, number in sorted(_parts(path) for path in folder.iterdir()):
            if name in self._newest:
                # its remover was killed
                self._path(name, self._newest[name]).unlink(missing_ok=True)
            self._newest[name] = number

    def path(self, session: str) -> Path:
        """Return the file of a session's state; it is missing for a session that has none yet."""
        return self._path(session, self._newest.get(session, 0))

    def adopt(self, session: str, new: Path) -> bool:
        """Let the next call of a session begin with a new state, if there is one; False where it was cut short."""
        if not new.exists():
            return True
        if not new.read_bytes().endswith(COMPLETE):
            return False
        before, number = self.path(session), self._newest.get(session, 0) + 1
        new.rename(self._path(session, number))
        self._newest[session] = number
        before.unlink(missing_ok=True)
        return True

    def _path(self, session: str, number: int) -> Path:
        return self._folder / f"{session}.{number}"


def _parts(path: Path) -> tuple[str, int]:
    name, _, number = path.name.rpartition(".")
    return name, int(number) if number.isdigit() else 0
