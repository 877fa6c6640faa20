"""The command that serves a node: its options."""

import argparse
import asyncio
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import json

from toolserver.node.journal import JournalBusy
from toolserver.node.running import run
from toolserver.protocol import NodeEgress

BUSY: Final = 3
"""Exit code when another node runs on the same state."""


def serve(arguments: Sequence[str], limits: Sequence[str], spawner: tuple[int, socket.socket]) -> int:
    """Serve a node until it is told to end; return the exit code.

    Args:
        arguments: of the command.
        limits: names that ``--limit`` takes; what it says is in force already.
        spawner: process id and socket of the process that starts programs.
    """
    options = _parser(limits).parse_args(arguments)
    try:
        asyncio.run(run(options, spawner))
    except JournalBusy as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is a command
        return BUSY
    return 0


def _quota(text: str) -> tuple[int, int]:
    size, _, files = text.partition(",")
    if not (size.isdigit() and files.isdigit()):
        raise argparse.ArgumentTypeError(f"{text}: must be a number of bytes, a comma and a number of files")
    return int(size), int(files)


def _egress(text: str) -> NodeEgress:
    return json.decode(text, type=NodeEgress)


def _parser(limits: Sequence[str]) -> argparse.ArgumentParser:
    def limit(text: str) -> str:
        name, _, value = text.partition("=")
        if name not in limits or not value.isdigit():
            raise argparse.ArgumentTypeError(f"{text}: must be one of {', '.join(limits)}, then = and a number")
        return text

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
        "--limit", type=limit, action="append", default=[], metavar="NAME=NUMBER", help=f"one of {', '.join(limits)}"
    )
    parser.add_argument(
        "--disk-quota",
        type=_quota,
        metavar="BYTES,FILES",
        help="watch what the files take, and end calls that let them grow beyond it",
    )
    parser.add_argument("--egress", type=_egress, metavar="JSON", help="the way out of the sandbox, if there is one")
    parser.add_argument("--testing", action="store_true", help="offer a tool that counts its executions")
    return parser
