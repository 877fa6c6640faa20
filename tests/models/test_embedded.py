import asyncio
import json
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.domain.errors import ConfigurationError, ModelRefused, ModelUnavailable
from agent.domain.messages import CallOptions
from agent.models.config import EmbeddedConfig, WeightsName
from agent.models.embedded.model import EmbeddedModel
from agent.models.embedded.process import ServerProcess
from agent.models.embedded.weights import require_weights
from agent.models.tool_modes import with_tool_mode
from agent.runtime.settings import home_folder
from tests import weights as installed
from tests.models.helpers import TOOLS, RecordingWatcher, question

SHORT = CallOptions(max_tokens=12)


def smallest_installed() -> tuple[WeightsName, Path]:
    """Return the smallest installed weights and their home."""
    return installed.require("qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"), home_folder()


@pytest.fixture
async def model() -> AsyncIterator[EmbeddedModel]:
    name, home = smallest_installed()
    embedded = EmbeddedModel("small", EmbeddedConfig(weights=name, low_memory=True), home)
    yield embedded
    await embedded.close()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_missing_weights_are_named_with_the_command_that_installs_them(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"qwen2\.5-coder-1\.5b is not installed; run `plumbline model install`"
    ):
        await EmbeddedModel("small", EmbeddedConfig(), tmp_path).complete(question())


async def test_forbidden_requests_start_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_MODEL_REQUESTS", "0")
    model = EmbeddedModel("small", EmbeddedConfig(), tmp_path)
    with pytest.raises(ConfigurationError, match="ALLOW_MODEL_REQUESTS"):
        await model.complete(question())
    assert model.pid is None


async def started(weights: Path, seconds: float = 60) -> ServerProcess:
    return await ServerProcess.start(weights, alias="x", context=512, threads=1, low_memory=True, seconds=seconds)


async def test_a_missing_library_is_named_with_the_extra_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'plumbline-agent\[embedded\]'"):
        await started(tmp_path / "any.gguf")


async def test_a_file_that_is_no_model_is_told_in_one_line(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the extra 'embedded' is not installed")
    weights = tmp_path / "broken.gguf"
    weights.write_bytes(b"no weights at all")
    with pytest.raises(ModelUnavailable, match="the embedded model did not start: ") as caught:
        await started(weights)
    assert "\n" not in str(caught.value)


async def test_a_start_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"not ready within 0\.01 s"):
        await started(tmp_path / "any.gguf", seconds=0.01)


@pytest.mark.embedded
async def test_it_answers_calls_streams_and_scores(model: EmbeddedModel) -> None:
    watcher = RecordingWatcher(streaming=True)
    said = await model.complete(question("Say hello."), options=SHORT, watcher=watcher)
    first_pid = model.pid
    yes_or_no = CallOptions(max_tokens=1, top_logprobs=5)
    scored = await model.complete(question("Is snow white? Answer yes or no."), options=yes_or_no)
    called = await with_tool_mode(model).complete(question("Read the file a.txt, please."), tools=TOOLS)
    assert "".join(watcher.pieces) == said.text != ""
    assert said.usage.output_tokens > 0
    assert len(scored.first_token) == 5
    assert called.calls[0].name in {"read_file", "search"}
    assert model.pid == first_pid


@pytest.mark.embedded
async def test_calls_at_once_share_one_process(model: EmbeddedModel) -> None:
    await asyncio.gather(*(model.complete(question(f"Say {n}."), options=CallOptions(max_tokens=2)) for n in range(3)))
    assert model.pid is not None


@pytest.mark.embedded
async def test_too_long_a_conversation_is_refused(model: EmbeddedModel) -> None:
    with pytest.raises(ModelRefused, match="the conversation is too long"):
        await model.complete(question("word " * 6000))


@pytest.mark.embedded
async def test_a_killed_child_is_started_again_once(model: EmbeddedModel) -> None:
    await model.complete(question("Say one."), options=SHORT)
    killed = model.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    watcher = RecordingWatcher()
    reply = await model.complete(question("Say two."), options=SHORT, watcher=watcher)
    assert reply.text
    assert model.pid != killed


@pytest.mark.embedded
async def test_a_child_killed_in_the_middle_of_a_call_is_replaced_visibly(model: EmbeddedModel) -> None:
    await model.complete(question("Say one."), options=SHORT)
    killed = model.pid
    assert killed is not None
    watcher = RecordingWatcher()
    long_call = asyncio.create_task(
        model.complete(question("Write a long story."), options=CallOptions(max_tokens=40), watcher=watcher)
    )
    await asyncio.sleep(0.3)
    os.kill(killed, signal.SIGKILL)
    assert (await long_call).text
    assert "process ended and is started again" in watcher.retries[0].reason


@pytest.mark.embedded
async def test_only_who_has_the_key_is_answered_and_no_web_page_is() -> None:
    weights, home = smallest_installed()
    process = await started(require_weights(weights, home))
    body = json.dumps({"messages": [{"role": "user", "content": "x"}], "max_tokens": 1}).encode()

    def ask(key: str) -> tuple[int, str | None]:
        headers = {
            "Authorization": f"Bearer {key}",
            "Origin": "http://evil.example",
            "Content-Type": "application/json",
        }
        request = urllib.request.Request(f"{process.base_url}/chat/completions", body, headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return answer.status, answer.headers["Access-Control-Allow-Origin"]
        except urllib.error.HTTPError as error:
            return error.code, error.headers["Access-Control-Allow-Origin"]

    assert (await asyncio.to_thread(ask, "guessed"))[0] == 401
    status, origin = await asyncio.to_thread(ask, process.key)
    assert status == 200
    assert origin not in ("*", "http://evil.example")
    await process.stop()
    assert not is_running(process.pid)


@pytest.mark.embedded
async def test_the_child_ends_with_a_parent_that_is_killed() -> None:
    weights, home = smallest_installed()
    script = (
        "import asyncio, os, signal\n"
        "from pathlib import Path\n"
        "from agent.models.embedded.process import ServerProcess\n"
        "async def main():\n"
        f"    p = await ServerProcess.start(Path({str(require_weights(weights, home))!r}), alias='x', context=512,"
        " threads=1, low_memory=True, seconds=60)\n"
        "    print(p.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    output, _ = await parent.communicate()
    child = int(output)
    async with asyncio.timeout(60):
        while is_running(child):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
