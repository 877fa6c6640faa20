"""Content-addressed storage for what is too large for an event: long outputs, pages, files, pictures."""

import asyncio
import contextlib
import hashlib
import io
import os
import re
import tempfile
from collections.abc import AsyncIterable, Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from agent.domain.errors import LedgerUnavailable

INLINE_LIMIT = 4_096
"""Longest string, in characters, that stays inside an event."""

REFERENCE = "$blob"
"""Key of the object that stands for a long string, with the hash of its blob."""

_WRITE_FROM = 1 << 20
_NAMES_BLOB = frozenset(
    {REFERENCE, "sha256", "text_sha256", "raw_sha256", "screenshot_sha256", "criteria", "exemplars"}
)
_LIKE_REFERENCE = re.compile(r"\$+blob")
_SHA256 = re.compile(r"[0-9a-f]{64}")
MAY_REFER = b'$blob"'
"""Bytes that any stored payload with a reference contains."""


class BlobStore(Protocol):
    """Keeps bytes by the SHA-256 of their content, as 64 hexadecimal digits."""

    async def put(self, data: bytes) -> str:
        """Store bytes and return their SHA-256. Storing the same bytes again mends a blob that was damaged."""

    async def get(self, sha256: str) -> bytes:
        """Return stored bytes.

        Raises:
            LedgerUnavailable: there is no such blob, or its content no longer matches its name.
        """

    async def has(self, sha256: str) -> bool:
        """Return whether there is such a blob."""

    async def size(self, sha256: str) -> int | None:
        """Return how many bytes a blob has; None where there is none of that name."""

    async def receive(self, pieces: AsyncIterable[bytes]) -> tuple[str, int]:
        """Store bytes as they come; return their SHA-256 and how many they were. Nothing is kept when ``pieces`` fails.

        Raises:
            LedgerUnavailable: they cannot be stored.
        """

    async def place(self, sha256: str) -> Path:
        """Return the file that holds a blob, for those who read it piece by piece; it is never written to.

        Raises:
            LedgerUnavailable: there is no such blob, or its content no longer matches its name.
        """


class FolderBlobs:
    """Blobs as files below a folder, named by their hash.

    ``fsync`` makes each blob survive a power cut before ``put`` returns.
    """

    def __init__(self, root: Path, *, fsync: bool = False) -> None:
        self._root = root
        self._fsync = fsync

    async def put(self, data: bytes) -> str:
        """Store bytes and return their SHA-256."""
        return await asyncio.to_thread(self._put, data)

    async def get(self, sha256: str) -> bytes:
        """Return stored bytes."""
        return await asyncio.to_thread(self._get, sha256)

    async def receive(self, pieces: AsyncIterable[bytes]) -> tuple[str, int]:
        """Store bytes as they come, never more than a few pieces of them in memory."""
        digest, size, waiting = hashlib.sha256(), 0, bytearray()
        temporary = await asyncio.to_thread(self._begun)
        try:
            async for piece in pieces:
                digest.update(piece)
                size += len(piece)
                waiting += piece
                if len(waiting) >= _WRITE_FROM:
                    await asyncio.to_thread(self._add, temporary, bytes(waiting))
                    waiting.clear()
            await asyncio.to_thread(self._add, temporary, bytes(waiting))
            await asyncio.to_thread(self._finish, temporary, digest.hexdigest())
        finally:
            await asyncio.to_thread(temporary.unlink, missing_ok=True)
        return digest.hexdigest(), size

    async def has(self, sha256: str) -> bool:
        """Return whether there is such a blob."""
        return bool(_SHA256.fullmatch(sha256)) and await asyncio.to_thread(self._path(sha256).exists)

    async def size(self, sha256: str) -> int | None:
        """Return how many bytes a blob has; None where there is none of that name."""
        try:
            return (await asyncio.to_thread(self._path(sha256).stat)).st_size if _SHA256.fullmatch(sha256) else None
        except FileNotFoundError:
            return None

    async def place(self, sha256: str) -> Path:
        """Return the file that holds a blob; see ``BlobStore.place``."""
        return await asyncio.to_thread(self._place, sha256)

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:]

    def _begun(self) -> Path:
        """Return the path of a new, empty file."""
        with self._writing():
            self._root.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self._root, prefix=".new-")
            os.close(descriptor)
            return Path(temporary)

    def _add(self, temporary: Path, data: bytes) -> None:
        with self._writing(), temporary.open("ab") as file:
            file.write(data)

    def _finish(self, temporary: Path, sha256: str) -> None:
        """Give a file that is complete its name."""
        path = self._path(sha256)
        with self._writing():
            if self._fsync:
                with temporary.open("rb") as file:
                    os.fsync(file.fileno())
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(path)
            if self._fsync:
                self._fsync_names(path)

    def _fsync_names(self, path: Path) -> None:
        # names are kept by the folders above: the blob's, its folder's and the root's
        for folder in (path.parent, self._root, self._root.parent):
            _fsync_folder(folder)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise LedgerUnavailable(
                f"cannot write to the blob folder {self._root}: {error.strerror}; make room or set PLUMBLINE_HOME"
            ) from error

    def _put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        with self._writing():
            if _holds(path, data):
                return sha256
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    if self._fsync:
                        file.flush()
                        os.fsync(file.fileno())
                Path(temporary).replace(path)
                if self._fsync:
                    self._fsync_names(path)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    Path(temporary).unlink()
                raise
        return sha256

    def _get(self, sha256: str) -> bytes:
        with self._opened(sha256) as file:
            data = file.read()
        self._check(sha256, hashlib.sha256(data).hexdigest())
        return data

    def _place(self, sha256: str) -> Path:
        with self._opened(sha256) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        self._check(sha256, found)
        return self._path(sha256)

    @contextlib.contextmanager
    def _opened(self, sha256: str) -> Iterator[io.BufferedReader]:
        if not _SHA256.fullmatch(sha256):
            raise LedgerUnavailable(f"{sha256[:12]!r} is not the name of a blob; the record that names it is damaged")
        try:
            with self._path(sha256).open("rb") as file:
                yield file
        except FileNotFoundError as error:
            raise LedgerUnavailable(f"blob {sha256[:12]} is missing from {self._root}; restore it or import") from error
        except OSError as error:
            raise LedgerUnavailable(f"cannot read blob {sha256[:12]}: {error.strerror}") from error

    def _check(self, sha256: str, found: str) -> None:
        if found != sha256:
            raise LedgerUnavailable(f"blob {sha256[:12]} does not match its hash; restore {self._root} from a backup")


def _holds(path: Path, data: bytes) -> bool:
    """Return whether a file has this content."""
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except FileNotFoundError:
        return False


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def externalise(value: Any, blobs: BlobStore) -> Any:
    """Return a JSON value in which long strings are replaced by references to blobs.

    A key that looks like a reference's own, which only hostile input would have, is escaped with one more ``$``.
    """
    if isinstance(value, str):
        if len(value) <= INLINE_LIMIT:
            return value
        # lone surrogates, which a model may write, have no UTF-8 form of their own
        return {REFERENCE: await blobs.put(value.encode("utf-8", "surrogatepass")), "characters": len(value)}
    if isinstance(value, dict):
        return {
            f"${key}" if _LIKE_REFERENCE.fullmatch(key) else key: await externalise(item, blobs)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [await externalise(item, blobs) for item in value]
    return value


async def internalise(value: Any, blobs: BlobStore) -> Any:
    """Return a JSON value in which references to blobs are replaced by the strings they stand for."""
    if isinstance(value, dict):
        if REFERENCE in value:
            return (await blobs.get(str(value[REFERENCE]))).decode("utf-8", "surrogatepass")
        return {plain_key(key): await internalise(item, blobs) for key, item in value.items()}
    if isinstance(value, list):
        return [await internalise(item, blobs) for item in value]
    return value


def plain_key(key: str) -> str:
    """Return a key of a stored JSON value as it was before it was escaped."""
    return key[1:] if _LIKE_REFERENCE.fullmatch(key) else key


def references(value: Any, found: Callable[[str], None]) -> None:
    """Report each hash in a JSON value that may name a blob: of a long string, a file, a page's text or bytes."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in _NAMES_BLOB and isinstance(item, str):
                found(item)
            else:
                references(item, found)
    elif isinstance(value, list):
        for item in value:
            references(item, found)
