"""What can be seen of a call while it runs: how long it has run, and what its program printed last."""

import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final


class Glimpse:
    """A view into one running call."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._look: Callable[[], str] = str

    @property
    def seconds(self) -> float:
        """How long the call has run."""
        return time.monotonic() - self._began

    @property
    def line(self) -> str:
        """The last line of what its program printed; empty where there is none."""
        return self._look()

    def show(self, look: Callable[[], str]) -> None:
        """Let ``line`` be what ``look`` returns."""
        self._look = look


CURRENT: Final[ContextVar[Glimpse | None]] = ContextVar("CURRENT", default=None)
"""The view into the call that the running task works for."""
