"""What a model sees of a tool's arguments, and what it is told when it fills them in wrongly."""

import re
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta, field

from tests.toolserver.asking import ask
from toolserver.errors import ToolFailure
from toolserver.node.forms import parameters_of
from toolserver.node.toolbox import Answer, Tool
from toolserver.node.tools.packages import InstallPackages
from toolserver.protocol import Form, ToolOutcome, matching
from toolserver.testing import InProcessSandbox


class Part(Form):
    """A part."""

    weight: Annotated[float, Meta(ge=0)] = 0


class Send(Form):
    """Send parts.

    They go by post.
    """

    name: Annotated[str, matching("[a-z]+", description="Who gets them.")]
    way: Literal["road", "air"] = "road"
    parts: Annotated[list[Part], Meta(max_length=3)] = field(default_factory=list)
    labels: Annotated[dict[Annotated[str, matching("[a-z]+")], str], Meta(max_length=2)] = field(default_factory=dict)
    copies: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="How many.")] = None
    insured: bool = False


async def _sent(form: Send) -> Answer:
    return Answer(repr((form.name, form.copies, form.insured, [part.weight for part in form.parts])))


SEND = Tool(Send, _sent, effects=())


def test_a_schema_is_as_if_written_by_hand() -> None:
    assert parameters_of(Send) == {
        "type": "object",
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z]+$", "description": "Who gets them."},
            "way": {"type": "string", "enum": ["road", "air"], "default": "road"},
            "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}, "maxItems": 3},
            "labels": {"type": "object", "patternProperties": {"^[a-z]+$": {"type": "string"}}, "maxProperties": 2},
            "copies": {
                "anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}],
                "description": "How many.",
                "default": None,
            },
            "insured": {"type": "boolean", "default": False},
        },
        "required": ["name"],
        "additionalProperties": False,
        "$defs": {
            "Part": {
                "type": "object",
                "description": "A part.",
                "properties": {"weight": {"type": "number", "minimum": 0, "default": 0}},
                "additionalProperties": False,
            }
        },
    }


async def test_numbers_and_truth_may_come_as_text() -> None:
    arguments = {"name": "x", "copies": "2", "insured": "true", "parts": [{"weight": "1.5"}]}

    assert (await SEND.call(arguments)).text == "('x', 2, True, [1.5])"
    assert (await SEND.call({"name": "x", "copies": 2.0})).text == "('x', 2, False, [])"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, "send: name: is missing"),
        ({"name": "x", "to": 1}, "send: to: there is no such argument"),
        ({"name": "x", "a\nb": 1}, "send: a b: there is no such argument"),
        ({"name": 5}, "send: name: Expected `str`, got `int`"),
        ({"name": "x", "copies": 0}, "send: copies: Expected `int` >= 1"),
        ({"name": "x", "copies": 1.5}, "send: copies: Expected `int | null`, got `float`"),
        ({"name": "x", "way": "sea"}, "send: way: Invalid enum value 'sea'"),
        ({"name": "x", "parts": [{}, {"weight": -1}]}, "send: parts[1].weight: Expected `float` >= 0.0"),
        ({"name": "x", "parts": [{"weight": "nan"}]}, "send: parts[0].weight: Expected `float` >= 0.0"),
        ({"name": "x", "parts": [{"height": 1}]}, "send: parts[0]: Object contains unknown field `height`"),
        (
            {"way": "sea", "to": 1},
            "send: name: is missing; way: Invalid enum value 'sea'; to: there is no such argument",
        ),
    ],
)
async def test_all_that_is_wrong_is_told_by_name_in_one_line(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(ToolFailure, match=f"^{re.escape(told)}$") as failure:
        await SEND.call(arguments)

    assert failure.value.kind == "invalid_arguments"


@pytest.mark.parametrize("value", ["x\n", "\nx", "x\ny", ""])
async def test_a_pattern_holds_for_the_whole_text(value: str) -> None:
    for arguments in ({"name": value}, {"name": "x", "labels": {value: "y"}}):
        with pytest.raises(ToolFailure, match="matching regex"):
            await SEND.call(arguments)


@pytest.mark.parametrize("name", ["numpy\n", "numpy==1.0\n", "numpy\n--index-url=http://x"])
async def test_no_package_name_brings_a_line_of_its_own(name: str) -> None:
    async def install(form: InstallPackages) -> Answer:
        raise AssertionError(form.packages)

    with pytest.raises(ToolFailure, match=r"packages\[0\]"):
        await Tool(InstallPackages, install, effects=()).call({"packages": [name]})


async def test_a_session_name_with_a_line_feed_is_refused() -> None:
    async with await InProcessSandbox.open() as sandbox:
        outcome = await ask(sandbox, "shell", command="true", session="main\n")

    assert outcome.error == "invalid_arguments"


def test_what_travels_is_given_by_name_and_never_changes() -> None:
    make: Any = ToolOutcome
    outcome = ToolOutcome(text="x")

    with pytest.raises(TypeError):
        make("x")
    with pytest.raises(AttributeError):
        outcome.text = "y"  # type: ignore[misc]
