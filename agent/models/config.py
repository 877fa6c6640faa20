"""Settings of a model: one class per backend, told apart by ``backend``."""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, JsonValue, field_validator

from agent.domain.base import Form
from agent.domain.budget import Price
from agent.domain.errors import UsageError
from agent.models.port import Profile

OFFICIAL_SERVER = "https://api.openai.com/v1"

NO_MODEL = "none"
"""Name by which settings, events and reports call that there is no model."""

WeightsName = Literal["qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b"]
RESERVED = frozenset({"messages", "tools", "stream", "stream_options", "model"})
"""Fields of a request that ``extra_body`` must not set, because the adapter's own meaning depends on them."""


class RetryPolicy(Form):
    """How often and how long a failed call is repeated. All times in seconds."""

    deadline_seconds: float = Field(default=300, gt=0, description="longest time for one call with all its repetitions")
    first_wait_seconds: float = Field(default=0.5, gt=0, description="wait before the first repetition, then doubling")
    longest_wait_seconds: float = Field(default=30, gt=0, description="longest wait that we choose ourselves")
    attempts: int | None = Field(default=None, ge=1, description="most attempts; None leaves it to the deadline")


class OpenAIConfig(Form):
    """A model behind any server that speaks OpenAI chat completions."""

    backend: Literal["openai"] = "openai"
    model: str = Field(min_length=1, description="model name as the server knows it")
    base_url: str | None = Field(
        default=None, description="address up to and including /v1; None: $OPENAI_BASE_URL, else the official server"
    )
    api_key_env: str | None = Field(
        default="OPENAI_API_KEY", description="environment variable that holds the key; None sends no key"
    )
    profile: Profile = Field(default_factory=Profile)
    price: Price = Field(default_factory=Price, description="price per million tokens, for the run's cost")
    temperature: float | None = Field(default=None, ge=0, description="used where a call asks for none of its own")
    sends_temperature: bool = Field(default=True, description="False for models that reject any temperature")
    max_tokens: int | None = Field(default=None, ge=1, description="longest reply where a call sets no limit")
    max_tokens_field: Literal["auto", "max_tokens", "max_completion_tokens"] = Field(
        default="auto", description="name of that limit on the wire; auto: the newer name for the official server only"
    )
    connect_seconds: float = Field(default=10, gt=0, description="longest wait for a connection")
    reply_seconds: float = Field(default=240, gt=0, description="longest wait for a reply, or for its first piece")
    idle_seconds: float = Field(default=60, gt=0, description="longest pause between two pieces of a streamed reply")
    retry: RetryPolicy = Field(default_factory=RetryPolicy)
    extra_body: dict[str, JsonValue] = Field(default_factory=dict, description="further fields of every request")

    @field_validator("extra_body")
    @classmethod
    def _leaves_our_fields(cls, extra: dict[str, JsonValue]) -> dict[str, JsonValue]:
        taken = sorted(RESERVED & extra.keys())
        if taken:
            raise ValueError(f"extra_body cannot set {', '.join(taken)}; these have settings of their own")
        return extra

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, base_url: str | None) -> str | None:
        return None if base_url is None else server_address(base_url)


class EmbeddedConfig(Form):
    """The embedded model: weights fetched by ``plumbline model install``, run by a child process on this machine."""

    backend: Literal["embedded"] = "embedded"
    weights: WeightsName = Field(default="qwen2.5-coder-1.5b", description="name of the installed weights")
    low_memory: bool = Field(default=False, description="about 600 MB less memory for about a third of the speed")
    threads: int | None = Field(default=None, ge=1, description="None: one less than the cores, at least one")
    context: int = Field(default=4096, ge=512, le=32_768, description="longest prompt and reply together, in tokens")
    max_tokens: int = Field(default=1024, ge=1, description="longest reply where a call sets no limit")
    start_seconds: float = Field(default=120, gt=0, description="longest wait for the child process to be ready")
    reply_seconds: float = Field(default=600, ge=300, description="longest wait for a reply; it is not asked twice")


class PersonConfig(Form):
    """A person in the model's seat."""

    backend: Literal["person"] = "person"
    folder: Path | None = Field(default=None, description="folder for requests and responses; None: this terminal")


class NoModelConfig(Form):
    """No model at all: for what can be done without one, such as checking a text by its deterministic judges."""

    backend: Literal["none"] = "none"


class EmbeddingConfig(Form):
    """A model that turns texts into vectors, behind an OpenAI-compatible server."""

    model: str = Field(min_length=1, description="model name as the server knows it")
    base_url: str | None = Field(
        default=None, description="address up to and including /v1; None: $OPENAI_BASE_URL, else the official server"
    )
    api_key_env: str | None = Field(
        default="OPENAI_API_KEY", description="environment variable that holds the key; None sends no key"
    )
    reply_seconds: float = Field(default=15, gt=0, description="longest wait for a reply")

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, base_url: str | None) -> str | None:
        return None if base_url is None else server_address(base_url)


ModelConfig = Annotated[OpenAIConfig | EmbeddedConfig | PersonConfig | NoModelConfig, Field(discriminator="backend")]

_SHORT_NAMES: dict[str, WeightsName] = {
    "": "qwen2.5-coder-1.5b",
    "1.5b": "qwen2.5-coder-1.5b",
    "0.5b": "qwen2.5-coder-0.5b",
    "qwen2.5-coder-1.5b": "qwen2.5-coder-1.5b",
    "qwen2.5-coder-0.5b": "qwen2.5-coder-0.5b",
}


def parse_model(text: str) -> ModelConfig:
    """Return the settings that a ``--model`` argument stands for.

    Understood are ``embedded``, ``embedded:0.5b``, ``person``, ``person:FOLDER``, ``none``, ``NAME`` (on the configured
    OpenAI-compatible server) and ``NAME@BASE_URL``.

    Raises:
        UsageError: the text is none of these.
    """
    kind, _, rest = text.partition(":")
    if kind == "embedded":
        return EmbeddedConfig(weights=weights_name(rest))
    if kind == "person":
        return PersonConfig(folder=Path(rest) if rest else None)
    if text == NO_MODEL:
        return NoModelConfig()
    name, base_url = text, None
    # a model's name may hold an @ of its own, so only an address after the last one counts
    if match := re.fullmatch(r"(.*)@(https?://.*)", text, re.DOTALL):
        name = match[1]
        try:
            base_url = server_address(match[2])
        except ValueError as error:
            raise UsageError(f"--model {text!r}: {error}") from None
    if not name.strip() or re.search(r"\s", name):
        raise UsageError(f"--model {text!r} names no model; write NAME, NAME@BASE_URL, embedded or person")
    return OpenAIConfig(model=name, base_url=base_url)


def weights_name(text: str) -> WeightsName:
    """Return the full name of weights that a user calls by a short one such as ``0.5b``; empty means the default.

    Raises:
        UsageError: there are no such weights.
    """
    try:
        return _SHORT_NAMES[text.lower()]
    except KeyError:
        raise UsageError(f"there is no embedded model {text!r}; choose 1.5b or 0.5b") from None


def server_address(text: str) -> str:
    """Return a server's base URL in its one form: with a path (``/v1`` where none is given), without a final slash.

    Raises:
        ValueError: the text is no http or https address, or it holds a password.
    """
    parts = urlsplit(text.strip())
    if parts.username is not None or parts.password is not None:
        raise ValueError("a server's address cannot hold a password; put the key into an environment variable")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{text!r} is no address of a model server; write for example http://127.0.0.1:8000/v1")
    path = parts.path.rstrip("/") or "/v1"
    return parts._replace(path=path).geturl()
