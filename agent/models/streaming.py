"""Puts a streamed reply together, and notices when it stops half-way."""

import asyncio
import json
from collections.abc import AsyncIterator

import openai
from pydantic import ValidationError

from agent.models.port import Watcher
from agent.models.retry import AttemptFailed
from agent.models.wire import WireCall, WireChoice, WireFunction, WireMessage, WirePiece, WirePieceChoice, WireUsage


class Assembly:
    """The reply as far as it has arrived.

    Servers differ: usage and the final ``[DONE]`` may be missing, pieces without choices and repeated endings occur,
    and the index of a tool call may be left out. Only a finish reason makes a reply complete.
    """

    def __init__(self) -> None:
        self.model = ""
        self.usage: WireUsage | None = None
        self._text: list[str] = []
        self._calls: dict[int, WireCall] = {}
        self._arguments: dict[int, list[str]] = {}
        self._choice = WireChoice()

    def add(self, piece: WirePiece) -> str:
        """Take the next piece and return its text."""
        self.model = piece.model or self.model
        self.usage = piece.usage or self.usage
        texts = [self._add_choice(choice) for choice in piece.choices or () if choice.index == 0]
        return "".join(texts)

    def finished(self) -> WireChoice | None:
        """Return the whole choice, or None if its end did not arrive."""
        if self._choice.finish_reason is None:
            return None
        calls = [self._whole_call(position) for position in sorted(self._calls)]
        self._choice.message = WireMessage(content="".join(self._text), tool_calls=calls)
        return self._choice

    def _add_choice(self, choice: WirePieceChoice) -> str:
        self._choice.finish_reason = choice.finish_reason or self._choice.finish_reason
        self._choice.logprobs = self._choice.logprobs or choice.logprobs
        for call in choice.delta.tool_calls or ():
            self._add_call(call)
        text = choice.delta.text
        if text:
            self._text.append(text)
        return text

    def _add_call(self, piece: WireCall) -> None:
        position = self._position(piece)
        known = self._calls.setdefault(position, WireCall(function=WireFunction()))
        function = piece.function or WireFunction()
        known.id = known.id or piece.id
        if known.function and not known.function.name:
            known.function.name = function.name
        arguments = function.arguments
        if arguments:
            text = json.dumps(arguments, ensure_ascii=False) if isinstance(arguments, dict) else arguments
            self._arguments.setdefault(position, []).append(text)

    def _position(self, piece: WireCall) -> int:
        if piece.index is not None:
            return piece.index
        last = max(self._calls, default=-1)
        begins_another = piece.id is not None and (last < 0 or self._calls[last].id != piece.id)
        return last + 1 if begins_another or last < 0 else last

    def _whole_call(self, position: int) -> WireCall:
        call = self._calls[position]
        if call.function:
            call.function.arguments = "".join(self._arguments.get(position, ()))
        return call


async def assemble(
    events: AsyncIterator[object], watcher: Watcher, *, first_seconds: float, idle_seconds: float
) -> Assembly:
    """Read a stream to its end, handing its text to the watcher as it arrives.

    Args:
        events: the stream's events as JSON values.
        watcher: takes the text.
        first_seconds: longest wait for the first event.
        idle_seconds: longest wait between two events; bytes that make no event do not count.

    Raises:
        AttemptFailed: the stream stalled, broke off, or holds something that is no event.
        openai.APIError: the server reported an error in the middle.
    """
    assembly = Assembly()
    patience = first_seconds
    try:
        while True:
            async with asyncio.timeout(patience):
                event = await anext(events)
            text = assembly.add(WirePiece.model_validate(event))
            if text:
                watcher.text(text)
            patience = idle_seconds
    except StopAsyncIteration:
        return assembly
    except TimeoutError as error:
        raise AttemptFailed(f"the stream stood still for {patience:g} s") from error
    except openai.APIConnectionError as error:
        raise AttemptFailed("the stream broke off") from error
    except (ValidationError, json.JSONDecodeError) as error:
        raise AttemptFailed("the stream holds something that is no chat completion", attempts=3) from error
