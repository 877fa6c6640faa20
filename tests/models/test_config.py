from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from agent.domain.errors import UsageError
from agent.models.config import EmbeddedConfig, ModelConfig, OpenAIConfig, PersonConfig, parse_model, server_address


@pytest.mark.parametrize(
    ("argument", "config"),
    [
        ("embedded", EmbeddedConfig(weights="qwen2.5-coder-1.5b")),
        ("embedded:0.5b", EmbeddedConfig(weights="qwen2.5-coder-0.5b")),
        ("embedded:qwen2.5-coder-0.5b", EmbeddedConfig(weights="qwen2.5-coder-0.5b")),
        ("person", PersonConfig()),
        ("person:answers/today", PersonConfig(folder=Path("answers/today"))),
        ("gpt-x", OpenAIConfig(model="gpt-x")),
        ("qwen3:8b", OpenAIConfig(model="qwen3:8b")),
        ("google/gemini@001", OpenAIConfig(model="google/gemini@001")),
        (
            "qwen3:8b@http://127.0.0.1:11434/v1/",
            OpenAIConfig(model="qwen3:8b", base_url="http://127.0.0.1:11434/v1"),
        ),
        ("m@http://localhost:8000", OpenAIConfig(model="m", base_url="http://localhost:8000/v1")),
    ],
)
def test_a_model_argument_stands_for_settings(argument: str, config: ModelConfig) -> None:
    assert parse_model(argument) == config


@pytest.mark.parametrize("argument", ["", "   ", "two words", "@http://localhost:8000/v1", "embedded:70b", "m@http://"])
def test_a_model_argument_that_is_none_gets_one_line(argument: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_model(argument)
    assert "\n" not in str(caught.value)


def test_settings_choose_their_backend_by_name() -> None:
    adapter: TypeAdapter[ModelConfig] = TypeAdapter(ModelConfig)
    assert adapter.validate_python({"backend": "embedded", "low_memory": True}) == EmbeddedConfig(low_memory=True)


@pytest.mark.parametrize(
    "settings",
    [
        {"backend": "other"},
        {"backend": "openai"},
        {"backend": "openai", "model": "m", "unknown": 1},
        {"backend": "openai", "model": "m", "base_url": "localhost:8000"},
        {"backend": "openai", "model": "m", "base_url": "http://me:password@localhost:8000/v1"},
        {"backend": "openai", "model": "m", "extra_body": {"messages": []}},
        {"backend": "embedded", "reply_seconds": 30},
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, object]) -> None:
    adapter: TypeAdapter[ModelConfig] = TypeAdapter(ModelConfig)
    with pytest.raises(ValidationError):
        adapter.validate_python(settings)


def test_an_address_without_a_path_means_v1() -> None:
    assert server_address("http://h:1") == "http://h:1/v1"
    assert server_address("https://h/api/openai/") == "https://h/api/openai"
