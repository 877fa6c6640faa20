from enum import Enum
from typing import Any, Literal

import jsonschema
import pytest
from pydantic import Field

from agent.domain.base import Form
from agent.domain.functions import inlined_schema
from agent.models.examples import example_arguments


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Inner(Form):
    size: int = Field(gt=2)
    flag: bool


class Everything(Form):
    path: str
    count: int = Field(ge=3)
    share: float = Field(le=0.5)
    colour: Colour
    kind: Literal["only"]
    names: list[str] = Field(min_length=2)
    inner: Inner
    maybe: Inner | None
    long: str = Field(min_length=12, max_length=14)
    spare: str = "not needed"


@pytest.mark.parametrize("schema", [Everything.model_json_schema(), inlined_schema(Everything)])
def test_an_example_satisfies_its_schema(schema: dict[str, Any]) -> None:
    made = example_arguments(schema)
    jsonschema.validate(made, schema)
    assert made == {
        "path": "path",
        "count": 3,
        "share": 0.5,
        "colour": "red",
        "kind": "only",
        "names": ["name", "name"],
        "inner": {"size": 3, "flag": True},
        "maybe": {"size": 3, "flag": True},
        "long": "long........",
    }


def test_examples_of_the_schema_come_first() -> None:
    text = {"type": "string", "examples": ["notes.txt"], "default": "x"}
    assert example_arguments({"type": "object", "properties": {"path": text}, "required": ["path"]}) == {
        "path": "notes.txt"
    }


@pytest.mark.parametrize(
    "value",
    [
        {"type": "string", "pattern": "^[a-f]{7}$"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "minLength": 5000},
        {"$ref": "#/$defs/Loop"},
        {"not": {"type": "string"}},
        True,
    ],
)
def test_a_schema_that_says_too_little_gives_no_example(value: Any) -> None:
    schema = {
        "type": "object",
        "properties": {"x": value},
        "required": ["x"],
        "$defs": {"Loop": {"type": "object", "properties": {"x": {"$ref": "#/$defs/Loop"}}, "required": ["x"]}},
    }
    assert example_arguments(schema) is None


def test_a_tool_without_arguments_has_the_empty_example() -> None:
    assert example_arguments({"type": "object"}) == {}
