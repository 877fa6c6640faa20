"""Programs of ours that run in the sandbox. They use the standard library only and are sent there as source."""

from functools import cache
from importlib.resources import files


@cache
def apart_source() -> str:
    """Return the source of ``apart``, to which a call of its function is added."""
    return (files(__name__) / "apart.py").read_text(encoding="utf-8")
