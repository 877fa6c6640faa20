"""What a scripted server answers: a ``Reply`` in good order, or one of the faults below."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.domain.messages import Reply, ToolCall

BYTES_PER_TOKEN = 4


@dataclass(frozen=True)
class Paced:
    """A reply after ``first`` seconds, and as many times ``per_token`` as it has tokens of about four bytes.

    Streamed, the tokens' time is spread over its pieces, which follow each other ``between`` seconds apart besides.
    """

    reply: Reply
    first: float = 0.0
    between: float = 0.0
    per_token: float = 0.0

    @property
    def writing(self) -> float:
        """Seconds that its tokens take."""
        written = [self.reply.text, *(f"{call.name}{call.arguments}" for call in self.reply.calls)]
        return self.per_token * sum(len(text.encode()) for text in written) / BYTES_PER_TOKEN


@dataclass(frozen=True)
class Payload:
    """An answer made of any JSON value, such as an error object or a completion without choices."""

    value: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """An answer made of any bytes, such as an HTML page."""

    body: bytes
    status: int = 200
    content_type: str = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Reset:
    """The connection is reset instead of an answer."""


@dataclass(frozen=True)
class Hang:
    """No answer as long as the client waits."""


@dataclass(frozen=True)
class Drip:
    """A reply that arrives byte by byte, with ``seconds`` between two bytes."""

    reply: Reply
    seconds: float = 1.0


@dataclass(frozen=True)
class Truncated:
    """A reply that ends after ``share`` of its pieces or bytes.

    ``abrupt`` closes the connection in the middle; otherwise the answer ends as if it were complete, which is what a
    proxy makes of it.
    """

    reply: Reply
    share: float = 0.5
    abrupt: bool = True


@dataclass(frozen=True)
class NoDone:
    """A streamed reply without usage and without the final ``[DONE]``."""

    reply: Reply


Step = Reply | Paced | Payload | Raw | Reset | Hang | Drip | Truncated | NoDone
Script = Iterable[Step] | Callable[[dict[str, Any], int], Step]
"""Steps in order, or a function of the request and its number, counted from 0."""


def error(status: int, message: str, **headers: str) -> Payload:
    """Return an error answer in OpenAI's form; underscores in header names become hyphens."""
    return Payload(
        {"error": {"message": message, "type": "error", "code": None}},
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def say(text: str) -> Reply:
    """Return a reply that is text."""
    return Reply(text=text)


def call(name: str, /, **arguments: Any) -> Reply:
    """Return a reply that calls one function."""
    return calls((name, arguments))


def calls(*wanted: tuple[str, Any]) -> Reply:
    """Return a reply that calls several functions; arguments given as text are written as they are."""
    made = tuple(
        ToolCall(id=f"call_{n}", name=name, arguments=given if isinstance(given, str) else json.dumps(given))
        for n, (name, given) in enumerate(wanted)
    )
    return Reply(calls=made, finish="calls")
