"""Arguments are repaired where the repair is certain, and told back where it is not."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.errors import ModelOutputError
from agent.domain.messages import Reply, ToolCall, ToolSpec
from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.models.arguments import LONGEST_ARGUMENTS, checked_arguments
from agent.models.testing import script
from agent.models.testing.scripted_model import ScriptedModel
from agent.runtime.history import read_view
from tests.studio import StudioServices, studio

SPEC = ToolSpec(
    name="grep",
    description="search",
    parameters={
        "type": "object",
        "properties": {
            "pattern": {"type": "string"},
            "limit": {"type": "integer", "minimum": 1},
            "where": {"type": "string", "enum": ["names", "contents"]},
            "globs": {"type": "array", "items": {"type": "string"}},
            "exact": {"type": "boolean"},
        },
        "required": ["pattern"],
        "additionalProperties": False,
    },
)


def call(arguments: str) -> ToolCall:
    return ToolCall(id="1", name="grep", arguments=arguments)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('{"pattern": "x"}', {"pattern": "x"}),
        ('{"pattern": "x",}', {"pattern": "x"}),
        ("{'pattern': 'x'}", {"pattern": "x"}),
        ('"{\\"pattern\\": \\"x\\"}"', {"pattern": "x"}),
        ('{"pattern": "x", "limit": "3"}', {"pattern": "x", "limit": 3}),
        ('{"pattern": "x", "exact": "true"}', {"pattern": "x", "exact": True}),
        ('{"pattern": "x", "where": "Names"}', {"pattern": "x", "where": "names"}),
        ('{"pattern": "x", "globs": "[\\"*.py\\"]"}', {"pattern": "x", "globs": ["*.py"]}),
        ('{"pattern": "3"}', {"pattern": "3"}),
        ('{"pattern": ' + "3" * 5_000 + "}", {"pattern": "3" * 5_000}),
    ],
)
def test_what_is_beyond_doubt_is_repaired(written: str, meant: dict[str, Any]) -> None:
    assert checked_arguments(call(written), SPEC) == meant


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{}", "'pattern' is a required property"),
        ("I would search for x", "one JSON object"),
        ("[1, 2]", "one JSON object"),
        ('{"pattern": "x", "limit": "many"}', "limit: 'many' is not of type 'integer'"),
        ('{"pattern": "x", "limit": 0}', "limit: 0 is less than the minimum"),
        ('{"pattern": "x", "other": 1}', "'other' was unexpected"),
        ('{"pattern": "x", "where": "elsewhere"}', "where: 'elsewhere' is not one of"),
        ('{"pattern": "' + "x" * LONGEST_ARGUMENTS + '"}', "write large content to a file"),
        ("[" * 100_000, "nested too deeply"),
        ('"' + "[" * 100_000 + '"', "nested too deeply"),
        ("{'pattern': " * 100_000, "nested too deeply"),
        ('{"pattern": ' + "[" * 500 + "]" * 500 + "}", "nested too deeply"),
        ('{"pattern": "x", "globs": "' + "[" * 500 + "]" * 500 + '"}', "nested too deeply"),
        ('{"pattern": "x", "globs": "' + "[" * 100_000 + '"}', "globs: "),
        (r'{"pattern": "a\ud800b"}', "ud800 is half of a character"),
        (r'{"pattern": "x", "\udfff": 1}', "udfff is half of a character"),
        ('{"pattern": "x", "limit": ' + "9" * 400 + "}", "a number of more than 300 digits"),
        (r'{"pattern": "x", "globs": "[\"\\ud800\"]"}', "ud800 is half of a character"),
        ('{"pattern": "x", "limit": 1e999}', "inf is no number"),
    ],
)
def test_what_is_in_doubt_is_told_in_one_line(written: str, message: str) -> None:
    with pytest.raises(ModelOutputError, match=message) as caught:
        checked_arguments(call(written), SPEC)
    assert "\n" not in str(caught.value)


async def test_a_run_goes_on_after_a_hostile_call(ledger: Ledger, folder: Path) -> None:
    hostile = Reply(calls=(call("[" * 100_000),), finish="calls")
    model = ScriptedModel([hostile, script.call("submit", answer="Done.")])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="x")))
    assert report.answer == "Done."
    assert "nested too deeply" in model.asked[1].messages[-1]["content"]


@pytest.mark.parametrize("limit", ["9" * 400, "9" * 5_000, '"\\ud800"'])
async def test_a_run_whose_model_wrote_what_cannot_be_stored_stays_readable(
    ledger: Ledger, folder: Path, limit: str
) -> None:
    written = ToolCall(id="1", name="list_files", arguments=f'{{"path": ".", "limit": {limit}}}')
    hostile = Reply(text="half \ud800", calls=(written,), finish="calls")
    model = ScriptedModel([hostile, Reply(text="\udfff"), Reply(text="It is \ud800 metres.")])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        report = await runner.wait(run_id)
    assert report.answer == "It is \N{REPLACEMENT CHARACTER} metres."
    view = await read_view(ledger, run_id)
    assert view.report == report


def test_arguments_that_were_cut_off_are_not_completed() -> None:
    with pytest.raises(ModelOutputError, match="cut off"):
        checked_arguments(call('{"pattern": "rm -rf build/'), SPEC, cut=True)


@given(st.text(max_size=200))
def test_any_text_is_either_arguments_or_told(written: str) -> None:
    try:
        arguments = checked_arguments(call(written), SPEC)
    except ModelOutputError:
        return
    assert isinstance(arguments["pattern"], str)


@given(st.dictionaries(st.sampled_from(["pattern"]), st.text(), min_size=1))
def test_valid_arguments_are_never_changed(arguments: dict[str, str]) -> None:
    assert checked_arguments(call(json.dumps(arguments)), SPEC) == arguments
