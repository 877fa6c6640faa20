"""Keeping a transcript inside the model's context: older tool results become references that can be opened again.

Where that is not enough, fewer of the newest messages are spared; then single results and arguments are cut. All sizes
are bytes of JSON, so that they follow from what is recorded.
"""

from typing import Any

from agent.domain.messages import Message, Transcript, canonical, pictures_of
from agent.execution.pictures import without_pictures
from agent.models.fence import fenced, unfenced

BYTES_PER_TOKEN = 3.5
"""Taken where no server has counted; text that takes more tokens than this is measured by what was counted."""

_FEWEST_BYTES_PER_TOKEN = 1.0
_WORTH_REMOVING = 400
_FOR_THE_REPLY = 1 / 8
_LEAST = 1 / 8
_ONE_RESULT = 1 / 4
_PICTURES_FROM = 500
_MEASURES = ((8, None), (4, None), (2, None), (0, 8_000), (0, 2_000), (0, 500))
"""How many of the newest messages are spared, and how long the rest of a conversation's pieces may be. Pictures that
nobody has seen yet are left out with the last measure alone."""


def bytes_per_token(size: int, counted: int) -> float:
    """Return how many bytes a token has in a request of ``size`` bytes for which a server counted so many tokens."""
    return BYTES_PER_TOKEN if counted <= 0 else max(_FEWEST_BYTES_PER_TOKEN, min(BYTES_PER_TOKEN, size / counted))


def room_for(context: int, *, share: float, tools: int, density: float = BYTES_PER_TOKEN) -> int:
    """Return how many bytes a transcript may take.

    Args:
        context: the model's context length in tokens.
        share: the share of it that a transcript may take.
        tools: bytes that the descriptions of the tools take besides.
        density: bytes per token.
    """
    beside = context * (1 - _FOR_THE_REPLY) - tools / density
    return int(min(context * share, max(beside, context * _LEAST)) * density)


def longest_result(context: int) -> int:
    """Return how many bytes a single tool result may take in a context of so many tokens."""
    return int(context * _ONE_RESULT * BYTES_PER_TOKEN)


def compacted(transcript: Transcript, *, room: int) -> Transcript:
    """Return a transcript that takes no more than ``room`` bytes, as far as leaving out tool results can achieve it.

    The newest messages stay whole where they can. Results the model has not seen yet are cut, but never left out.
    """
    unseen = 0
    while unseen < len(transcript) and transcript[-1 - unseen]["role"] != "assistant":
        unseen += 1
    shorter = transcript
    for kept, longest in _MEASURES:
        cut = len(transcript) - max(kept, unseen)
        shorter = Transcript([_measured(m, older=i < cut, longest=longest) for i, m in enumerate(transcript)])
        if shorter.size <= room:
            break
    return shorter


def shortened(text: str, longest: int, *, hint: str = "") -> str:
    """Return a text of more than ``longest`` bytes as its beginning and end, with what is missing between them."""
    data = text.encode(errors="replace")
    if len(data) <= longest:
        return text
    start = data[: longest * 3 // 4].decode(errors="ignore")
    end = data[len(data) - longest // 4 :].decode(errors="ignore")
    return f"{start}\n[... {len(text) - len(start) - len(end):,} characters left out{hint} ...]\n{end}"


def _measured(message: Message, *, older: bool, longest: int | None) -> Message:
    content = message.get("content")
    if message["role"] == "tool" and isinstance(content, str):
        if older and len(content) > _WORTH_REMOVING:
            first_line = content.split("\n", 1)[0]
            return {
                **message,
                "content": f"{first_line[:200]}\n(the rest was removed to save space; recall it by its id)",
            }
        return message if longest is None else {**message, "content": _cut_result(content, longest)}
    if message["role"] == "user" and pictures_of(message):
        return without_pictures(message) if older or (longest is not None and longest <= _PICTURES_FROM) else message
    if message["role"] == "assistant" and longest is not None:
        return _cut_reply(message, longest)
    return message


def _cut_result(content: str, longest: int) -> str:
    if (parts := unfenced(content)) is None:
        return shortened(content, longest)
    head, body, tail = parts
    return f"{head}{fenced(shortened(body, longest, hint=' to save space; recall it by its id'))}{tail}"


def _cut_reply(message: Message, longest: int) -> Message:
    cut: Message = dict(message)
    if isinstance(message.get("content"), str):
        cut["content"] = shortened(message["content"], longest)
    if "tool_calls" in message:
        cut["tool_calls"] = [_cut_call(call, longest) for call in message["tool_calls"]]
    return cut


def _cut_call(call: dict[str, Any], longest: int) -> dict[str, Any]:
    written = call["function"]["arguments"]
    if len(written) <= longest:
        return call
    # the arguments of a past call must still be JSON for servers that parse them
    note = {"removed_to_save_space": f"{len(written)} characters", "beginning": written[: longest // 4]}
    return {**call, "function": {**call["function"], "arguments": canonical(note).decode()}}
