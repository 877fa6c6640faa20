"""Files that pages give: on their way, waiting for the host, and gone once it has taken them."""

import asyncio
import hashlib
import re
import shutil
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from toolserver.browsing.browser.seen import SeenDownload
from toolserver.errors import PageFailed

if TYPE_CHECKING:
    from playwright.async_api import Download

NAME_BYTES: Final = 120
"""Of a file's name, in UTF-8; what comes before is cut, so that its ending stays."""

_POLL_SECONDS: Final = 0.1
_END_SECONDS: Final = 5.0
_UNSAFE: Final = re.compile(r"[^\w.()+ -]+")


class Files:
    """The files of a session. They lie under names of our own; what a page calls them is told and no more.

    Args:
        folder: where they wait for the host; nothing else is in it.
        arriving: where the browser writes them before.
        file_bytes: size of the largest one.
        all_bytes: of all files together, those that were taken among them.
        seconds: how long one may take to come.
    """

    def __init__(self, folder: Path, arriving: Path, *, file_bytes: int, all_bytes: int, seconds: float) -> None:
        self._folder = folder
        self._arriving = arriving
        self._file_bytes = file_bytes
        self._all_bytes = all_bytes
        self._seconds = seconds
        self._bytes = 0
        self._waiting: set[Path] = set()

    async def keep(self, download: "Download", note: Callable[[str], None]) -> SeenDownload | None:
        """Wait for a file and put it into the folder; None where it was given up, which ``note`` is told."""
        from playwright.async_api import Error

        name = file_name(download.suggested_filename)
        try:
            path, problem = await self._came(download)
            if problem:
                note(f"the file {name} was not taken: {problem}")
                return None
            return await self._put(path, name, download.url)
        except PageFailed as failed:
            note(f"the file {name} was not taken: {failed}")
        except (Error, OSError) as error:
            note(f"the file {name} was not taken: {(str(error).splitlines() or ['it failed'])[0]}")
        return None

    async def take(self, path: Path) -> bytes:
        """Return the content of a file that waits, and delete it.

        Raises:
            PageFailed: no such file waits.
        """
        if path not in self._waiting:
            raise PageFailed("not_found", "this file is not there any more; get it again")
        self._waiting.discard(path)
        try:
            return await asyncio.to_thread(_emptied, path)
        except OSError as error:
            raise PageFailed("not_found", f"this file cannot be read: {error.strerror}; get it again") from error

    async def clear(self) -> None:
        """Delete the files that wait, also those of an earlier program."""
        self._waiting.clear()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _came(self, download: "Download") -> tuple[Path, str]:
        """Return where a file lies when it has come, and why it is given up, if it is."""
        coming = asyncio.ensure_future(download.path())
        deadline = time.monotonic() + self._seconds
        most = min(self._file_bytes, self._all_bytes - self._bytes)
        try:
            problem = ""
            while not coming.done():
                await asyncio.wait({coming}, timeout=_POLL_SECONDS)
                if coming.done():
                    break
                if await asyncio.to_thread(_largest, self._arriving) > most:
                    problem = self._too_large(most)
                elif time.monotonic() > deadline:
                    problem = f"it did not come within {self._seconds:g} s"
                if problem:
                    await download.cancel()
                    await asyncio.wait({coming}, timeout=_END_SECONDS)
                    # it may have come whole meanwhile
                    await download.delete()
                    return Path(), problem
            return Path(await coming), ""
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def _put(self, path: Path, name: str, url: str) -> SeenDownload:
        size = await asyncio.to_thread(lambda: path.stat().st_size)
        most = min(self._file_bytes, self._all_bytes - self._bytes)
        if size > most:
            await asyncio.to_thread(path.unlink)
            raise PageFailed("too_large", self._too_large(most))
        # before anything else may happen, since several files come at once
        self._bytes += size
        kept = self._folder / uuid.uuid4().hex
        digest = await asyncio.to_thread(_moved, path, kept)
        self._waiting.add(kept)
        return SeenDownload(name=name, path=str(kept), url=url, size=size, sha256=digest)

    def _too_large(self, most: int) -> str:
        if most < self._file_bytes:
            return f"all files of a run together may have {self._all_bytes:,} bytes"
        return f"it has more than {self._file_bytes:,} bytes"


def file_name(suggested: str) -> str:
    """Return what a page calls a file, without folders and whatever a shell or file system would stumble over."""
    last = _UNSAFE.sub("_", re.split(r"[\\/]", suggested)[-1])
    return last.encode("utf-8", "replace")[-NAME_BYTES:].decode("utf-8", "ignore").strip("_ .-") or "download"


def _largest(folder: Path) -> int:
    """Return the size of the largest file in a folder; 0 where there is none."""
    sizes = [0]
    for path in folder.iterdir():
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:
            continue  # it has just been moved
    return max(sizes)


def _moved(path: Path, place: Path) -> str:
    """Move a file and return the hash of its content."""
    place.parent.mkdir(parents=True, exist_ok=True)
    path.rename(place)
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _emptied(path: Path) -> bytes:
    data = path.read_bytes()
    path.unlink()
    return data
