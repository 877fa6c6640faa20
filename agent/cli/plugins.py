"""Commands that other packages add through the entry-point group ``plumbline.commands``.

The standard library can read entry points too, but importing it for that takes as long as everything else that asking
for help does. The files are few and simple: this reads that one section of each.
"""

import os
import sys
from collections.abc import Iterator

_GROUP = "[plumbline.commands]"


def plugin_commands() -> dict[str, tuple[str, str]]:
    """Return module and attribute of each added command by its name; the first on the path wins."""
    found: dict[str, tuple[str, str]] = {}
    for text in _entry_points():
        for line in text.partition(_GROUP)[2].splitlines():
            if line.startswith("["):
                break
            name, given, target = (part.strip() for part in line.partition("="))
            if given:
                module, _, attribute = target.partition(":")
                found.setdefault(name, (module, attribute))
    return found


def _entry_points() -> Iterator[str]:
    """Yield the entry points of the installed packages that have any of ours."""
    for folder in sys.path:
        try:
            entries = os.listdir(folder or ".")  # noqa: PTH208 - importing pathlib would cost as much again
        except OSError:
            # an entry of the path that is no folder holds no packages
            continue
        for name in sorted(entry for entry in entries if entry.endswith((".dist-info", ".egg-info"))):
            try:
                with open(f"{folder}/{name}/entry_points.txt", encoding="utf-8") as file:  # noqa: PTH123 - likewise
                    text = file.read()
            except OSError:
                continue
            if _GROUP in text:
                yield text
