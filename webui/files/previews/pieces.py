"""Pieces of text files, read from where they lie: a file of any size costs as much as the piece that is shown."""

import codecs
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from agent.browsing.extraction import decode
from webui.files.previews.kinds import FramePreview, NoPreview, TextPreview

PIECE: Final = 262_144
"""Bytes of a text that are shown at once."""

_LONGEST_LINE: Final = 20_000
"""Characters of a line that are shown; no screen is laid out for more."""

_SAMPLE: Final = 65_536
_BINARY: Final = 0.1
"""Share of control characters from which on a file is taken for no text."""

LANGUAGES: Final[Mapping[str, str]] = {
    ".py": "python",
    ".js": "javascript",
    ".mjs": "javascript",
    ".jsx": "jsx",
    ".ts": "typescript",
    ".tsx": "tsx",
    ".json": "json",
    ".jsonl": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".toml": "toml",
    ".ini": "ini",
    ".cfg": "ini",
    ".css": "css",
    ".xml": "xml",
    ".sh": "bash",
    ".sql": "sql",
    ".c": "c",
    ".h": "c",
    ".cpp": "cpp",
    ".hpp": "cpp",
    ".rs": "rust",
    ".go": "go",
    ".java": "java",
    ".kt": "kotlin",
    ".rb": "ruby",
    ".r": "r",
    ".lua": "lua",
    ".diff": "diff",
    ".patch": "diff",
    ".tex": "latex",
    ".scad": "openscad",
}
_MARKDOWN: Final = frozenset({".md", ".markdown"})
_BOMS: Final = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Piece(NamedTuple):
    """Some text of a file, where the next piece begins, and what is to be said of it."""

    text: str
    next: int | None
    size: int
    note: str


def text_preview(place: Path, name: str, offset: int) -> TextPreview | NoPreview:
    """Return a piece of a text file from an offset in bytes on. Blocking."""
    found = piece_of(place, offset)
    if found is None:
        return NoPreview(
            reason="it is no text, and no other kind of file that is shown here", size=place.stat().st_size
        )
    ending = PurePosixPath(name).suffix.lower()
    language = LANGUAGES.get(ending, "")
    return TextPreview(
        form="markdown" if ending in _MARKDOWN else "code" if language else "text",
        language=language,
        text=found.text,
        offset=min(offset, found.size),
        next=found.next,
        size=found.size,
        note=found.note,
    )


def frame_preview(place: Path, language: str, offset: int, address: str) -> FramePreview | NoPreview:
    """Return the source of a page or drawing with the address of its frame. Blocking."""
    found = piece_of(place, offset)
    if found is None:
        return NoPreview(reason="its content is no text", size=place.stat().st_size)
    kind = "svg" if language == "svg" else "html"
    return FramePreview(
        address=address, language=kind, text=found.text, next=found.next, size=found.size, note=found.note
    )


def piece_of(place: Path, offset: int) -> Piece | None:
    """Return a piece of a file; None where the file is no text. Blocking."""
    size = place.stat().st_size
    with place.open("rb") as file:
        head = file.read(_SAMPLE)
        utf16 = next((name for bom, name in _BOMS if head.startswith(bom)), "")
        if not utf16 and _is_binary(head):
            return None
        start = min(max(offset, 0), size)
        file.seek(start)
        data = file.read(PIECE)
        ends = file.tell() >= size
    if not ends:
        data = _at_border(data, utf16)
    note = ""
    if utf16:
        text = data.decode(utf16, "replace").removeprefix("\ufeff")
    else:
        try:
            text = data.decode("utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError:
            text = decode(data)
            note = "it is not UTF-8, so single characters may be wrong"
    text, cut = _with_short_lines(text.replace("\r\n", "\n").replace("\r", "\n"))
    return Piece(text, None if ends else start + len(data), size, cut or note)


def _is_binary(head: bytes) -> bool:
    if b"\0" in head:
        return True
    strange = sum(byte < 32 and byte not in b"\t\n\r\f\x1b\b" for byte in head)
    return strange > len(head) * _BINARY


def _at_border(data: bytes, utf16: str) -> bytes:
    """Return bytes without what they begin of a line, or where there is no end of a line, of a character."""
    if utf16:
        return data[: len(data) // 2 * 2]
    line = data.rfind(b"\n")
    if line > 0:
        return data[: line + 1]
    for cut in range(1, 5):
        if data[-cut] & 0xC0 != 0x80:
            whole = data[-cut] < 0x80
            return data if whole else data[:-cut]
    return data


def _with_short_lines(text: str) -> tuple[str, str]:
    lines = text.split("\n")
    longest = max(map(len, lines))
    if longest <= _LONGEST_LINE:
        return text, ""
    short = (line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…" for line in lines)
    return "\n".join(short), f"lines of more than {_LONGEST_LINE:,} characters are cut; download it to read all of them"
