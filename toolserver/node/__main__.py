"""Start a node: ``python -m toolserver.node --workspace DIR --state DIR (--socket PATH | --stdio)``."""

import argparse
import asyncio
import contextlib
import os
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from toolserver.node.journal import JournalBusy
from toolserver.node.node import Node
from toolserver.node.quota import DiskWatch, Usage
from toolserver.node.transport import SocketServer, serve_stdio

LIMITS: Final = {
    "data": resource.RLIMIT_DATA,
    "files": resource.RLIMIT_NOFILE,
    "file-size": resource.RLIMIT_FSIZE,
    "processes": resource.RLIMIT_NPROC,
    "core": resource.RLIMIT_CORE,
}
"""Limits that can be set, in the units of the system: bytes, or a number of things."""

BUSY: Final = 3
"""Exit code when another node runs on the same state."""

IDLE_CHECK_SECONDS: Final = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a node until it is told to end; return the exit code."""
    options = _parser().parse_args(arguments)
    for name, value in options.limit:
        _limit_to(LIMITS[name], value)
    try:
        asyncio.run(_run(options))
    except JournalBusy as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is a command
        return BUSY
    return 0


async def _run(options: argparse.Namespace) -> None:
    node = Node.open(options.workspace, options.state, testing=options.testing)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, node.ending.set)
    watching = None
    if options.disk_quota is not None:
        watch = DiskWatch(node, (options.workspace, options.state), options.disk_quota)
        watching = asyncio.ensure_future(watch.run())
    try:
        if options.stdio:
            await _serve_stdio(node)
        else:
            await _serve_socket(node, options.socket, options.exit_when_idle)
    finally:
        if watching is not None:
            watching.cancel()
        await node.close()


async def _serve_socket(node: Node, path: Path, idle_seconds: float | None) -> None:
    server = SocketServer(path, node)
    await server.start()
    try:
        while not node.ending.is_set():
            if idle_seconds is not None and not node.calls.running and server.idle_seconds() > idle_seconds:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(node.ending.wait(), IDLE_CHECK_SECONDS)
    finally:
        await server.close()


async def _serve_stdio(node: Node) -> None:
    serving = asyncio.ensure_future(serve_stdio(node))
    ending = asyncio.ensure_future(node.ending.wait())
    await asyncio.wait({serving, ending}, return_when=asyncio.FIRST_COMPLETED)
    if not serving.done():
        # a thread is reading standard input and cannot be woken
        await node.close()
        os._exit(0)
    ending.cancel()
    await serving


def _limit_to(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (allowed, allowed))


def _limit(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    if name not in LIMITS or not value.isdigit():
        raise argparse.ArgumentTypeError(f"{text}: must be one of {', '.join(LIMITS)}, then = and a number")
    return name, int(value)


def _quota(text: str) -> Usage:
    size, _, files = text.partition(",")
    if not (size.isdigit() and files.isdigit()):
        raise argparse.ArgumentTypeError(f"{text}: must be a number of bytes, a comma and a number of files")
    return Usage(int(size), int(files))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m toolserver.node", description="Serve the tools of one sandbox over MCP.", allow_abbrev=False
    )
    parser.add_argument("--workspace", type=Path, required=True, help="folder that tools work in")
    parser.add_argument("--state", type=Path, required=True, help="folder of the journal and of programs' output")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--socket", type=Path, help="serve on a unix socket at this path")
    way.add_argument("--stdio", action="store_true", help="serve on standard input and output")
    parser.add_argument(
        "--exit-when-idle", type=float, metavar="SECONDS", help="end when no client has been connected for so long"
    )
    parser.add_argument(
        "--limit", type=_limit, action="append", default=[], metavar="NAME=NUMBER", help=f"one of {', '.join(LIMITS)}"
    )
    parser.add_argument(
        "--disk-quota",
        type=_quota,
        metavar="BYTES,FILES",
        help="watch what the files take, and end calls that let them grow beyond it",
    )
    parser.add_argument("--testing", action="store_true", help="offer a tool that counts its executions")
    return parser


if __name__ == "__main__":
    sys.exit(main())
