"""Makes a model from its settings; a backend's libraries are imported when one of its models is made."""

import os
from collections.abc import Mapping
from pathlib import Path

from agent.domain.errors import ConfigurationError
from agent.models.config import (
    OFFICIAL_SERVER,
    EmbeddedConfig,
    ModelConfig,
    NoModelConfig,
    OpenAIConfig,
    PersonConfig,
    server_address,
)
from agent.models.no_model import NoModel
from agent.models.port import ChatModel


def build_model(name: str, config: ModelConfig, home: Path, environment: Mapping[str, str] = os.environ) -> ChatModel:
    """Return the model that settings describe. Nothing is contacted or started yet.

    Args:
        name: what settings, events and reports call the model.
        config: its settings.
        home: the product's data folder, where embedded weights are.
        environment: holds keys and ``OPENAI_BASE_URL``.

    Raises:
        ConfigurationError: a key is missing, or an address is wrong.
    """
    match config:
        case OpenAIConfig():
            return _openai(name, config, environment)
        case EmbeddedConfig():
            from agent.models.embedded.model import EmbeddedModel
            from agent.models.tool_modes import with_tool_mode

            return with_tool_mode(EmbeddedModel(name, config, home))
        case PersonConfig():
            return _person(name, config)
        case NoModelConfig():
            return NoModel()


def _openai(name: str, config: OpenAIConfig, environment: Mapping[str, str]) -> ChatModel:
    from agent.models.openai_compatible import OpenAICompatible
    from agent.models.tool_modes import with_tool_mode

    base_url = config.base_url or base_url_of(environment)
    key = environment.get(config.api_key_env) if config.api_key_env else None
    if not key and base_url is None:
        raise ConfigurationError(
            f"{config.model} needs a key for {OFFICIAL_SERVER}: set {config.api_key_env or 'api_key_env'},"
            f" or name a server of your own: --model {config.model}@http://127.0.0.1:8000/v1"
        )
    return with_tool_mode(OpenAICompatible(name, config.model_copy(update={"base_url": base_url}), key=key or None))


def base_url_of(environment: Mapping[str, str]) -> str | None:
    """Return the server that the environment names, or None for the official one.

    Raises:
        ConfigurationError: what it names is no address.
    """
    given = environment.get("OPENAI_BASE_URL")
    if not given:
        return None
    try:
        return server_address(given)
    except ValueError as error:
        raise ConfigurationError(f"OPENAI_BASE_URL: {error}") from None


def _person(name: str, config: PersonConfig) -> ChatModel:
    if config.folder is not None:
        from agent.models.person.folder import FolderPerson

        return FolderPerson(name, config.folder)
    from agent.models.person.terminal import TerminalPerson

    return TerminalPerson(name)
