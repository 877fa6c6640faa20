"""Keeping the garbage collector from what stays for good."""

import gc
from typing import Final

THRESHOLDS: Final = (10_000, 20, 20)
"""How many objects are made before the youngest are looked at, and how many such looks before older ones are. By
default it is 700 and 10: with a thousand runs under way their objects are then looked at again and again while hardly
any of them has been given up, which costs as much as all the rest of the work."""


def settle() -> None:
    """Have the garbage collector leave alone what is loaded by now, mostly the code of libraries, and come less often.

    It would look at all of it again each time that the objects of the runs under way have grown by a quarter, and all
    runs of the process would wait for that. For processes that work on more than one run; takes about 0.1 seconds.
    This is done once: what came later is not for good, and has to be found when it is given up.
    """
    if gc.get_freeze_count() > 0:
        return
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
