"""A model that answers with what was recorded."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

from agent.domain.errors import ReplayDivergence
from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript
from agent.models.port import Profile, Watcher
from agent.models.requests import request_digest

_LONGEST_QUOTE = 120


class CassetteModel:
    """A ``ChatModel`` over recorded pairs of ``request_digest`` and reply.

    Equal requests get their replies in the order in which they were recorded.
    """

    def __init__(self, name: str, recorded: Iterable[tuple[str, Reply]], profile: Profile | None = None) -> None:
        self._name = name
        self._profile = profile or Profile(tool_mode="native")
        self._replies: defaultdict[str, deque[Reply]] = defaultdict(deque)
        for digest, reply in recorded:
            self._replies[digest].append(reply)

    @property
    def name(self) -> str:
        """Name by which settings, events and reports call this model."""
        return self._name

    @property
    def profile(self) -> Profile:
        """What the recorded model could do."""
        return self._profile

    async def complete(
        self,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        watcher: Watcher | None = None,
    ) -> Reply:
        """Return the reply recorded for an equal request.

        Raises:
            ReplayDivergence: there is none, or all of them were given already.
        """
        digest = request_digest(messages, tools, response_format, options)
        if digest not in self._replies:
            raise ReplayDivergence(f"the cassette holds no reply to {_described(digest, messages, tools)}")
        replies = self._replies[digest]
        if not replies:
            raise ReplayDivergence(f"the cassette holds no further reply to {_described(digest, messages, tools)}")
        return replies.popleft()

    async def close(self) -> None:
        """Nothing to free."""


def _described(digest: str, messages: Transcript, tools: Sequence[ToolSpec]) -> str:
    names = ", ".join(tool.name for tool in tools) or "none"
    last = messages[-1] if len(messages) else {"role": "nobody", "content": ""}
    said = " ".join(str(last.get("content") or "a call").split())
    quote = said if len(said) <= _LONGEST_QUOTE else f"{said[:_LONGEST_QUOTE]}..."
    return f"request {digest[:12]} ({len(messages)} messages, the last from {last['role']}: {quote!r}; tools: {names})"
