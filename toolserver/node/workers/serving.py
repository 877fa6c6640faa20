"""What all workers that look at one hostile thing share: take a request, do the work, leave an answer."""

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from toolserver.errors import ToolFailure

MEMORY: Final = 1536 * 1024 * 1024
"""Bytes of data that a worker may have, so that a small file that needs much ends the worker and nothing else."""

Work = Callable[[dict[str, Any], Path], dict[str, Any]]


def serve(work: Work) -> None:
    """Read the request from standard input, do the work, and write its answer into the folder that was named."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    folder = Path(sys.argv[2])
    request = json.load(sys.stdin)
    try:
        answer = work(request, folder)
    except ToolFailure as failure:
        answer = {"error": failure.kind, "message": str(failure)}
    except (MemoryError, RecursionError):
        answer = {"error": "too_large", "message": f"{request.get('path')}: needs too much memory to be looked at"}
    (folder / "answer.json").write_text(json.dumps(answer))


def one_line(error: BaseException) -> str:
    """Return what an error of a library says, as one short line."""
    return " ".join(str(error).split())[:200] or type(error).__name__
