"""Plumbline as an agent inside Inspect: its models, tools and limits hold, and the run is in our ledger."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.cli.opening import open_ledger
from agent.domain.view import RunView
from agent.runtime.history import read_view

pytest.importorskip("inspect_ai", reason="the extra inspect is not installed; see make test-inspect")

from inspect_ai import Task
from inspect_ai import eval as run_eval
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageUser,
    Content,
    ContentImage,
    ContentText,
    GenerateConfig,
    Model,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.scorer import includes
from inspect_ai.solver import generate, system_message, use_tools
from inspect_ai.tool import Tool, ToolInfo, tool
from inspect_ai.util import registry_info

from evals.inspect_agent import plumbline, plumbline_agent, with_plumbline

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

Play = Callable[[list[ChatMessage], list[ToolInfo]], ModelOutput]


@pytest.fixture(autouse=True)
def own_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_HOME", str(folder / "home"))
    monkeypatch.chdir(folder)


@tool
def stock() -> Tool:
    async def execute(item: str) -> str:
        """Return how many of an item there are.

        Args:
            item: name of the item.
        """
        return f"{len(item)} of {item}"

    return execute


@tool
def photograph() -> Tool:
    async def execute() -> list[Content]:
        """Take a photograph."""
        return [ContentText(text="Taken."), ContentImage(image="data:image/png;base64,iVBORw0KGgo=")]

    return execute


@tool
def wait() -> Tool:
    async def execute() -> str:
        """Wait for a long time."""
        await asyncio.sleep(60)
        return "waited"

    return execute


def called(function: str, **arguments: Any) -> ModelOutput:
    output = ModelOutput.for_tool_call("mockllm/model", function, arguments)
    # where none is given Inspect counts tokens by a vocabulary that it fetches
    output.usage = ModelUsage(input_tokens=10, output_tokens=10, total_tokens=20)
    return output


def played(play: Play) -> Model:
    def outputs(messages: list[ChatMessage], tools: list[ToolInfo], choice: Any, config: GenerateConfig) -> ModelOutput:
        return play(messages, tools)

    return get_model("mockllm/model", custom_outputs=outputs, memoize=False)


def looks_and_submits(messages: list[ChatMessage], tools: list[ToolInfo]) -> ModelOutput:
    results = [message.text for message in messages if message.role == "tool"]
    if not results:
        return called("stock", item="apples")
    return called("submit", answer=f"There are {6 if '6 of apples' in results[0] else 0} apples.", success=True)


def ran(task: Task, play: Play, **limits: Any) -> EvalLog:
    return run_eval(task, model=played(play), display="none", log_dir="logs", **limits)[0]


def sample_of(log: EvalLog) -> EvalSample:
    assert log.samples, log.error
    return log.samples[0]


def run_of(sample: EvalSample) -> RunView:
    async def read() -> RunView:
        async with open_ledger() as (ledger, _, _):
            return await read_view(ledger, sample.metadata["plumbline"]["run_id"])

    return asyncio.run(read())


def test_a_task_is_solved_by_its_own_model_and_tools_and_the_run_is_in_the_ledger() -> None:
    task = Task(
        dataset=[Sample(id="a", input="How many apples are there?", target="6 apples")],
        solver=[system_message("Be brief."), use_tools(stock()), generate()],
        scorer=includes(),
    )

    log = ran(with_plumbline(task), looks_and_submits)

    sample = sample_of(log)
    assert log.status == "success", log.error
    assert sample.scores is not None
    assert sample.scores["includes"].value == "C"
    assert sample.output.completion == "There are 6 apples."
    tools = [event for event in sample.events if event.event == "tool"]
    assert [(event.function, event.result) for event in tools] == [("stock", "6 of apples")]
    assert [message.role for message in sample.messages][-4:] == ["assistant", "tool", "assistant", "assistant"]
    view = run_of(sample)
    assert view.task is not None
    assert (view.status, view.task.constraints) == ("finished", ("Be brief.",))
    assert sample.store["plumbline"]["outcome"] == view.report.outcome if view.report else False
    assert sum(event.event == "model" for event in sample.events) == view.usage.calls


@pytest.mark.parametrize(
    ("limit", "kind"), [({"token_limit": 30}, "token"), ({"message_limit": 3}, "message"), ({"time_limit": 2}, "time")]
)
def test_every_limit_of_inspect_pauses_the_run_in_good_order(limit: dict[str, int], kind: str) -> None:
    def on_and_on(messages: list[ChatMessage], tools: list[ToolInfo]) -> ModelOutput:
        return called("stock", item="pears" * len(messages))

    task = Task(dataset=[Sample(input="Count for ever.", target="x")], solver=[use_tools(stock(), wait()), plumbline()])

    log = ran(task, on_and_on if kind != "time" else endless, **limit)

    sample = sample_of(log)
    assert log.status == "success", log.error
    assert sample.limit is not None
    assert sample.limit.type == kind
    assert run_of(sample).status == "paused"


def test_a_picture_is_not_left_out_in_silence() -> None:
    question = [ContentText(text="How many apples are in the picture?"), ContentImage(image="data:image/png;base64,")]
    task = Task(dataset=[Sample(input=[ChatMessageUser(content=question)], target="6")], solver=[plumbline()])

    log = ran(task, looks_and_submits)

    assert log.status == "error"
    assert "this sample holds image" in str(sample_of(log).error)


def test_a_model_is_told_of_a_picture_that_a_tool_returned() -> None:
    shown: list[str] = []

    def looks(messages: list[ChatMessage], tools: list[ToolInfo]) -> ModelOutput:
        shown.extend(message.text for message in messages if message.role == "tool")
        return called("submit", answer="Done.", success=True) if shown else called("photograph")

    task = Task(dataset=[Sample(input="Look.", target="x")], solver=[use_tools(photograph()), plumbline()])

    ran(task, looks)

    assert "[image, which cannot be shown here]" in shown[0]


def endless(messages: list[ChatMessage], tools: list[ToolInfo]) -> ModelOutput:
    return called("wait")


def test_inspect_finds_the_solver_by_the_name_in_the_documents_however_we_are_installed() -> None:
    assert registry_info(plumbline()).name == "evals/plumbline"
    assert registry_info(plumbline_agent()).name == "evals/plumbline_agent"
