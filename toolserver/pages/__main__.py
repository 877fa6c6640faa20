"""Serve one host: ``python -m toolserver.pages SETTINGS``, requests on standard input, until it ends."""

import asyncio
import os
import socket
import sys
from importlib.util import find_spec


def main() -> int:
    """Run the program and return its exit code."""
    if find_spec("playwright") is None:
        sys.exit("the package playwright is missing; install the extra browser of plumbline-agent")
    from toolserver.line_serving import serve
    from toolserver.pages.program import Program

    # the node makes one connection both input and output
    connection = socket.socket(fileno=os.dup(0))
    # whatever a library prints must not get between the answers
    os.dup2(2, 1)
    asyncio.run(serve(Program, connection))
    return 0


if __name__ == "__main__":
    sys.exit(main())
