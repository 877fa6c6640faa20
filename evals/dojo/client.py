"""Our side of a bridge: starts its process, asks it, and takes nothing from it that is not of the right form."""

import asyncio
import contextlib
import json
import os
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from agent.domain.base import Fact
from agent.domain.errors import ServiceError
from evals.dojo.protocol import DojoSuite, DojoTask, Judged, Returned, Said

_LONGEST_LINE = 16 * 1024 * 1024
_SECONDS = 120.0
_ENDING = 5.0
_Result = TypeVar("_Result", bound=Fact)


class Bridge:
    """A running bridge; questions take turns.

    Args:
        process: the bridge, with pipes to it.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()
        self._numbers = count(1)
        self._exchanges: set[asyncio.Task[Said]] = set()

    async def suite(self, name: str) -> DojoSuite:
        """Return a suite.

        Raises:
            ServiceError: there is none, or the bridge has ended.
        """
        return await self._ask(DojoSuite, op="suite", suite=name)

    @contextlib.asynccontextmanager
    async def opened(
        self, suite: str, user: str, injection: str | None = None, attack: str | None = None
    ) -> AsyncIterator["Room"]:
        """Give a fresh environment for a task, for the length of a block.

        Raises:
            ServiceError: there is no such task or attack, or the bridge has ended.
        """
        session = str(next(self._numbers))
        wanted = {"suite": suite, "user": user, "injection": injection, "attack": attack}
        task = await self._ask(DojoTask, op="open", session=session, **wanted)
        try:
            yield Room(self, session, task)
        finally:
            await self._ask(_Nothing, op="close", session=session)

    async def _ask(self, form: type[_Result], **request: Any) -> _Result:
        # whoever is stopped meanwhile must leave no answer behind, which would be taken for that to the next question
        exchange = asyncio.create_task(self._exchanged(request))
        self._exchanges.add(exchange)
        exchange.add_done_callback(self._left)
        said = await asyncio.shield(exchange)
        if said.result is None:
            raise ServiceError(f"the bridge refuses {request['op']}: {_line(said.error or 'it gave no reason')}")
        try:
            return form.model_validate(said.result)
        except ValidationError as error:
            raise ServiceError(f"the bridge answers {request['op']} out of form: {_line(str(error))}") from error

    async def _exchanged(self, request: Mapping[str, Any]) -> Said:
        async with self._turn:
            return await self._said(request)

    def _left(self, exchange: asyncio.Task[Said]) -> None:
        self._exchanges.discard(exchange)
        if not exchange.cancelled():
            # whoever asked hears of it, unless they have gone
            exchange.exception()

    async def _said(self, request: Mapping[str, Any]) -> Said:
        assert self._process.stdin is not None  # noqa: S101 - it was started with pipes
        assert self._process.stdout is not None  # noqa: S101
        try:
            async with asyncio.timeout(_SECONDS):
                self._process.stdin.write(json.dumps(request).encode() + b"\n")
                await self._process.stdin.drain()
                line = await self._process.stdout.readline()
        except (OSError, ValueError, TimeoutError) as error:
            # what comes later would be taken for the answer to another question
            self._end()
            raise ServiceError(f"the bridge does not answer {request['op']}: {type(error).__name__}") from error
        if not line:
            raise ServiceError("the bridge has ended; run the command anew, and look at what it wrote above")
        try:
            return Said.model_validate_json(line)
        except ValidationError as error:
            raise ServiceError(f"the bridge answers out of form: {_line(str(error))}") from error

    def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(_ENDING):
                await self._process.wait()
        except TimeoutError:
            self._end()
            await self._process.wait()
        await asyncio.gather(*self._exchanges, return_exceptions=True)


class Room:
    """One environment of a bridge, and the task in it."""

    def __init__(self, bridge: Bridge, session: str, task: DojoTask) -> None:
        self._bridge = bridge
        self._session = session
        self.task = task

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Returned:
        """Run a tool in it.

        Raises:
            ServiceError: the bridge has ended.
        """
        return await self._bridge._ask(  # noqa: SLF001 - a room is a part of its bridge
            Returned, op="call", session=self._session, tool=tool, arguments=dict(arguments)
        )

    async def judge(self, answer: str) -> Judged:
        """Return the benchmark's judgement of what is there now, and of an answer.

        Raises:
            ServiceError: the bridge has ended.
        """
        return await self._bridge._ask(Judged, op="judge", session=self._session, answer=answer)  # noqa: SLF001


@contextlib.asynccontextmanager
async def bridged(command: Sequence[str]) -> AsyncIterator[Bridge]:
    """Give a bridge for the length of a block, without our environment variables and with a home of its own.

    Raises:
        ServiceError: it cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="plb-bridge-") as home:
        variables = {"HOME": home, "PATH": os.defpath, "PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=variables,
                cwd=Path(home),
                limit=_LONGEST_LINE,
            )
        except OSError as error:
            raise ServiceError(f"the bridge {command[0]} cannot be started: {error.strerror or error}") from error
        bridge = Bridge(process)
        try:
            yield bridge
        finally:
            await bridge.close()


class _Nothing(Fact):
    """A reply that says no more than that it was done."""


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:299]}…"
