"""The port every model is behind."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from pydantic import Field

from agent.domain.base import Fact, Form
from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript

ToolMode = Literal["auto", "native", "json", "rescued"]
Strategy = Literal["free", "guided"]


class Profile(Form):
    """What a model can do: declared in the settings or probed, never assumed.

    Attributes:
        tool_mode: ``native`` function calling; ``json``, a schema-constrained object that names tool and arguments;
            ``rescued``, calls printed as JSON inside the text; ``auto`` tries native and falls back to json when the
            server refuses tools.
        strategy: ``free``, the model drives the loop; ``guided``, the loop drives the model through typed steps.
        context: longest prompt and reply together, in tokens.
        limited: the model can do guided tasks only; its runs are labelled so.
        weights: name of the weights, where they are known; how sure a guided model must be is fitted to them.
    """

    tool_mode: ToolMode = "auto"
    vision: bool = False
    context: int = Field(default=128_000, ge=512)
    strategy: Strategy = "free"
    limited: bool = False
    weights: str = ""


class Retry(Fact):
    """A model call failed and will be repeated."""

    attempt: int = Field(ge=1)
    reason: str
    wait_seconds: float
    next_at: datetime


@runtime_checkable
class Watcher(Protocol):
    """Somebody who follows a call while it runs. Nothing they see is stored, except that retries become events."""

    @property
    def streaming(self) -> bool:
        """Whether anybody wants the text as it is written; a call that nobody watches is not streamed."""

    def text(self, piece: str) -> None:
        """Take the next piece of the reply's text."""

    def retry(self, notice: Retry) -> None:
        """Take notice of a failed attempt that will be repeated."""


@runtime_checkable
class ChatModel(Protocol):
    """A model that answers chats.

    Implementations: OpenAI-compatible servers, the embedded model, a person, a cassette.
    """

    @property
    def name(self) -> str:
        """Name by which settings, events and reports call this model."""

    @property
    def profile(self) -> Profile:
        """What this model can do."""

    async def complete(
        self,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        watcher: Watcher | None = None,
    ) -> Reply:
        """Return the model's reply to a conversation.

        Raises:
            ModelUnavailable: no usable reply within the total deadline.
            ModelRefused: the server rejects the request for good.
            ReplayDivergence: a cassette has no such request.
        """

    async def close(self) -> None:
        """Free connections and processes. The model cannot be used afterwards."""
