"""Keeping a transcript inside the model's context: older tool results become references that can be opened again."""

from agent.domain.messages import Message, Transcript

_KEPT_AT_END = 8
_WORTH_REMOVING = 400
_BYTES_PER_TOKEN = 3.5


def is_too_long(transcript: Transcript, *, context: int, share: float, counted: int = 0) -> bool:
    """Return whether a transcript takes more than a share of the context.

    Args:
        transcript: the conversation.
        context: the model's context length in tokens.
        share: the share it may take.
        counted: tokens the server counted for it, if it did; else they are estimated from its length.
    """
    return max(counted, transcript.size / _BYTES_PER_TOKEN) > context * share


def compacted(transcript: Transcript) -> Transcript:
    """Return a transcript whose older tool results are replaced by references; the newest messages stay whole."""
    cut = max(0, len(transcript) - _KEPT_AT_END)
    return Transcript([_shortened(m) if i < cut else m for i, m in enumerate(transcript)])


def _shortened(message: Message) -> Message:
    content = message.get("content")
    if message["role"] != "tool" or not isinstance(content, str) or len(content) <= _WORTH_REMOVING:
        return message
    first_line = content.split("\n", 1)[0]
    return {**message, "content": f"{first_line[:200]}\n(the rest was removed to save space; recall it by its id)"}
