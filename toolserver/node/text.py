"""Text files as a model reads and edits them."""

from collections.abc import Iterable, Sequence
from typing import Final

SHOWN_LINE: Final = 2_000
"""Characters of one line that are shown."""

DIFF_LINES: Final = 2_000
"""Changed regions longer than this are not compared line by line."""

_CONTEXT: Final = 3


def looks_binary(data: bytes) -> bool:
    """Return whether data is no text: it holds a NUL near its start, or is mostly not UTF-8."""
    start = data[:8192]
    if b"\0" in start:
        return True
    # up to three bytes of a character may be cut off at the end
    bad = start.decode("utf-8", "replace").count("\ufffd") - 3
    return bad > len(start) // 10


def numbered(lines: Iterable[str], first: int, limit: int) -> tuple[str, int]:
    """Return lines with their numbers, and how many fit into ``limit`` characters (at least one)."""
    shown: list[str] = []
    size = 0
    for number, line in enumerate(lines, first):
        text = f"{number:>6}\t{shortened(line)}"
        size += len(text) + 1
        if shown and size > limit:
            break
        shown.append(text)
    return "\n".join(shown), len(shown)


def shortened(line: str, limit: int = SHOWN_LINE) -> str:
    """Return a line, cut with a note when it is too long to be shown."""
    if len(line) <= limit:
        return line
    return f"{line[:limit]} [... {len(line) - limit:,} more characters]"


def unified_diff(old: str, new: str, path: str) -> str:
    """Return the changes as a unified diff, or one line when they are too many to be compared."""
    before, after = old.splitlines(), new.splitlines()
    start, end = _changed(before, after)
    first = max(start - _CONTEXT, 0)
    middle_before = before[first : len(before) - max(end - _CONTEXT, 0)]
    middle_after = after[first : len(after) - max(end - _CONTEXT, 0)]
    if max(len(middle_before), len(middle_after)) > DIFF_LINES:
        return f"[lines {start + 1} to {len(before) - end} changed; too many for a diff]"
    import difflib  # most sandboxes never need it

    lines = difflib.unified_diff(middle_before, middle_after, f"a/{path}", f"b/{path}", n=_CONTEXT, lineterm="")
    return "\n".join(shortened(_moved(line, first), 500) for line in lines)


def _changed(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """Return how many lines are equal at the start and at the end."""
    shortest = min(len(before), len(after))
    start = next((i for i in range(shortest) if before[i] != after[i]), shortest)
    rest = shortest - start
    end = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    return start, end


def _moved(line: str, by: int) -> str:
    """Shift the line numbers of a hunk header; other lines stay."""
    if not line.startswith("@@ "):
        return line
    _, old, new, _ = line.split(" ", 3)
    return f"@@ -{_shifted(old[1:], by)} +{_shifted(new[1:], by)} @@"


def _shifted(span: str, by: int) -> str:
    start, _, length = span.partition(",")
    return f"{int(start) + by},{length}" if length else str(int(start) + by)
