"""Lines for fine-tuning are chats that a service takes: what is none is told where it is wrong."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agent.domain.errors import UsageError
from agent.domain.messages import Message, ToolSpec
from agent.ledger.redaction import Redactor
from evals.training.duplicates import Known
from evals.training.examples import Unfit, parting, preference_example
from evals.training.files import held_out, read_preference, read_sft, write_lines
from evals.training.forms import PreferenceExample, SftExample

TOOLS = (ToolSpec(name="read", description="Read.", parameters={"type": "object", "properties": {}}),)
ORIGIN = {"batch": "b", "run": "r", "sample": "s", "attempt": 1, "suite": "x", "suite_version": "1",
          "suite_digest": "0", "step": "root/model/0", "models": ["m"], "scores": [], "product": "0"}  # fmt: skip


def called(number: str, arguments: str = "{}", name: str = "read") -> Message:
    function = {"name": name, "arguments": arguments}
    return {"role": "assistant", "tool_calls": [{"id": number, "type": "function", "function": function}]}


def line() -> dict[str, Any]:
    return {
        "messages": [
            {"role": "system", "content": "Work."},
            {"role": "user", "content": "Read it."},
            called("1", '{"path": "a"}'),
            {"role": "tool", "tool_call_id": "1", "content": "text"},
            called("2"),
        ],
        "tools": [tool.as_function() for tool in TOOLS],
        "role": "executor",
        "provenance": {**ORIGIN, "digest": "0" * 64},
    }


def test_a_chat_whose_last_calls_are_open_is_one() -> None:
    assert SftExample.model_validate(line()).role == "executor"


def unanswered(value: dict[str, Any]) -> None:
    del value["messages"][3]


def late_system(value: dict[str, Any]) -> None:
    value["messages"].insert(2, {"role": "system", "content": "Else."})


def broken(value: dict[str, Any]) -> None:
    value["messages"][2]["tool_calls"][0]["function"]["arguments"] = '{"path": '


def strange(value: dict[str, Any]) -> None:
    value["messages"][2]["tool_calls"][0]["function"]["name"] = "write"


def unasked(value: dict[str, Any]) -> None:
    value["messages"].insert(2, {"role": "tool", "tool_call_id": "9", "content": "x"})


def last_word(value: dict[str, Any]) -> None:
    value["messages"].pop()


def unknown_field(value: dict[str, Any]) -> None:
    value["messages"][1]["name"] = "x"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (unanswered, "before the calls of the one before are answered"),
        (late_system, "speaks first"),
        (broken, "JSON object"),
        (strange, "no tool there is"),
        (unasked, "answers no open call"),
        (last_word, "last word"),
        (unknown_field, "Extra inputs"),
    ],
)
def test_what_is_no_chat_is_refused(spoil: Callable[[dict[str, Any]], None], told: str) -> None:
    value = copy.deepcopy(line())
    spoil(value)
    with pytest.raises(ValidationError, match=told):
        SftExample.model_validate(value)


def test_a_pair_begins_where_the_two_part_and_its_arguments_are_objects() -> None:
    start: list[Message] = [{"role": "user", "content": "Read it."}, called("1"),
                            {"role": "tool", "tool_call_id": "1", "content": "text"}]  # fmt: skip
    good, bad = [*start, called("2", '{"path": "a"}')], [*start, called("2", '{"path": "b"}', "write")]
    assert parting(good, bad) == 3
    pair = preference_example(good, bad, TOOLS, "executor", ORIGIN)
    assert [len(part) for part in (pair.prompt, pair.chosen, pair.rejected)] == [3, 1, 1]
    chosen = pair.model_dump(mode="json", exclude_none=True)["chosen"][0]
    assert chosen["tool_calls"][0]["function"]["arguments"] == {"path": "a"}
    assert pair.prompt[2].model_dump()["name"] == "read"
    with pytest.raises(Unfit, match="no JSON"):
        preference_example(good, [*start, called("2", "{")], TOOLS, "executor", ORIGIN)
    with pytest.raises(Unfit, match="no point in common"):
        preference_example(good, good, TOOLS, "executor", ORIGIN)
    with pytest.raises(Unfit, match="no point in common"):
        preference_example(good, [{"role": "user", "content": "Else."}, called("2")], TOOLS, "executor", ORIGIN)


def test_files_are_read_back_as_they_were_written_and_secrets_are_not_in_them(folder: Path) -> None:
    value = line()
    value["messages"][3]["content"] = "the key is hunter2-hunter2"
    place = folder / "x.jsonl"
    write_lines(place, [SftExample.model_validate(value)], Redactor(["hunter2-hunter2"]))
    assert "hunter2" not in place.read_text()
    (found,) = read_sft(place)
    assert found.model_dump(mode="json", exclude_none=True)["messages"][3]["content"] == "the key is [redacted]"
    with pytest.raises(UsageError, match="line 1: prompt: Field required"):
        list(read_preference(place))


def test_lists_of_what_is_held_out_are_read_with_line_numbers(folder: Path) -> None:
    place = folder / "held.jsonl"
    place.write_text('{"goal": "Which of these rivers is the longest one here?", "gold": 7}\n{"goal": 3}\n')
    with pytest.raises(UsageError, match="line 2: goal"):
        held_out([str(place)])
    place.write_text(json.dumps({"goal": "Which of these rivers is the longest one here?", "gold": ["Elbe"]}))
    assert held_out([str(place)]).answers == ("Elbe",)
    assert held_out(["smoke"]).goals
    with pytest.raises(UsageError, match="there is no suite"):
        held_out(["no-such"])


def test_texts_that_are_nearly_the_same_are_found_and_others_are_not() -> None:
    known, words = Known(), [f"word{n}" for n in range(200)]
    assert not known.near("executor", [" ".join(words)])
    assert known.near("executor", [" ".join([*words[:-1], "other"])])
    assert not known.near("planner", [" ".join(words)])
    assert not known.near("executor", [" ".join(words[:100] + words[:99:-1])])
    assert not known.same([1])
    assert known.same([1])


def test_pairs_whose_parts_are_no_chats_are_refused() -> None:
    value = {"prompt": [{"role": "user", "content": "x"}], "chosen": [{"role": "user", "content": "y"}],
             "rejected": [{"role": "assistant", "content": "z"}], "role": "executor",
             "provenance": {**ORIGIN, "digest": "0" * 64}}  # fmt: skip
    with pytest.raises(ValidationError, match="chosen begins with what the assistant says"):
        PreferenceExample.model_validate(value)
