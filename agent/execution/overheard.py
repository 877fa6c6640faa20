"""What a run asks its models, word for word, for those who listen to its replay."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript


class Overheard(NamedTuple):
    """One model call of a run with its reply. ``messages`` goes on growing; what was sent is how it is now."""

    key: str
    role: str
    messages: Transcript
    tools: Sequence[ToolSpec]
    response_format: ResponseFormat | None
    options: CallOptions
    reply: Reply


Listener = Callable[[Overheard], None]
