"""Plays the session of the benchmark with an agent library and tells what it took. Needs the standard library alone.

A program beside this file is started as ``python with_LIBRARY.py`` in the environment of that library. It reads an
order as JSON from standard input, makes an agent, and ends with ``play(...)``, which prints one JSON line.
"""

import asyncio
import importlib
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

STEPS = 10_000
"""Limits on steps are set to this: none of them may end a session."""


@dataclass(frozen=True)
class Order:
    """What is to be played.

    Attributes:
        url: the scripted server's address for an OpenAI client.
        turns: calls of tools in a session; there is one model call more.
        sessions: that are timed, after two that are not.
        system: the system prompt.
        goal: the user's message.
        answer: that each session must end with.
        text: that ``read_file`` returns.
        folder: for databases; the program may keep nothing outside.
        durable: whether the library is to record what it does.
    """

    url: str
    turns: int
    sessions: int
    system: str
    goal: str
    answer: str
    text: str
    folder: str
    durable: bool

    @property
    def database(self) -> str:
        """Path of the database in the order's folder."""
        return str(Path(self.folder) / "database.sqlite")


@dataclass
class Tools:
    """The two tools of the session; they count how often they were called."""

    order: Order
    calls: int = field(default=0)

    def read_file(self, path: str) -> str:
        """Read a text file of the workspace.

        Args:
            path: the path of the file
        """
        self.calls += 1
        return self.order.text

    def calc(self, expression: str) -> str:
        """Evaluate an arithmetic expression.

        Args:
            expression: the expression
        """
        self.calls += 1
        left, _, rest = expression.partition(" * ")
        right, _, plus = rest.partition(" + ")
        return str(int(left) * int(right) + int(plus))


Session = Callable[[int], Awaitable[str]]
"""Plays the session of a number and returns its answer."""


def resident_mb() -> float:
    """Return the memory that the process has resident, in MB; the most it had where the system tells no more."""
    return _status("VmRSS") or _peak()


def peak_mb() -> float:
    """Return the most memory that the process has had resident, in MB."""
    # what getrusage tells on Linux has in it what the process was forked from
    return _status("VmHWM") or _peak()


def _status(name: str) -> float | None:
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith(f"{name}:"))


def _peak() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024**2 if sys.platform == "darwin" else most / 1024


def ordered() -> Order:
    """Read the order from standard input."""
    return Order(**json.load(sys.stdin))


def play(order: Order, tools: Tools, session: Session, packages: tuple[str, ...]) -> None:
    """Play the sessions one after the other, check every answer, and print what they took as one JSON line.

    Raises:
        SystemExit: a session ended otherwise than it must, or did not call the tools.
    """
    asyncio.run(played(order, tools, session, packages))


async def played(order: Order, tools: Tools, session: Session, packages: tuple[str, ...]) -> None:
    """Do what ``play`` does in an event loop that is there."""
    # some libraries leave this to the first request, others do not
    importlib.import_module("openai.resources.chat.completions")
    ready, ready_mb = time.monotonic(), resident_mb()
    for number in range(2):
        await _checked(session, number, order, tools)
    wall, cpu = time.perf_counter(), time.process_time()
    for number in range(2, 2 + order.sessions):
        await _checked(session, number, order, tools)
    calls = order.sessions * (order.turns + 1)
    found = {
        "wall_ms": (time.perf_counter() - wall) / calls * 1000,
        "cpu_ms": (time.process_time() - cpu) / calls * 1000,
        "peak_mb": peak_mb(),
        "ready": ready,
        "ready_mb": ready_mb,
        "versions": {package: version(package) for package in packages},
    }
    print(json.dumps(found), flush=True)


async def _checked(session: Session, number: int, order: Order, tools: Tools) -> None:
    before = tools.calls
    answer = await session(number)
    if answer != order.answer:
        raise SystemExit(f"session {number} ended with another answer: {answer!r}")
    if tools.calls - before != order.turns:
        raise SystemExit(f"session {number} called tools {tools.calls - before} times, not {order.turns}")
