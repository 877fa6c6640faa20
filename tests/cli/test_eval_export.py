"""Batches in the formats of others."""

import asyncio
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from agent.cli.opening import open_ledger
from agent.domain.budget import Usage
from agent.domain.messages import Reply
from agent.models.testing.script import call, error
from agent.runtime.calls import ModelCall, model_calls
from tests.cli.conftest import Plumbline, Serve

INSPECT = importlib.util.find_spec("inspect_ai") is not None
with_inspect = pytest.mark.skipif(not INSPECT, reason="the extra inspect is not installed; see make test-inspect")

SUITE = """
name: pairs
version: "3"
description: A model writes a number down and says it.
attempts: 2
samples: [samples.jsonl]
scorers: [{kind: numeric}, {kind: verified, required: false}]
"""


def made(folder: Path, goals: dict[str, int]) -> Path:
    place = folder / "pairs"
    place.mkdir()
    (place / "suite.yaml").write_text(SUITE)
    lines = [{"id": name, "goal": f"Say {name}.", "gold": gold} for name, gold in goals.items()]
    (place / "samples.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return place


def played(request: dict[str, Any], _number: int) -> Reply:
    """Think once aloud, then submit 4; the sample ``odd`` wants something else."""
    usage = Usage(calls=1, input_tokens=100, cached_tokens=40, output_tokens=7)
    if request["messages"][-1]["role"] == "user" and request["messages"][-2]["role"] == "system":
        return call("recall", id="nothing.1").model_copy(update={"usage": usage})
    return call("submit", answer="The sum is 4.", success=True).model_copy(update={"usage": usage})


def batch(folder: Path, plumbline: Plumbline, serve: Serve, asked: list[Any]) -> None:
    def play(request: dict[str, Any], number: int) -> Reply:
        asked.append(request["messages"])
        return played(request, number)

    place = made(folder, {"even": 4, "odd": 5})
    ran = plumbline("eval", "run", str(place), "--model", serve(play), "--sandbox", "none", "--name", "one")
    assert ran.code == 0, ran.err


async def recorded(run_id: str) -> tuple[ModelCall, ...]:
    async with open_ledger() as (ledger, _, _):
        return await model_calls(ledger.events(run_id))


def test_each_model_call_is_put_together_as_it_was_sent(folder: Path, plumbline: Plumbline, serve: Serve) -> None:
    asked: list[Any] = []
    batch(folder, plumbline, serve, asked)

    calls = [*asyncio.run(recorded("one-00001-001")), *asyncio.run(recorded("one-00002-001"))]

    assert len(calls) == 4
    assert all(list(one.messages) in asked for one in calls)
    assert [len(one.messages) for one in calls] == [2, 4, 2, 4]
    assert "submit" in calls[1].tools, "what was offered before is offered still"


def test_a_log_of_inspect_ends_in_what_its_reader_knows(folder: Path, plumbline: Plumbline, serve: Serve) -> None:
    batch(folder, plumbline, serve, [])

    refused = plumbline("eval", "export", "one", str(folder / "one.log"), "--to", "inspect")

    assert refused.code == 2
    assert "must end in .eval" in refused.err
    refused = plumbline("eval", "export", "one", str(folder / "one.eval"), "--to", "inspect", "--role", "planner")
    assert (refused.code, "of sft and preference" in refused.err) == (2, True)


@pytest.mark.skipif(INSPECT, reason="the extra inspect is installed")
def test_without_inspect_it_is_told_what_to_install(folder: Path, plumbline: Plumbline, serve: Serve) -> None:
    batch(folder, plumbline, serve, [])

    refused = plumbline("eval", "export", "one", str(folder / "one.eval"), "--to", "inspect")

    assert refused.code == 2
    assert "pip install 'plumbline-agent[inspect]'" in refused.err
    assert not (folder / "one.eval").exists()


@with_inspect
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_log_passes_inspects_reader_with_attempts_calls_scores_and_tokens(
    folder: Path, plumbline: Plumbline, serve: Serve
) -> None:
    from inspect_ai.log import read_eval_log, read_eval_log_sample

    batch(folder, plumbline, serve, [])
    place = folder / "one.eval"

    done = plumbline("eval", "export", "one", str(place), "--to", "inspect", "--json")

    assert done.json["samples"] == 4
    header = read_eval_log(str(place), header_only=True)
    assert (header.status, header.eval.task, header.eval.task_version) == ("success", "pairs", "3")
    assert header.eval.config.epochs == 2
    assert header.results is not None
    assert header.results.scores[0].metrics["accuracy"].value == 0.5
    samples = read_eval_log(str(place)).samples or []
    assert [(one.id, one.epoch) for one in samples] == [("even", 1), ("odd", 1), ("even", 2), ("odd", 2)]
    right, wrong = samples[:2]
    assert right.scores is not None
    assert wrong.scores is not None
    assert [right.scores["passed"].value, wrong.scores["passed"].value] == ["C", "I"]
    assert wrong.scores["numeric"].explanation == "4 for 5"
    assert (right.output.completion, right.target) == ("The sum is 4.", ["4"])
    assert right.metadata["run_id"] == "one-00001-001"
    assert right.metadata["claims"][0]["claim"]["text"] == "The sum is 4."
    models = [event for event in right.events if event.event == "model"]
    assert [len(event.input) for event in models] == [2, 4]
    assert {tool.name for tool in models[1].tools} >= {"submit", "recall"}
    usage = next(iter(right.model_usage.values()))
    assert (usage.input_tokens, usage.input_tokens_cache_read, usage.output_tokens) == (120, 80, 14)
    begun = [event.id for event in right.events if event.event == "span_begin"]
    ended = [event.id for event in right.events if event.event == "span_end"]
    assert sorted(begun) == sorted(ended)
    whole = read_eval_log_sample(str(place), "odd", 2, resolve_attachments=True)
    assert "You are the executor" in str(whole.messages[0].text)


@with_inspect
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_no_file_can_hold_is_replaced(folder: Path, plumbline: Plumbline, serve: Serve) -> None:
    from inspect_ai.log import read_eval_log

    def halves(request: dict[str, Any], number: int) -> Reply:
        if any(message["role"] == "tool" for message in request["messages"]):
            return call("submit", answer="It is 4\ud83d.", success=True)
        return call("recall", evidence_id="\ud83d")

    ran = plumbline(
        "eval", "run", str(made(folder, {"even": 4})), "--model", serve(halves), "--sandbox", "none", "--name", "one"
    )
    assert ran.code == 0, ran.err

    assert plumbline("eval", "export", "one", str(folder / "one.eval"), "--to", "inspect").code == 0

    first, second = read_eval_log(str(folder / "one.eval")).samples or []
    assert [sample.scores is not None for sample in (first, second)] == [True, True]


@with_inspect
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_run_that_could_not_go_on_is_an_error_of_inspect_and_no_failure(
    folder: Path, plumbline: Plumbline, serve: Serve
) -> None:
    from inspect_ai.log import read_eval_log

    place = made(folder, {"even": 4})
    url = serve(lambda request, number: error(401, "no such key"))
    assert plumbline("eval", "run", str(place), "--model", url, "--sandbox", "none", "--name", "one").code == 1

    assert plumbline("eval", "export", "one", str(folder / "one.eval"), "--to", "inspect").code == 0

    sample = (read_eval_log(str(folder / "one.eval")).samples or [])[0]
    assert sample.error is not None
    assert "no such key" in sample.error.message
    assert not sample.scores
