"""Match paths against shell patterns in which ``**`` stands for any number of folders."""

from collections.abc import Sequence
from fnmatch import fnmatchcase


def matches(parts: Sequence[str], pattern: str) -> bool:
    """Return whether a path matches; a pattern without ``/`` is compared with the last part only.

    Takes time proportional to parts times pattern parts, whatever the pattern.
    """
    wanted = [part for part in pattern.split("/") if part]
    if len(wanted) == 1 and not pattern.startswith("/"):
        wanted.insert(0, "**")
    # each number says how many pattern parts may have been used up so far
    reached = _skipping({0}, wanted)
    for part in parts:
        stepped = {i if wanted[i] == "**" else i + 1 for i in reached if i < len(wanted) and _fits(part, wanted[i])}
        reached = _skipping(stepped, wanted)
    return len(wanted) in reached


def _fits(part: str, wanted: str) -> bool:
    return wanted == "**" or fnmatchcase(part, wanted)


def _skipping(reached: set[int], wanted: Sequence[str]) -> set[int]:
    """Add the places reached by letting ``**`` stand for nothing."""
    for i in sorted(reached):
        while i < len(wanted) and wanted[i] == "**":
            i += 1
            reached.add(i)
    return reached
