"""The files a sandbox works on, and the only way to them.

A path is resolved first, symbolic links included, and must end up inside the workspace. It is then opened part by part
from the workspace's own descriptor, never following a link, so that a link swapped in between is refused instead of
followed. Only regular files are ever opened for reading: a FIFO would hang and a device would do something.
"""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Literal

from toolserver.errors import ToolFailure

Kind = Literal["file", "folder", "link", "fifo", "socket", "device"]

MAX_DEPTH: Final = 64
"""Folders deeper than this are neither made nor walked into."""

LONGEST_PATH: Final = 4096

_FOLDER_FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Node:
    """A name met on a walk.

    Attributes:
        parts: of its path below the workspace.
        status: of the name itself; links are not followed.
    """

    parts: tuple[str, ...]
    status: os.stat_result

    @property
    def path(self) -> str:
        """The path below the workspace, as it is on disk."""
        return "/".join(self.parts)

    @property
    def kind(self) -> Kind:
        """What the name stands for."""
        return kind_of(self.status.st_mode)


class Workspace:
    """A folder that file tools cannot leave."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))

    def parts_of(self, path: str) -> tuple[str, ...]:
        """Return the parts of a path below the workspace after following links; no parts for the workspace itself.

        Raises:
            ToolFailure: the path leads outside or cannot be a path.
        """
        if "\0" in path:
            raise ToolFailure("invalid_path", "path: holds a NUL character")
        if len(path) > LONGEST_PATH:
            raise ToolFailure("invalid_path", f"path: longer than {LONGEST_PATH:,} characters")
        try:
            real = Path(os.path.realpath(self.root / path))
        except (OSError, ValueError) as error:
            raise ToolFailure("invalid_path", f"{shown(path)}: {error}") from error
        if not real.is_relative_to(self.root):
            raise ToolFailure("outside_workspace", f"{shown(path)}: leads outside the workspace")
        return real.relative_to(self.root).parts

    @contextmanager
    def open_file(self, path: str) -> Iterator[BinaryIO]:
        """Open a regular file for reading.

        Raises:
            ToolFailure: the file is missing, outside, or not a regular file.
        """
        with self._located(path) as (folder, name):
            descriptor = _open_regular(folder, name, path)
        with os.fdopen(descriptor, "rb") as file:
            yield file

    def kind(self, path: str) -> Kind | None:
        """Return what a path stands for after following links; None when there is nothing.

        Raises:
            ToolFailure: the path leads outside.
        """
        try:
            with self._located(path) as (folder, name):
                return kind_of(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
        except ToolFailure as failure:
            if failure.kind == "not_found":
                return None
            raise

    def replace(self, path: str, content: bytes | BinaryIO) -> bool:
        """Write a file all at once, making folders as needed; return whether it is new.

        Readers see the old content or the new, never a part. Permissions of an existing file are kept.

        Raises:
            ToolFailure: the path is outside, or stands for something that is not a regular file.
        """
        _require_plain(path)
        with self._located(path, make_folders=True) as (folder, name):
            mode = _mode_to_keep(folder, name, path)
            draft = f".{secrets.token_hex(8)}.part"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(draft, flags, 0o666, dir_fd=folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    _pour(content, file)
                    if mode is not None:
                        os.fchmod(file.fileno(), mode)
                os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(draft, dir_fd=folder)
                raise
        return mode is None

    def move(self, source: str, target: str, *, overwrite: bool = False) -> Kind:
        """Give a name another path, making folders as needed; return what it stands for. A link is moved itself.

        Raises:
            ToolFailure: the source is missing, or the target exists. ``overwrite`` replaces a file, never a folder.
        """
        _require_plain(target)
        with self._named(source) as (old_folder, old), self._named(target, make_folders=True) as (folder, name):
            return _rename(old_folder, old, folder, name, overwrite=overwrite)

    def take_out(self, path: str, target: Path) -> Kind:
        """Move a name out of the workspace to a path that does not exist, on the same volume.

        Raises:
            ToolFailure: there is no such name, or the path is on another volume.
        """
        with self._named(path) as (old_folder, old), _opened(target.parent) as folder:
            return _rename(old_folder, old, folder, target.name, overwrite=False)

    def put_in(self, source: Path, path: str) -> Kind:
        """Move what is at a path of the same volume into the workspace, under a name that does not exist.

        Raises:
            ToolFailure: the name exists, or the path is on another volume.
        """
        with _opened(source.parent) as old_folder, self._named(path, make_folders=True) as (folder, name):
            return _rename(old_folder, source.name, folder, name, overwrite=False)

    def walk(self, start: str = "", depth: int = MAX_DEPTH) -> Iterator[Node]:
        """Yield every name below a folder in the order of names, folders before what they hold, links not followed.

        Raises:
            ToolFailure: the start is missing, outside, or not a folder.
        """
        yield from self._walk(self.folder_parts(start), depth)

    def folder_parts(self, path: str) -> tuple[str, ...]:
        """Return the parts of a folder's path.

        Raises:
            ToolFailure: the path is missing, outside, or not a folder.
        """
        kind = self.kind(path)
        if kind is None:
            raise ToolFailure("not_found", f"{shown(path)}: no such folder")
        if kind != "folder":
            raise ToolFailure("not_a_folder", f"{shown(path)}: is a {kind}, not a folder")
        return self.parts_of(path)

    def children(self, parts: tuple[str, ...]) -> Iterator[Node]:
        """Yield the names in a folder in order; none when it vanished, was swapped for a link, or may not be read."""
        with contextlib.suppress(OSError), self._folder(parts) as folder:
            for name in sorted(os.listdir(folder)):  # noqa: PTH208 - a folder's descriptor has no path
                node = _node(folder, parts, name)
                if node is not None:
                    yield node

    @contextmanager
    def folder(self, parts: tuple[str, ...], *, make: bool = False) -> Iterator[int]:
        """Give the descriptor of a folder, reached without following any link; ``make`` makes what is missing.

        Raises:
            OSError: it is not there, or something on the way is no folder.
        """
        with self._folder(parts, make=make) as folder:
            yield folder

    def _walk(self, parts: tuple[str, ...], depth: int) -> Iterator[Node]:
        for node in self.children(parts):
            yield node
            if node.kind == "folder" and depth > 1:
                yield from self._walk(node.parts, depth - 1)

    @contextmanager
    def _named(self, path: str, *, make_folders: bool = False) -> Iterator[tuple[int, str]]:
        """Give the descriptor of a name's folder and the name itself, which may be a link and is not followed."""
        head, slash, name = path.rstrip("/").rpartition("/")
        if name in {"", ".", ".."}:
            raise ToolFailure("invalid_path", f"{shown(path)[:200]}: must end in the name of a file or folder")
        parts = self.parts_of(head + slash if head or slash else ".")
        if make_folders and len(parts) >= MAX_DEPTH:
            raise ToolFailure("invalid_path", f"path: more than {MAX_DEPTH} folders deep")
        try:
            with self._folder(parts, make=make_folders) as folder:
                yield folder, name
        except OSError as error:
            raise _failure(error, path) from error

    @contextmanager
    def _located(self, path: str, *, make_folders: bool = False) -> Iterator[tuple[int, str]]:
        """Give the descriptor of the folder that holds a path, and the last part of the path."""
        parts = self.parts_of(path)
        if make_folders and len(parts) > MAX_DEPTH:
            raise ToolFailure("invalid_path", f"path: more than {MAX_DEPTH} folders deep")
        try:
            with self._folder(parts[:-1], make=make_folders) as folder:
                yield folder, parts[-1] if parts else "."
        except OSError as error:
            raise _failure(error, path) from error

    @contextmanager
    def _folder(self, parts: tuple[str, ...], *, make: bool = False) -> Iterator[int]:
        current = os.open(self.root, _FOLDER_FLAGS)
        try:
            for part in parts:
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(part, dir_fd=current)
                inner = os.open(part, _FOLDER_FLAGS, dir_fd=current)
                os.close(current)
                current = inner
            yield current
        finally:
            os.close(current)


def kind_of(mode: int) -> Kind:
    """Return what a file mode stands for."""
    kinds: dict[int, Kind] = {
        stat.S_IFREG: "file",
        stat.S_IFDIR: "folder",
        stat.S_IFLNK: "link",
        stat.S_IFIFO: "fifo",
        stat.S_IFSOCK: "socket",
    }
    return kinds.get(stat.S_IFMT(mode), "device")


def shown(name: str) -> str:
    """Return a name as one line of UTF-8: control characters and bytes that are not UTF-8 become escapes."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def _require_plain(path: str) -> None:
    if any(ord(character) < 32 or ord(character) == 127 for character in path):
        raise ToolFailure("invalid_path", f"{shown(path)}: control characters are not allowed in new names")


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, _FOLDER_FLAGS)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _rename(old_folder: int, old: str, folder: int, name: str, *, overwrite: bool) -> Kind:
    kind = kind_of(os.stat(old, dir_fd=old_folder, follow_symlinks=False).st_mode)
    if overwrite:
        os.rename(old, name, src_dir_fd=old_folder, dst_dir_fd=folder)
    elif kind == "folder":
        # claims the name; the system replaces an empty folder at once and refuses one that was filled meanwhile
        os.mkdir(name, dir_fd=folder)
        try:
            os.rename(old, name, src_dir_fd=old_folder, dst_dir_fd=folder)
        except OSError:
            os.rmdir(name, dir_fd=folder)
            raise
    else:
        # a second name is never given where one exists, while a rename would replace it
        os.link(old, name, src_dir_fd=old_folder, dst_dir_fd=folder, follow_symlinks=False)
        os.unlink(old, dir_fd=old_folder)
    return kind


def _node(folder: int, parts: tuple[str, ...], name: str) -> Node | None:
    try:
        return Node((*parts, name), os.stat(name, dir_fd=folder, follow_symlinks=False))
    except FileNotFoundError:
        return None


def _open_regular(folder: int, name: str, path: str) -> int:
    # looked at before it is opened, for opening alone can already act on a device
    _require_file(os.stat(name, dir_fd=folder, follow_symlinks=False), path)
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        _require_file(os.fstat(descriptor), path)
    except ToolFailure:
        os.close(descriptor)
        raise
    return descriptor


def _require_file(status: os.stat_result, path: str) -> None:
    kind = kind_of(status.st_mode)
    if kind == "folder":
        raise ToolFailure("is_a_folder", f"{shown(path)}: is a folder; list_files shows what is in it")
    if kind != "file":
        raise ToolFailure("not_a_file", f"{shown(path)}: is a {kind}, not a regular file")


def _mode_to_keep(folder: int, name: str, path: str) -> int | None:
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    _require_file(status, path)
    return stat.S_IMODE(status.st_mode)


def _pour(content: bytes | BinaryIO, file: BinaryIO) -> None:
    if isinstance(content, bytes):
        file.write(content)
        return
    while piece := content.read(1024 * 1024):
        file.write(piece)


def _failure(error: OSError, path: str) -> ToolFailure:
    kinds = {
        errno.ENOENT: ("not_found", "no such file or folder"),
        errno.ENOTDIR: ("not_a_folder", "a part of the path is not a folder"),
        errno.ELOOP: ("outside_workspace", "a loop of links, or a link swapped in while the path was opened"),
        errno.EEXIST: ("already_exists", "exists already; choose another name"),
        errno.ENOTEMPTY: ("already_exists", "exists already and is not empty; choose another name"),
        errno.EISDIR: ("is_a_folder", "is a folder; name the file in it"),
        errno.EINVAL: ("invalid_path", "a folder cannot be moved into itself"),
        errno.EXDEV: ("not_permitted", "lies on another volume than the sandbox's own files"),
        errno.EACCES: ("not_permitted", "permission denied"),
        errno.ENOSPC: ("storage_full", "no space left"),
        errno.EDQUOT: ("storage_full", "no space left"),
        errno.EFBIG: ("too_large", "larger than the sandbox allows for one file"),
        errno.ENAMETOOLONG: ("invalid_path", "the name is too long"),
    }
    kind, reason = kinds.get(error.errno or 0, ("os_error", error.strerror or "failed"))
    return ToolFailure(kind, f"{shown(path)[:200]}: {reason}")
