"""Serve one host: ``python -m toolserver.cad SETTINGS``, requests on standard input, until it ends."""

import asyncio
import gc
import os
import socket
import sys
import time
from importlib.util import find_spec

from toolserver.cad.settings import NEEDED, CadSettings

ALONE = {
    # a warm process that has threads cannot be forked safely, and candidates run side by side
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # a display is opened by the process that needs one; see toolserver.cad.looking
    "MUJOCO_GL": "disable",
    # no file that one candidate could write is read by what judges another
    "MESA_SHADER_CACHE_DISABLE": "true",
}


def main() -> int:
    """Run the program and return its exit code."""
    absent = [name for name in NEEDED if find_spec(name) is None]
    if absent:
        sys.exit(f"the packages {', '.join(absent)} are missing; install the extra cad of plumbline-agent")
    # the node makes one connection both input and output
    connection = socket.socket(fileno=os.dup(0))
    # whatever a library prints must not get between the answers
    os.dup2(2, 1)
    os.environ.update(ALONE)
    begun = time.perf_counter()
    from msgspec import json

    from toolserver.cad.confining import close_to_others, proven
    from toolserver.cad.forking import ChildLimits, forked
    from toolserver.cad.serving import Program, described
    from toolserver.cad.warming import warmed
    from toolserver.line_serving import serve

    settings = json.decode(sys.argv[1], type=CadSettings)
    close_to_others()
    versions = warmed()
    # what is shared with children stays shared when they collect
    gc.collect()
    gc.freeze()

    async def run() -> None:
        held = await forked(
            lambda folder: json.encode(proven(folder)),
            ChildLimits(seconds=10, memory_mb=256, confined=True),
            "the proof",
        )
        ready = described(versions, json.decode(held, type=tuple[str, ...]), time.perf_counter() - begun)
        await serve(lambda send: Program(settings, ready, send), connection)

    asyncio.run(run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
