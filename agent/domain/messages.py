"""What goes to a model and what comes back.

Messages are JSON-ready dictionaries in the shape of OpenAI chat completions, because they are sent, hashed and stored
as such thousands of times a run; everything that comes *back* from a model is a validated model.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, overload

import orjson
from pydantic import Field, JsonValue

from agent.domain.base import Fact
from agent.domain.budget import Usage

Message = dict[str, Any]
"""One chat message: ``role`` is system, user, assistant or tool; JSON values only."""

PICTURE = "picture"
"""Type of the part of a message that refers to a picture. It goes to no server: the bytes take its place before."""

_PIXELS_PER_TOKEN = 750
_LEAST_TOKENS = 85
_MOST_TOKENS = 1_600
_BYTES_PER_TOKEN = 3.5


class ToolCall(Fact):
    """A function call written by a model. ``arguments`` is the text as written, not yet validated."""

    id: str
    name: str
    arguments: str


class ToolSpec(Fact):
    """A function a model may call. ``parameters`` is a JSON Schema of type object."""

    name: str
    description: str
    parameters: dict[str, JsonValue]

    def as_function(self) -> dict[str, Any]:
        """Return the entry of a chat completion's ``tools`` list."""
        return {
            "type": "function",
            "function": {"name": self.name, "description": self.description, "parameters": self.parameters},
        }


class Picture(Fact):
    """A picture that a tool gave back; ``sha256`` names the blob with its bytes. Width and height are in pixels."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: Literal["image/png", "image/jpeg", "image/gif", "image/webp"]
    width: int = Field(ge=1)
    height: int = Field(ge=1)

    @property
    def weight(self) -> int:
        """Return how many bytes of text take about as much of a model's context as this picture."""
        tokens = self.width * self.height / _PIXELS_PER_TOKEN
        return int(max(_LEAST_TOKENS, min(tokens, _MOST_TOKENS)) * _BYTES_PER_TOKEN)

    def as_part(self) -> dict[str, Any]:
        """Return the part of a message that stands for the picture until it is sent."""
        return {"type": PICTURE, **self.model_dump()}


class ToolOutcome(Fact):
    """What a tool call gave: ``text`` is what a model reads, ``data`` the same for programs, ``images`` what it drew.

    ``ok`` is False when the tool failed in a way the model can react to; ``error`` then names the kind of failure.
    """

    ok: bool = True
    text: str
    data: dict[str, JsonValue] = Field(default_factory=dict)
    images: tuple[Picture, ...] = ()
    error: str | None = None


class TokenChoice(Fact):
    """One alternative for the first token of a reply, with its natural log-probability."""

    token: str
    logprob: float


class Reply(Fact):
    """A model's complete answer.

    ``finish`` is ``length`` when the answer was cut, in which case its last part must not be trusted; ``filtered`` when
    the server refused, and ``unavailable`` when it could not be reached, where the text says why.
    ``first_token`` holds the alternatives of the first token where log-probabilities were asked for. ``model`` is what
    the server calls the model; ``by`` is what the settings call it, and ``limited`` that it can do guided tasks only,
    both known once the reply belongs to a run.
    """

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    finish: Literal["stop", "calls", "length", "filtered", "unavailable"] = "stop"
    model: str = ""
    by: str = ""
    limited: bool = False
    usage: Usage = Field(default_factory=Usage)
    first_token: tuple[TokenChoice, ...] = ()

    def as_message(self) -> Message:
        """Return the assistant message that stands for this reply in a transcript."""
        message: Message = {"role": "assistant", "content": self.text or None}
        if self.calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in self.calls
            ]
        return message


class CallOptions(Fact):
    """How to call a model, beside what to ask it.

    Attributes:
        tool_choice: ``auto``, ``required``, or the name of the one function to call.
        max_tokens: longest reply; None leaves it to the server.
        temperature: None leaves it to the model's settings.
        top_logprobs: how many alternatives of the first token to return (0: none).
    """

    tool_choice: str = "auto"
    max_tokens: int | None = None
    temperature: float | None = None
    top_logprobs: int = 0


class ResponseFormat(Fact):
    """A JSON Schema that the whole reply text must satisfy."""

    name: str
    json_schema: dict[str, JsonValue]


class Transcript(Sequence[Message]):
    """An append-only list of messages that knows its digest and its JSON.

    Both are kept up to date message by message, so that neither the cost of recording a request nor that of sending it
    grows with the square of the conversation's length.
    """

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self._messages: list[Message] = []
        self._pieces: list[bytes] = []
        self._length = 0
        self._chain = hashlib.sha256(b"transcript/1")
        self._pictures = 0
        self.extend(messages)

    def append(self, message: Message) -> None:
        """Add one message at the end."""
        self._messages.append(message)
        self._chain.update(canonical(message))
        # apart, so that a long conversation is never copied to make room for one more message
        self._pieces.append((b"," if self._pieces else b"[") + wire_json(message))
        self._length += len(self._pieces[-1])
        self._pictures += sum(picture.weight for picture in pictures_of(message))

    def extend(self, messages: Iterable[Message]) -> None:
        """Add several messages at the end."""
        for message in messages:
            self.append(message)

    @property
    def digest(self) -> str:
        """SHA-256 over all messages in order, as 64 hexadecimal digits."""
        return self._chain.hexdigest()

    @property
    def size(self) -> int:
        """Length of the messages as JSON, in bytes, and what their pictures weigh."""
        return (self._length or 1) + 1 + self._pictures

    @property
    def illustrated(self) -> bool:
        """Whether any message refers to a picture."""
        return self._pictures > 0

    def json(self) -> bytes:
        """Return the messages as one JSON array, in UTF-8."""
        return b"".join(self.json_pieces())

    def json_pieces(self) -> list[bytes]:
        """Return the pieces of that JSON, for those who put it into something larger."""
        return [*(self._pieces or [b"["]), b"]"]

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> list[Message]: ...
    def __getitem__(self, index: int | slice) -> Message | list[Message]:
        return self._messages[index]

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages)


def pictures_of(message: Message) -> list[Picture]:
    """Return the pictures that a message refers to."""
    content = message.get("content")
    if not isinstance(content, list):
        return []
    return [
        Picture.model_validate({name: value for name, value in part.items() if name != "type"})
        for part in content
        if part.get("type") == PICTURE
    ]


def canonical(value: object) -> bytes:
    """Return the one JSON form of a value that digests are taken over: UTF-8, sorted keys, no spaces.

    Raises:
        TypeError: the value is not made of JSON types (the standard library names the offender).
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # orjson refuses integers beyond 64 bits and lone surrogates, both of which a model may write
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def wire_json(value: object) -> bytes:
    """Return a value as JSON for a request: UTF-8, keys in their own order."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def digest_of(value: object) -> str:
    """Return the SHA-256 of a value's canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()
