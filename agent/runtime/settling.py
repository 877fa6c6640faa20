"""Keeping the garbage collector from what stays for good."""

import gc


def settle() -> None:
    """Have the garbage collector leave alone what is loaded by now, which is mostly the code of libraries.

    It would look at all of it again each time that the objects of the runs under way have grown by a quarter, and all
    runs of the process would wait for that. For processes that work on more than one run; takes about 0.1 seconds.
    This is done once: what came later is not for good, and has to be found when it is given up.
    """
    if gc.get_freeze_count() > 0:
        return
    gc.collect()
    gc.freeze()
