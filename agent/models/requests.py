"""What a request to a model is: its digest, and whether requests are allowed at all."""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from agent.domain.errors import ConfigurationError
from agent.domain.messages import CallOptions, ResponseFormat, ToolSpec, Transcript, canonical

T = TypeVar("T")


class PerTools(Generic[T]):
    """Remembers what was computed for a list of tools, for as many lists as ``size``.

    A run passes the same few tool objects thousands of times; they are told apart by identity, which costs far less
    than comparing their schemas. The remembered tools are kept alive, so that an identity cannot be reused.
    """

    def __init__(self, compute: Callable[[Sequence[ToolSpec]], T], size: int = 64) -> None:
        self._compute = compute
        self._size = size
        self._known: OrderedDict[tuple[int, ...], tuple[tuple[ToolSpec, ...], T]] = OrderedDict()

    def __call__(self, tools: Sequence[ToolSpec]) -> T:
        """Return the value for these tools, computing it at most once while it is remembered."""
        key = tuple(map(id, tools))
        known = self._known.get(key)
        if known is None:
            known = (tuple(tools), self._compute(tools))
            self._known[key] = known
            if len(self._known) > self._size:
                self._known.popitem(last=False)
        return known[1]


def _digest_of_tools(tools: Sequence[ToolSpec]) -> bytes:
    return hashlib.sha256(canonical([tool.as_function() for tool in tools])).digest()


# memory of a pure function: two callers can never see a difference
_tools_digest = PerTools(_digest_of_tools, size=256)


def request_digest(
    messages: Transcript,
    tools: Sequence[ToolSpec] = (),
    response_format: ResponseFormat | None = None,
    options: CallOptions = CallOptions(),
) -> str:
    """Return the SHA-256 of what a model is asked, as 64 hexadecimal digits.

    It covers the messages, the tools, the response format and the tool choice: everything that decides which replies
    fit. It does not cover which model answers nor how (temperature, limits), so that a recording stays valid for them.
    """
    digest = hashlib.sha256(b"request/1")
    digest.update(messages.digest.encode())
    digest.update(_tools_digest(tools))
    digest.update(canonical([response_format.model_dump() if response_format else None, options.tool_choice]))
    return digest.hexdigest()


def require_model_requests() -> None:
    """Return if requests to models are allowed.

    Raises:
        ConfigurationError: the environment sets ``ALLOW_MODEL_REQUESTS=0``, as tests do.
    """
    if os.environ.get("ALLOW_MODEL_REQUESTS") == "0":
        raise ConfigurationError(
            "requests to models are forbidden here by ALLOW_MODEL_REQUESTS=0; unset it to allow them"
        )
