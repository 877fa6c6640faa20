"""A model whose replies are written down beforehand, for tests without a server."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from inspect import isawaitable

from agent.domain.budget import Usage
from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript
from agent.models.port import Profile, Watcher


@dataclass(frozen=True)
class Asked:
    """A request as a scripted model received it; ``messages`` is a copy of that moment."""

    messages: Transcript
    tools: tuple[ToolSpec, ...]
    response_format: ResponseFormat | None
    options: CallOptions


Turn = str | Reply | BaseException | Callable[[Asked], str | Reply | Awaitable[str | Reply]]


class ScriptedModel:
    """A ``ChatModel`` that plays turns in order: a text or reply is returned, an error raised, a function asked.

    Args:
        turns: what to do, call by call; or one function that answers every call.
        name: what settings, events and reports call the model.
        profile: what the model can do; None means native tools.

    Attributes:
        asked: all requests so far.
    """

    def __init__(
        self,
        turns: Iterable[Turn] | Callable[[Asked], str | Reply | Awaitable[str | Reply]],
        *,
        name: str = "scripted",
        profile: Profile | None = None,
    ) -> None:
        self._name = name
        self._profile = profile or Profile(tool_mode="native")
        self._every = turns if callable(turns) else None
        self._turns: tuple[Turn, ...] = () if callable(turns) else tuple(turns)
        self.asked: list[Asked] = []

    @property
    def name(self) -> str:
        """Name by which settings, events and reports call this model."""
        return self._name

    @property
    def profile(self) -> Profile:
        """What this model can do."""
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
        """Play the next turn.

        Raises:
            AssertionError: the script has no further turn.
        """
        asked = Asked(Transcript(messages), tuple(tools), response_format, options)
        self.asked.append(asked)
        reply = await self._played(asked)
        if watcher is not None and watcher.streaming and reply.text:
            watcher.text(reply.text)
        return reply

    async def close(self) -> None:
        """Nothing to free."""

    async def _played(self, asked: Asked) -> Reply:
        turn = self._every or self._next_turn()
        if isinstance(turn, BaseException):
            raise turn
        answer = turn(asked) if callable(turn) else turn
        given = await answer if isawaitable(answer) else answer
        reply = Reply(text=given) if isinstance(given, str) else given
        return reply if reply.usage.calls else reply.model_copy(update={"usage": Usage(calls=1)})

    def _next_turn(self) -> Turn:
        if len(self.asked) > len(self._turns):
            raise AssertionError(f"the script has {len(self._turns)} turns, and call {len(self.asked)} came")
        return self._turns[len(self.asked) - 1]
