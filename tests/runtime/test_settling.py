"""The garbage collector is kept from what is loaded, once a process, and comes less often."""

import subprocess
import sys

_TWICE = """
import gc, weakref
from agent.runtime.settling import settle

class Loop:
    pass

settle()
before = gc.get_freeze_count()
loop = Loop()
loop.itself, seen = loop, weakref.ref(loop)
settle()
del loop
gc.collect()
print(before > 0, gc.get_freeze_count() <= before, seen() is None, gc.get_threshold()[0] >= 10_000)
"""


def test_what_came_after_the_first_time_is_still_collected() -> None:
    told = subprocess.run([sys.executable, "-c", _TWICE], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True"] * 4
