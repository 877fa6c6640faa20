"""Programs that run in the sandbox. They use the standard library only and are sent there as source."""

from functools import cache
from importlib.resources import files


@cache
def table_source() -> str:
    """Return the source of ``table``, which precedes every program that reads a file of the workspace."""
    return (files(__name__) / "table.py").read_text(encoding="utf-8")
