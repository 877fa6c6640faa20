"""Tools for whoever manages the node."""

import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from toolserver import __version__
from toolserver.node.calls import Calls
from toolserver.node.libraries import absent_tools
from toolserver.node.toolbox import Answer, Tool
from toolserver.protocol import PROTOCOL, Fact, Form, NodeHealth


class Health(Form):
    """Say that the node is alive and what it runs under."""


class Cancel(Form):
    """End a call with everything it started. Its result will be that it was cancelled."""

    call_id: Annotated[str, Meta(min_length=1, max_length=500)]


class Knows(Form):
    """Say whether a call with this id was run, or is running."""

    call_id: Annotated[str, Meta(min_length=1, max_length=500)]


class Checkpoint(Form):
    """Do nothing but leave the call's id in the journal, so that it can be told later how far a preparation came."""


class Known(Fact):
    """Whether the journal holds a call."""

    known: bool


class Shutdown(Form):
    """End the node and everything it started."""


class InternalTools:
    """Tools on the node itself; ``shut_down`` is called to end it."""

    def __init__(self, calls: Calls, shut_down: Callable[[], None]) -> None:
        self._calls = calls
        self._shut_down = shut_down
        # looked for once: a search of the file system at each call would double its time
        self._absent = absent_tools()

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tools."""
        return (
            Tool(Health, self.health, effects=(), internal=True, journaled=False),
            Tool(Cancel, self.cancel, effects=("executes",), internal=True, journaled=False),
            Tool(Knows, self.knows, effects=(), internal=True, journaled=False),
            Tool(Checkpoint, self.checkpoint, effects=(), internal=True),
            Tool(Shutdown, self.shutdown, effects=("executes",), internal=True, journaled=False),
        )

    async def health(self, _form: Health) -> Answer:
        """Describe the node."""
        status = _process_status()
        capabilities, privileges, seccomp = (status.get(name) for name in ("CapEff", "NoNewPrivs", "Seccomp"))
        health = NodeHealth(
            protocol=PROTOCOL,
            version=__version__,
            python=platform.python_version(),
            pid=os.getpid(),
            uid=os.getuid(),
            running=self._calls.running,
            capabilities=None if capabilities is None else int(capabilities, 16),
            no_new_privileges=None if privileges is None else privileges == "1",
            seccomp=None if seccomp is None else int(seccomp),
            absent=self._absent,
        )
        return Answer("alive", health)

    async def cancel(self, form: Cancel) -> Answer:
        """End a call."""
        await self._calls.cancel(form.call_id)
        return Answer("cancelled")

    async def knows(self, form: Knows) -> Answer:
        """Look a call up."""
        known = self._calls.knows(form.call_id)
        return Answer("known" if known else "unknown", Known(known=known))

    async def checkpoint(self, _form: Checkpoint) -> Answer:
        """Do nothing; the journal does the rest."""
        return Answer("noted")

    async def shutdown(self, _form: Shutdown) -> Answer:
        """End the node once this answer is on its way."""
        self._shut_down()
        return Answer("shutting down")


def _process_status() -> dict[str, str]:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
