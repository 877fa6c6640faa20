"""Serve one host: ``python -m toolserver.browsing SETTINGS``, requests on standard input, until it ends.

Everything it asks for goes through the proxy that the environment names.
"""

import asyncio
import os
import socket
import sys

from toolserver.browsing.program import serve
from toolserver.browsing.settings import BrowsingSettings


def main() -> int:
    """Run the program and return its exit code."""
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
