"""The model calls of a run with all that each of them was sent, put together from its events.

Events of any version, and of a run that was cut off, are enough for that, and tell times and repetitions. Which schemas
tools and replies had they do not tell: where these are needed, and each request compared with its digest, a replay
tells them (``agent.runtime.conversations``).
"""

from collections.abc import AsyncIterable
from datetime import datetime
from typing import Any

from pydantic import Field, ValidationError

from agent.domain.base import Fact
from agent.domain.errors import LedgerUnavailable
from agent.domain.events import Event
from agent.domain.messages import Message, Reply


class ModelCall(Fact):
    """One call of a model, and what it answered.

    Attributes:
        key: of the effect; its part before the first slash names the branch.
        messages: the whole conversation that was sent. Pictures stand in it as references to blobs.
        tools: names of the functions that were offered.
        reply: None where the run was cut off before there was one.
    """

    key: str
    role: str
    messages: tuple[Message, ...]
    tools: tuple[str, ...] = ()
    tool_choice: str = "auto"
    reply: Reply | None = None
    started_seq: int
    done_seq: int | None = None
    started_at: datetime
    done_at: datetime | None = None
    retries: int = Field(default=0, ge=0)

    @property
    def branch(self) -> str:
        """Name of the branch that asked."""
        return self.key.partition("/")[0]


class Conversations:
    """Puts conversations together: the ledger holds of each call only the messages that were new."""

    def __init__(self) -> None:
        self._threads: dict[str, list[ModelCall]] = {}

    def asked(self, event: Event) -> ModelCall:
        """Return the call that a started event of the kind ``model`` begins.

        Raises:
            LedgerUnavailable: the event is not as this version writes it.
        """
        key, request = event.key or "", event.payload.get("request")
        if not isinstance(request, dict) or not isinstance(request.get("messages"), list):
            raise LedgerUnavailable(_unlike(event))
        new, before = request["messages"], None
        if after := request.get("after", 0):
            before = self._before(key.partition("/")[0], after, new)
        call = ModelCall(
            key=key,
            role=request.get("role", "executor"),
            messages=(*(before.messages if before is not None else ()), *new),
            tools=tuple(request.get("tools") or (before.tools if before is not None else ())),
            tool_choice=request.get("tool_choice", "auto"),
            started_seq=event.seq,
            started_at=event.at,
        )
        self._threads.setdefault(call.branch, []).append(call)
        return call

    def answered(self, call: ModelCall, event: Event) -> ModelCall:
        """Return a call with the reply of its done event.

        Raises:
            LedgerUnavailable: the event is not as this version writes it.
        """
        try:
            reply = Reply.model_validate(event.payload.get("result"))
        except ValidationError as error:
            raise LedgerUnavailable(_unlike(event)) from error
        return self._replaced(call, {"reply": reply, "done_seq": event.seq, "done_at": event.at})

    def retried(self, call: ModelCall) -> ModelCall:
        """Return a call with one more attempt that failed and was repeated."""
        return self._replaced(call, {"retries": call.retries + 1})

    def _replaced(self, call: ModelCall, values: dict[str, Any]) -> ModelCall:
        changed = call.model_copy(update=values)
        thread = self._threads[call.branch]
        thread[next(place for place, known in enumerate(thread) if known is call)] = changed
        return changed

    def _before(self, branch: str, after: int, new: list[Message]) -> ModelCall | None:
        """Return the call whose conversation goes on: of several as long, the one whose reply comes next."""
        as_long = [call for call in reversed(self._threads.get(branch, ())) if len(call.messages) == after]
        follows = (call for call in as_long if call.reply is not None and new[:1] == [call.reply.as_message()])
        return next(follows, as_long[0] if as_long else None)


def _unlike(event: Event) -> str:
    return f"event {event.seq} of run {event.run_id} is not as this version writes it"


async def model_calls(events: AsyncIterable[Event]) -> tuple[ModelCall, ...]:
    """Return a run's model calls in the order in which they began.

    Raises:
        LedgerUnavailable: an event is not as this version writes it.
    """
    conversations = Conversations()
    calls: dict[str, ModelCall] = {}
    async for event in events:
        key = event.key or ""
        if event.kind == "model" and event.phase == "started":
            calls[key] = conversations.asked(event)
        elif event.kind == "model" and event.phase == "done" and key in calls:
            calls[key] = conversations.answered(calls[key], event)
        elif event.kind == "retry" and (call := calls.get(event.payload.get("of", ""))) is not None:
            calls[call.key] = conversations.retried(call)
    return tuple(calls.values())
