"""Start a node: ``python -m toolserver.node --workspace DIR --state DIR (--socket PATH | --stdio)``.

The spawner is forked before anything large is imported, so that it stays small; see ``processes``.
"""

import resource
import sys

from toolserver.node.processes import spawner

LIMITS = {
    "data": resource.RLIMIT_DATA,
    "files": resource.RLIMIT_NOFILE,
    "file-size": resource.RLIMIT_FSIZE,
    "processes": resource.RLIMIT_NPROC,
    "core": resource.RLIMIT_CORE,
}
"""Limits that can be set with ``--limit``, in the units of the system: bytes, or a number of things."""


def main() -> int:
    """Run a node until it is told to end; return the exit code."""
    for option, following in zip(sys.argv[1:], [*sys.argv[2:], ""], strict=True):
        text = following if option == "--limit" else option.removeprefix("--limit=")
        name, _, value = text.partition("=")
        # what is wrong here is refused when all options are read
        if option.startswith("--limit") and name in LIMITS and value.isdigit():
            _limit_to(LIMITS[name], int(value))
    forked = spawner.fork()
    # a node speaks no TLS and has new Python; asyncio and msgspec do without these when they are not there
    for unneeded in ("ssl", "typing_extensions"):
        sys.modules[unneeded] = None  # type: ignore[assignment]
    import asyncio as asyncio

    import msgspec as msgspec

    for unneeded in ("ssl", "typing_extensions"):
        del sys.modules[unneeded]
    from toolserver.node.command import serve

    return serve(sys.argv[1:], tuple(LIMITS), forked)


def _limit_to(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (allowed, allowed))


if __name__ == "__main__":
    sys.exit(main())
