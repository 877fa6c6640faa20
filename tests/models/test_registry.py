import subprocess
import sys
from pathlib import Path

import pytest

from agent.domain.errors import ConfigurationError
from agent.models.config import EmbeddedConfig, OpenAIConfig, PersonConfig
from agent.models.port import ChatModel, Profile
from agent.models.registry import build_model
from agent.models.testing.script import say
from agent.models.testing.scripted_server import ScriptedServer
from tests.models.helpers import question


def test_every_backend_makes_a_chat_model(tmp_path: Path) -> None:
    configs = (
        OpenAIConfig(model="m", base_url="http://127.0.0.1:1/v1"),
        EmbeddedConfig(),
        PersonConfig(),
        PersonConfig(folder=tmp_path / "seat"),
    )
    models = [build_model("main", config, tmp_path, {}) for config in configs]
    assert [model.name for model in models] == ["main"] * 4
    assert all(isinstance(model, ChatModel) for model in models)


def test_the_embedded_model_is_limited_and_guided(tmp_path: Path) -> None:
    profile = build_model("main", EmbeddedConfig(context=2048), tmp_path).profile
    assert profile == Profile(
        tool_mode="json", strategy="guided", limited=True, context=2048, weights=EmbeddedConfig().weights
    )


def test_the_official_server_needs_a_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gpt-x needs a key .* set OPENAI_API_KEY"):
        build_model("main", OpenAIConfig(model="gpt-x"), tmp_path, {"OPENAI_API_KEY": ""})


def test_a_wrong_address_in_the_environment_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="OPENAI_BASE_URL: 'localhost' is no address"):
        build_model("main", OpenAIConfig(model="m"), tmp_path, {"OPENAI_BASE_URL": "localhost"})


async def test_key_and_address_come_from_the_environment(tmp_path: Path) -> None:
    async with ScriptedServer([say("hi")]) as server:
        environment = {"OPENAI_BASE_URL": server.base_url, "MY_KEY": "sk-1"}
        model = build_model("main", OpenAIConfig(model="m", api_key_env="MY_KEY"), tmp_path, environment)
        reply = await model.complete(question())
        await model.close()
    assert reply.text == "hi"
    assert server.requests[0].headers["authorization"] == "Bearer sk-1"


@pytest.mark.parametrize("module", ["agent.models.config", "agent.models.registry", "agent.models.detection"])
def test_settings_can_be_read_without_loading_any_backend(module: str) -> None:
    heavy = "{'openai', 'aiohttp', 'httpx2', 'xllamacpp', 'jsonschema', 'tenacity'}"
    code = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
