"""Create, list and unpack archives, which somebody may have made to do harm. Archives inside archives stay packed."""

import bz2
import contextlib
import gzip
import io
import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from toolserver.errors import ToolFailure
from toolserver.node.workers.serving import one_line, serve
from toolserver.node.workers.zips import FREE_BYTES, MAX_ENTRIES, MAX_RATIO, is_special, opened_zip
from toolserver.node.workspace import MAX_DEPTH, Workspace, shown

MAX_BYTES: Final = 1024 * 1024 * 1024
LISTED: Final = 1_000
LONGEST_NAME: Final = 255

_DAMAGED: Final = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    ValueError,
    NotImplementedError,
    gzip.BadGzipFile,
)


@dataclass(frozen=True)
class Entry:
    """A file or folder of an archive; ``content`` is None for a folder."""

    parts: tuple[str, ...]
    size: int
    runs: bool
    content: BinaryIO | None


class Bounded(io.RawIOBase):
    """What is unpacked from a stream, until it is too much."""

    def __init__(self, source: BinaryIO, limit: int, name: str) -> None:
        self._source = source
        self._left = limit
        self._name = name

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes.

        Raises:
            ToolFailure: more was unpacked than is allowed.
        """
        data = self._source.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise ToolFailure("too_large", f"{self._name}: unpacks to more than is allowed, like a bomb")
        return data


def work(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Do what is asked; what is unpacked or made is left in the folder."""
    workspace = Workspace(Path.cwd())
    path = request["path"]
    if request["action"] == "create":
        return _create(workspace, path, request["files"], folder / "archive")
    try:
        with workspace.open_file(path) as file, _entries(file, shown(path)) as entries:
            return _listed(entries) if request["action"] == "list" else _extract(entries, folder / "files", shown(path))
    except _DAMAGED as error:
        raise ToolFailure("damaged", f"{shown(path)}: {one_line(error)}") from error
    except OSError as error:
        # the decompressors say so too when what they read makes no sense
        kind = "damaged" if error.errno is None else "os_error"
        raise ToolFailure(kind, f"{shown(path)}: {one_line(error)}") from error


@contextmanager
def _entries(file: BinaryIO, name: str) -> Iterator[Iterator[Entry]]:
    start = file.read(8)
    size = file.seek(0, 2)
    file.seek(0)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        with opened_zip(file, name, MAX_BYTES) as zipped:
            yield _of_zip(zipped, name)
        return
    source: Any = file
    if start.startswith(b"\x1f\x8b"):
        source = gzip.GzipFile(fileobj=file)
    elif start.startswith(b"BZh"):
        source = bz2.BZ2File(file)
    elif start.startswith(b"\xfd7zXZ\0"):
        source = lzma.LZMAFile(file)  # noqa: SIM115 - given on
    limit = min(MAX_BYTES, max(FREE_BYTES, MAX_RATIO * size)) + 1024 * MAX_ENTRIES
    try:
        archive = tarfile.open(fileobj=Bounded(source, limit, name), mode="r|")  # noqa: SIM115 - it may be none
    except tarfile.ReadError as error:
        raise ToolFailure("unknown_format", f"{name}: is no zip, tar, tar.gz, tar.bz2 or tar.xz archive") from error
    with archive:
        yield _of_tar(archive, name)


def _of_zip(archive: zipfile.ZipFile, name: str) -> Iterator[Entry]:
    for entry in archive.infolist():
        parts = _parts(entry.orig_filename, name)
        if is_special(entry):
            raise ToolFailure("refused", f"{name}: {shown(entry.filename)[:200]} is a link or a device")
        if entry.is_dir():
            yield Entry(parts, 0, runs=False, content=None)
            continue
        with archive.open(entry) as content:
            yield Entry(parts, entry.file_size, bool(entry.external_attr >> 16 & 0o100), content)  # type: ignore[arg-type]


def _of_tar(archive: tarfile.TarFile, name: str) -> Iterator[Entry]:
    total = 0
    for count, member in enumerate(archive, 1):
        if count > MAX_ENTRIES:
            raise ToolFailure("too_large", f"{name}: holds more than {MAX_ENTRIES:,} entries")
        total += member.size
        if total > MAX_BYTES:
            raise ToolFailure("too_large", f"{name}: unpacks to more than {MAX_BYTES:,} bytes")
        parts = _parts(member.name, name)
        if member.isdir():
            yield Entry(parts, 0, runs=False, content=None)
            continue
        if not member.isreg() or member.issparse():
            raise ToolFailure("refused", f"{name}: {shown(member.name)[:200]} is a link, a device or a sparse file")
        # a second opinion, which early versions of Python 3.11 do not have
        if hasattr(tarfile, "data_filter"):
            try:
                tarfile.data_filter(member, "/nowhere")
            except tarfile.FilterError as error:
                raise ToolFailure("refused", f"{name}: {one_line(error)}") from error
        yield Entry(parts, member.size, bool(member.mode & 0o100), archive.extractfile(member))  # type: ignore[arg-type]


def _parts(path: str, name: str) -> tuple[str, ...]:
    parts = tuple(part for part in path.split("/") if part not in {"", "."})
    bad = (
        path.startswith("/")
        or ".." in parts
        or "\\" in path
        or any(ord(character) < 32 or ord(character) == 127 for character in path)
        or len(parts) > MAX_DEPTH
        or any(len(part.encode("utf-8", "surrogateescape")) > LONGEST_NAME for part in parts)
    )
    if bad:
        raise ToolFailure("refused", f"{name}: the name {shown(path)[:200]!r} leads outside or cannot be used")
    return parts


def _listed(entries: Iterator[Entry]) -> dict[str, Any]:
    files = size = 0
    listed: list[dict[str, Any]] = []
    for entry in entries:
        files += entry.content is not None
        size += entry.size
        if len(listed) < LISTED:
            path = shown("/".join(entry.parts)) + ("/" if entry.content is None else "")
            listed.append({"path": path, "size": entry.size})
    return {"files": files, "size": size, "entries": listed}


def _extract(entries: Iterator[Entry], target: Path, name: str) -> dict[str, Any]:
    files = size = 0
    target.mkdir(mode=0o755)
    for entry in entries:
        place = target.joinpath(*entry.parts)
        try:
            if entry.content is None:
                place.mkdir(parents=True, exist_ok=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as file:
                shutil.copyfileobj(entry.content, file, 1024 * 1024)
        except (FileExistsError, NotADirectoryError) as error:
            what = shown("/".join(entry.parts))[:200]
            raise ToolFailure("refused", f"{name}: {what} is in it more than once") from error
        if entry.runs:
            place.chmod(0o755)
        files += 1
        size += entry.size
    return {"files": files, "size": size, "entries": []}


def _create(workspace: Workspace, path: str, files: list[str], target: Path) -> dict[str, Any]:
    names = list(_named(workspace, path, files))
    suffixes = {".zip": "zip", ".tar": "w", ".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.bz2": "w:bz2", ".tar.xz": "w:xz"}
    mode = next((mode for suffix, mode in suffixes.items() if path.lower().endswith(suffix)), None)
    if mode is None:
        raise ToolFailure("unknown_format", f"path: must end in one of {', '.join(suffixes)}")
    size = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) if mode == "zip" else tarfile.open(target, mode) as archive:  # type: ignore[call-overload]
        for name in names:
            with workspace.open_file(name) as file:
                length = file.seek(0, 2)
                file.seek(0)
                size += length
                if size > MAX_BYTES:
                    raise ToolFailure("too_large", f"files: larger than {MAX_BYTES:,} bytes together")
                _add(archive, name, file, length)
    return {"files": len(names), "size": size, "entries": []}


def _add(archive: zipfile.ZipFile | tarfile.TarFile, name: str, file: BinaryIO, length: int) -> None:
    if isinstance(archive, zipfile.ZipFile):
        with archive.open(name, "w", force_zip64=length > 2**30) as entry:
            shutil.copyfileobj(file, entry, 1024 * 1024)
        return
    info = archive.gettarinfo(arcname=name, fileobj=file)
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    # the same file under two names stays two files
    info.type, info.size = tarfile.REGTYPE, length
    archive.addfile(info, file)


def _named(workspace: Workspace, path: str, files: list[str]) -> Iterator[str]:
    """Give the regular files that are asked for; links and the like are left out."""
    own = None
    with contextlib.suppress(ToolFailure):
        own = "/".join(workspace.parts_of(path))
    count = 0
    for wanted in files:
        kind = workspace.kind(wanted)
        found = [wanted] if kind == "file" else [node.path for node in workspace.walk(wanted) if node.kind == "file"]
        for name in found:
            plain = "/".join(workspace.parts_of(name)) if kind == "file" else name
            if plain == own:
                continue
            count += 1
            if count > MAX_ENTRIES:
                raise ToolFailure("too_large", f"files: more than {MAX_ENTRIES:,}")
            yield plain


if __name__ == "__main__":
    serve(work)
