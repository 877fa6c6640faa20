import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from agent.domain.errors import ConfigurationError, ModelNotConfigured
from agent.models.config import EmbeddedConfig, OpenAIConfig
from agent.models.detection import CAUTIOUS_CONTEXT, DEFAULT_MODEL, LocalServer, detect
from agent.models.embedded.weights import WEIGHTS, weights_path
from agent.models.testing.script import Raw
from agent.models.testing.scripted_server import ScriptedServer

NOWHERE = LocalServer(title="nobody", port=1)


def port_of(server: ScriptedServer) -> int:
    return int(server.origin.rpartition(":")[2])


@pytest.fixture
async def servers() -> AsyncIterator[tuple[ScriptedServer, ScriptedServer]]:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(ScriptedServer([], models=("nomic-embed-text", "llama3")))
        second = await stack.enter_async_context(ScriptedServer([], models=("qwen3",)))
        yield first, second


def install(home: Path, name: str) -> None:
    path = weights_path(name, home)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(WEIGHTS[name].size)


async def test_a_key_comes_first(tmp_path: Path, servers: tuple[ScriptedServer, ScriptedServer]) -> None:
    local = [LocalServer(title="Ollama", port=port_of(servers[0]))]
    found = await detect(tmp_path, {"OPENAI_API_KEY": "k"}, local)
    assert found.config == OpenAIConfig(model=DEFAULT_MODEL)
    named = await detect(tmp_path, {"OPENAI_API_KEY": "k", "OPENAI_MODEL": "other"}, local)
    assert named.config == OpenAIConfig(model="other")


async def test_a_base_url_is_asked_for_its_models(
    tmp_path: Path, servers: tuple[ScriptedServer, ScriptedServer]
) -> None:
    found = await detect(tmp_path, {"OPENAI_BASE_URL": servers[1].base_url, "OPENAI_API_KEY": "k"}, [])
    assert isinstance(found.config, OpenAIConfig)
    assert (found.config.model, found.config.api_key_env) == ("qwen3", "OPENAI_API_KEY")


async def test_a_base_url_without_models_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=re.escape("lists no model; name one with --model NAME@http://127.0.0.1:1/v1")
    ):
        await detect(tmp_path, {"OPENAI_BASE_URL": "http://127.0.0.1:1"}, [])


async def test_the_preferred_local_server_wins_and_gets_no_key(
    tmp_path: Path, servers: tuple[ScriptedServer, ScriptedServer]
) -> None:
    first, second = servers
    local = [NOWHERE, LocalServer(title="Ollama", port=port_of(first)), LocalServer(title="vLLM", port=port_of(second))]
    found = await detect(tmp_path, {}, local)
    assert isinstance(found.config, OpenAIConfig)
    assert (found.config.model, found.config.base_url) == ("llama3", first.base_url)
    assert found.config.api_key_env is None
    assert found.config.profile.context == CAUTIOUS_CONTEXT
    assert found.source == f"llama3 on Ollama at {first.base_url}"


async def test_something_else_on_the_port_is_no_model_server(tmp_path: Path) -> None:
    async with ScriptedServer([Raw(b"<html>")], models=()) as server:
        with pytest.raises(ModelNotConfigured):
            await detect(tmp_path, {}, [LocalServer(title="llama.cpp", port=port_of(server))])


async def test_the_embedded_model_is_used_where_it_is_installed(tmp_path: Path) -> None:
    install(tmp_path, "qwen2.5-coder-0.5b")
    found = await detect(tmp_path, {}, [NOWHERE])
    assert found.config == EmbeddedConfig(weights="qwen2.5-coder-0.5b")
    assert "limited mode" in found.source


async def test_nothing_at_all_is_three_lines_that_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelNotConfigured) as caught:
        await detect(tmp_path, {}, [NOWHERE])
    key, server, embedded = str(caught.value).split("\n")
    assert "OPENAI_API_KEY" in key
    assert "Ollama (11434), vLLM (8000), llama.cpp (8080), LM Studio (1234)" in server
    assert "`plumbline model install`" in embedded
    assert "1.1 GB, Apache-2.0" in embedded
