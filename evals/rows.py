"""Files of one JSON value a line."""

import json
from pathlib import Path
from typing import Any

from agent.domain.errors import UsageError


def json_rows(path: Path) -> list[Any]:
    """Return the values of the lines of a file; empty lines are left out.

    Raises:
        UsageError: the file cannot be read, or a line is no JSON.
    """
    try:
        # other characters that end a line in Unicode may stand inside a JSON string
        return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read as one JSON value a line: {error}") from error
