"""What the ledger could not give back as it was written: lone surrogates, and numbers that no reader of JSON takes."""

import math
import re
from typing import Any

from agent.domain.messages import Reply, ToolCall

_LONE = re.compile(r"[\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_LARGEST = 10**300


def unstorable(value: Any) -> str | None:
    """Return in a few words what a JSON value holds that cannot be stored; None when it holds nothing of that kind."""
    left = [value]
    while left:
        item = left.pop()
        match item:
            case str() if (found := _LONE.search(item)) is not None:
                return f"\\u{ord(found[0]):04x} is half of a character"
            case int() if abs(item) > _LARGEST:
                return f"a number of more than {len(str(_LARGEST)) - 1} digits"
            case float() if not math.isfinite(item):
                return f"{item} is no number of JSON"
            case dict():
                left += [*item, *item.values()]
            case list():
                left += item
            case _:
                pass
    return None


def storable_reply(reply: Reply) -> Reply:
    """Return a reply with lone surrogates, which have no form in UTF-8, replaced by the replacement character."""
    text, calls = _whole(reply.text), tuple(_whole_call(call) for call in reply.calls)
    if (text, calls) == (reply.text, reply.calls):
        return reply
    return reply.model_copy(update={"text": text, "calls": calls})


def _whole_call(call: ToolCall) -> ToolCall:
    return ToolCall(id=_whole(call.id), name=_whole(call.name), arguments=_whole(call.arguments))


def _whole(text: str) -> str:
    return _LONE.sub(_REPLACEMENT, text)
