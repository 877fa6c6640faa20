"""Serve one host: ``python -m toolserver.browsing SETTINGS``, requests on standard input, until it ends.

Everything it asks for goes through the proxy that the environment names.
"""

import asyncio
import os
import socket
import sys
from importlib.util import find_spec

from toolserver.browsing.settings import BrowsingSettings

NEEDED = ("httpx2", "lxml", "trafilatura", "protego", "charset_normalizer", "pypdfium2")


def main() -> int:
    """Run the program and return its exit code."""
    absent = [name for name in NEEDED if find_spec(name) is None]
    if absent:
        sys.exit(f"the packages {', '.join(absent)} are missing; install the extra browser of plumbline-agent")
    from toolserver.browsing.program import serve

    settings = BrowsingSettings.model_validate_json(sys.argv[1])
    proxy = os.environ.get("http_proxy")
    if proxy is None:
        sys.exit("this sandbox has no way out, so no page can be got; give it an egress profile")
    # the node makes one connection both input and output
    connection = socket.socket(fileno=os.dup(0))
    # whatever a library prints must not get between the answers
    os.dup2(2, 1)
    asyncio.run(serve(settings, proxy, connection))
    return 0


if __name__ == "__main__":
    sys.exit(main())
