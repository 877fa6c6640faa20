"""A node from its start to its end, on a socket or on standard streams."""

import argparse
import asyncio
import contextlib
import ctypes
import os
import signal
import socket
from pathlib import Path
from typing import Final

from toolserver.node.node import Node
from toolserver.node.quota import DiskWatch, Usage
from toolserver.node.transport import SocketServer, serve_stdio

IDLE_CHECK_SECONDS: Final = 0.5


async def run(options: argparse.Namespace, spawner: tuple[int, socket.socket]) -> None:
    """Serve a node until it is told to end.

    Args:
        options: of the command.
        spawner: process id and socket of the process that starts programs.

    Raises:
        JournalBusy: another node runs on the same state.
    """
    node = Node.open(options.workspace, options.state, testing=options.testing, egress=options.egress, spawner=spawner)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, node.ending.set)
    watching = None
    if options.disk_quota is not None:
        watch = DiskWatch(node, (options.workspace, options.state), Usage(*options.disk_quota))
        watching = asyncio.ensure_future(watch.run())
    try:
        await node.start()
        _give_back()
        if options.stdio:
            await _serve_stdio(node)
        else:
            await _serve_socket(node, options.socket, options.exit_when_idle)
    finally:
        if watching is not None:
            watching.cancel()
        await node.close()


def _give_back() -> None:
    """Return to the system the memory that only starting needed, where the C library can."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


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
