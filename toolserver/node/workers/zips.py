"""Open zip files that somebody made to do harm: encrypted, overlapping, or far larger inside than outside."""

import stat
import zipfile
from typing import BinaryIO, Final

from toolserver.errors import ToolFailure

MAX_ENTRIES: Final = 20_000
MAX_RATIO: Final = 200
FREE_BYTES: Final = 16 * 1024 * 1024
"""Up to here the ratio does not matter."""

_LOCAL_HEADER: Final = 30


def opened_zip(file: BinaryIO, name: str, limit: int) -> zipfile.ZipFile:
    """Return a zip file whose entries are few, apart from each other, and together within ``limit`` bytes.

    Python reads no more of an entry than the size that is declared, so what is declared can be counted on.

    Raises:
        ToolFailure: it is none of that, or damaged.
    """
    size = file.seek(0, 2)
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise ToolFailure("damaged", f"{name}: is no zip file, or a damaged one") from error
    entries = archive.infolist()
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise ToolFailure("too_large", f"{name}: holds more than {MAX_ENTRIES:,} entries")
    if total > limit:
        raise ToolFailure("too_large", f"{name}: unpacks to {total:,} bytes; the limit is {limit:,}")
    if total > FREE_BYTES and total > MAX_RATIO * size:
        raise ToolFailure("too_large", f"{name}: unpacks to more than {MAX_RATIO} times its size, like a bomb")
    if any(entry.flag_bits & 1 for entry in entries):
        raise ToolFailure("encrypted", f"{name}: is encrypted")
    _require_apart(entries, name, archive.start_dir)
    return archive


def is_special(entry: zipfile.ZipInfo) -> bool:
    """Return whether an entry is a link, a device, or anything else but a file or folder."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return kind not in {0, stat.S_IFREG, stat.S_IFDIR}


def _require_apart(entries: list[zipfile.ZipInfo], name: str, end: int) -> None:
    before = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < before:
            raise ToolFailure("damaged", f"{name}: its entries overlap, like those of a bomb")
        before = entry.header_offset + _LOCAL_HEADER + entry.compress_size
    if before > end:
        raise ToolFailure("damaged", f"{name}: its entries overlap, like those of a bomb")
