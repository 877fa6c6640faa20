"""Search files for a regular expression; started as ``python -I -S grep.py`` with the request on standard input."""

import json
import os
import re
import stat
import sys
from typing import Any

LONGEST_FILE = 256 * 1024 * 1024
SHOWN_CHARACTERS = 400


def main() -> None:
    """Read ``{pattern, ignore_case, limit, files}``; write ``{matches, searched, truncated}`` or ``{error}``."""
    request = json.load(sys.stdin)
    try:
        pattern = re.compile(request["pattern"], re.IGNORECASE if request["ignore_case"] else 0)
    except (re.error, RecursionError, OverflowError) as error:
        json.dump({"error": str(error)}, sys.stdout)
        return
    json.dump(_search(pattern, request["files"], request["limit"]), sys.stdout)


def _search(pattern: re.Pattern[str], files: list[str], limit: int) -> dict[str, Any]:
    matches: list[tuple[str, int, str]] = []
    searched = 0
    for path in files:
        text = _text(path)
        if text is None:
            continue
        searched += 1
        for number, line in enumerate(text.split("\n"), 1):
            if pattern.search(line):
                if len(matches) == limit:
                    return {"matches": matches, "searched": searched, "truncated": True}
                matches.append((path, number, line.removesuffix("\r")[:SHOWN_CHARACTERS]))
    return {"matches": matches, "searched": searched, "truncated": False}


def _text(path: str) -> str | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LONGEST_FILE:
            return None
        data = file.read()
    return None if b"\0" in data[:8192] else data.decode("utf-8", "surrogateescape")


if __name__ == "__main__":
    main()
