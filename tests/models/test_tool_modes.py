import pytest

from agent.domain.errors import ModelRefused
from agent.models.failures import ToolsRefused
from agent.models.json_actions import JsonActions
from agent.models.port import Profile, ToolMode
from agent.models.rescue import Rescued
from agent.models.testing.script import Step, call, error, say
from agent.models.testing.scripted_model import ScriptedModel
from agent.models.testing.scripted_server import ScriptedServer
from agent.models.tool_modes import AutomaticTools, with_tool_mode
from tests.models.helpers import TOOLS, RecordingWatcher, model_for, question

ACTION = '{"tool": "read_file", "arguments": {"path": "a.txt"}}'


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("native", ScriptedModel), ("json", JsonActions), ("rescued", Rescued), ("auto", AutomaticTools)],
)
async def test_the_profile_chooses_how_tools_are_called(mode: ToolMode, kind: type) -> None:
    model = with_tool_mode(ScriptedModel([], name="m", profile=Profile(tool_mode=mode)))
    assert type(model) is kind
    assert (model.name, model.profile.tool_mode) == ("m", mode)
    await model.close()


async def test_native_calls_come_first() -> None:
    inner = ScriptedModel([call("search", query="x")])
    reply = await AutomaticTools(inner).complete(question(), tools=TOOLS)
    assert reply.calls == call("search", query="x").calls
    assert inner.asked[0].tools == TOOLS


async def test_a_call_printed_in_the_text_is_rescued() -> None:
    reply = await AutomaticTools(ScriptedModel([f"```json\n{ACTION}\n```"])).complete(question(), tools=TOOLS)
    assert reply.calls[0].name == "read_file"


async def test_a_server_that_refuses_tools_is_asked_for_json_from_then_on() -> None:
    watcher = RecordingWatcher()
    steps: list[Step] = [error(400, "this model does not support tools"), say(ACTION), say(ACTION)]
    async with ScriptedServer(steps) as server:
        model = with_tool_mode(model_for(server))
        replies = [await model.complete(question(), tools=TOOLS, watcher=watcher) for _ in range(2)]
        await model.close()
    assert [reply.calls[0].name for reply in replies] == ["read_file", "read_file"]
    assert ["tools" in request.json for request in server.requests] == [True, False, False]
    assert "response_format" in server.requests[1].json
    assert len(watcher.retries) == 1
    assert "tools are called by JSON replies from now on" in watcher.retries[0].reason


async def test_the_fallback_needs_no_watcher() -> None:
    inner = ScriptedModel([ToolsRefused("no tools"), ACTION])
    assert (await AutomaticTools(inner).complete(question(), tools=TOOLS)).calls


async def test_other_refusals_pass() -> None:
    with pytest.raises(ModelRefused, match="wrong key"):
        await AutomaticTools(ScriptedModel([ModelRefused("wrong key")])).complete(question(), tools=TOOLS)
