"""What ends, as opposed to what hangs. How fast something is, benchmarks tell."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

HUNG: Final = 30.0
"""Seconds of this process's CPU; ten times and more of what any use of ``ends`` takes, and far below quadratic work."""


@contextmanager
def ends() -> Iterator[None]:
    """Fail where the work inside takes so much CPU that its effort must grow faster than its input."""
    began = time.process_time()
    yield
    assert time.process_time() - began < HUNG
