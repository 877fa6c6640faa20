"""Finds a model when none is configured: a key, a local server, or the embedded model. Nothing is downloaded."""

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from agent.domain.base import Fact
from agent.domain.errors import ConfigurationError, ModelNotConfigured
from agent.models.config import EmbeddedConfig, ModelConfig, OpenAIConfig
from agent.models.embedded.weights import WEIGHTS, is_installed
from agent.models.port import Profile
from agent.models.registry import base_url_of

DEFAULT_MODEL = "gpt-5.4-mini"
"""Model of the official server where a key is all that is given; ``OPENAI_MODEL`` overrides it."""
CAUTIOUS_CONTEXT = 8192
"""Context assumed of a server that does not say; some cut longer prompts silently."""

_LOCAL_SECONDS = 0.5
_CONFIGURED_SECONDS = 5.0
_NO_CHAT = re.compile(r"embed|rerank|whisper|tts|moderation|dall-e", re.IGNORECASE)


class LocalServer(Fact):
    """A program that serves models on this machine, and the port it uses unless told otherwise."""

    title: str
    port: int

    @property
    def base_url(self) -> str:
        """Address for an OpenAI client."""
        return f"http://127.0.0.1:{self.port}/v1"


LOCAL_SERVERS = (
    LocalServer(title="Ollama", port=11434),
    LocalServer(title="vLLM", port=8000),
    LocalServer(title="llama.cpp", port=8080),
    LocalServer(title="LM Studio", port=1234),
)


class Detected(Fact):
    """A model that was found; ``source`` says where, in one line for the user."""

    config: ModelConfig
    source: str


class _Offered(BaseModel):
    id: str
    max_model_len: int | None = Field(default=None, ge=512)


class _Offers(BaseModel):
    data: list[_Offered]


async def detect(
    home: Path,
    environment: Mapping[str, str] = os.environ,
    servers: Sequence[LocalServer] = LOCAL_SERVERS,
) -> Detected:
    """Return the model to use when none is configured.

    Args:
        home: the product's data folder, where embedded weights are.
        environment: may hold ``OPENAI_API_KEY``, ``OPENAI_BASE_URL`` and ``OPENAI_MODEL``.
        servers: local servers to look for, the preferred one first.

    Raises:
        ConfigurationError: the environment names a server that offers no model.
        ModelNotConfigured: nothing was found; the message has three lines.
    """
    if environment.get("OPENAI_API_KEY") or environment.get("OPENAI_BASE_URL"):
        return await _configured(environment)
    found = await asyncio.gather(*(_offers(server.base_url, _LOCAL_SECONDS) for server in servers))
    for server, offered in zip(servers, found, strict=True):
        if (model := _chat_model(offered)) is not None:
            return _on_server(model, server.base_url, f"{model.id} on {server.title} at {server.base_url}")
    for weights in WEIGHTS.values():
        if is_installed(weights, home):
            return Detected(
                config=EmbeddedConfig.model_validate({"weights": weights.name}),
                source=f"embedded {weights.title} (limited mode)",
            )
    raise ModelNotConfigured(not_configured())


def not_configured() -> str:
    """Return the three lines that say how to get a model."""
    weights = next(iter(WEIGHTS.values()))
    ports = ", ".join(f"{server.title} ({server.port})" for server in LOCAL_SERVERS)
    return (
        "No model is configured. Set OPENAI_API_KEY, or OPENAI_BASE_URL for another server, or use --model NAME@URL;\n"
        f"or start a local server on its usual port: {ports};\n"
        f"or run `plumbline model install`: {weights.title}, {weights.size / 1e9:.1f} GB, {weights.licence},"
        " guided tasks only."
    )


async def _configured(environment: Mapping[str, str]) -> Detected:
    base_url = base_url_of(environment)
    named = environment.get("OPENAI_MODEL")
    if base_url is None or named:
        model = named or DEFAULT_MODEL
        where = base_url or "the official server"
        return Detected(config=OpenAIConfig(model=model), source=f"{model} at {where}")
    key = environment.get("OPENAI_API_KEY")
    offered = _chat_model(await _offers(base_url, _CONFIGURED_SECONDS, key=key))
    if offered is None:
        raise ConfigurationError(f"the server at {base_url} lists no model; name one with --model NAME@{base_url}")
    return _on_server(offered, base_url, f"{offered.id} at {base_url}", key_env="OPENAI_API_KEY" if key else None)


def _on_server(model: _Offered, base_url: str, source: str, *, key_env: str | None = None) -> Detected:
    profile = Profile(context=model.max_model_len or CAUTIOUS_CONTEXT)
    config = OpenAIConfig(model=model.id, base_url=base_url, api_key_env=key_env, profile=profile)
    return Detected(config=config, source=source)


def _chat_model(offered: Sequence[_Offered]) -> _Offered | None:
    return next((model for model in offered if not _NO_CHAT.search(model.id)), None)


async def _offers(base_url: str, seconds: float, *, key: str | None = None) -> Sequence[_Offered]:
    """Return the models that a server lists; none if there is no such server."""
    # the import takes a quarter of a second, which only those without a configured model should wait for
    import aiohttp

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds), trust_env=key is not None) as session,
            session.get(f"{base_url}/models", headers=headers, allow_redirects=False) as response,
        ):
            return _Offers.model_validate_json(await response.read()).data if response.status == 200 else ()
    except (aiohttp.ClientError, TimeoutError, ValidationError):
        return ()
