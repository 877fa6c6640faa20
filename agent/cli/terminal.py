"""Asking the person at this terminal."""

import asyncio
import sys
from collections.abc import Sequence

from agent.cli.console import clean, err
from agent.domain.errors import WaitingForPerson
from agent.runtime.people import Asker


def asker_for(*, json: bool, quiet: bool) -> Asker | None:
    """Return how to ask the person who is here; None when nobody is, so that the run waits instead."""
    if json or quiet or sys.stdin is None or not sys.stdin.isatty():
        return None
    return ask


async def ask(question: str, options: Sequence[str]) -> str:
    """Show a question word for word and return the answer."""
    console = err()
    console.print(f"\n? {clean(question)}", style="bold yellow")
    if options:
        console.print(f"  ({' / '.join(clean(option) for option in options)})", style="dim")
    console.print("> ", end="")
    while True:
        line = await _line()
        if line.strip():
            return line.strip()
        console.print("> ", end="")


async def _line() -> str:
    """Return the next line of standard input, without keeping a thread that a cancelled question would leave behind."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def readable() -> None:
        if not line.done():
            line.set_result(sys.stdin.readline())

    loop.add_reader(sys.stdin, readable)
    try:
        text = await line
    finally:
        loop.remove_reader(sys.stdin)
    if not text:
        raise WaitingForPerson("the input ended before the question was answered")
    return text
