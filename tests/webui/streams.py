"""Reads a run's stream as a browser does: comes back when it ends, and names the last event it has."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson


@dataclass(frozen=True)
class Message:
    """One message of a stream; ``event`` is empty for those without a name."""

    event: str
    data: Any
    id: str


@dataclass
class Follower:
    """Follows a run and keeps what it was told.

    Args:
        client: signed in.
        run_id: the run.
        last: number of the last event that is known.
    """

    client: httpx.AsyncClient
    run_id: str
    last: int = 0
    seqs: list[int] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    openings: int = 0
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, wanted: int | str, *, seconds: float = 60) -> None:
        """Follow until an event of this number came, or a message of this name; raises TimeoutError."""
        await self._follow(lambda: self._has(wanted), seconds)

    async def until_status(self, status: str, *, seconds: float = 60) -> None:
        """Follow until the run has had a status; raises TimeoutError."""
        await self._follow(lambda: status in self.statuses, seconds)

    async def _follow(self, reached: Callable[[], bool], seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not reached():
                try:
                    await self._once(reached)
                except httpx.TransportError:
                    # the server is not there, or not any more
                    await asyncio.sleep(0.1)

    async def _once(self, reached: Callable[[], bool]) -> None:
        headers = {"Last-Event-ID": str(self.last)} if self.last else {}
        async with self.client.stream("GET", f"/api/runs/{self.run_id}/stream", headers=headers) as answer:
            if answer.status_code != 200:
                raise httpx.ReadError(f"status {answer.status_code}")
            assert answer.headers["content-type"].startswith("text/event-stream")
            self.openings += 1
            async for message in messages(answer):
                self.messages.append(message)
                self.heard.set()
                if not message.event:
                    self.seqs += [event["seq"] for event in message.data]
                    self.statuses += [e["payload"]["status"] for e in message.data if "status" in e["payload"]]
                    self.last = int(message.id)
                if reached():
                    return

    def _has(self, wanted: int | str) -> bool:
        if isinstance(wanted, int):
            return self.last >= wanted
        return any(message.event == wanted for message in self.messages)


async def messages(answer: httpx.Response) -> AsyncIterator[Message]:
    """Yield the messages of a stream."""
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
            continue
        if "data" in fields:
            yield Message(fields.get("event", ""), orjson.loads(fields["data"]), fields.get("id", ""))
        fields = {}
