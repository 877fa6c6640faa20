"""A step is named by what it asks for, in one line that another program can come to as well."""

from datetime import UTC, datetime
from typing import Any

import pytest

from agent.domain.events import Event
from agent.domain.view import RunView


def title(arguments: dict[str, Any]) -> str:
    view, request = RunView(), {"tool": "t", "arguments": arguments}
    started = {"seq": 1, "kind": "tool", "key": "root/tool/0", "phase": "started", "payload": {"request": request}}
    view.apply(Event.model_validate({"run_id": "r", "at": datetime(2026, 1, 1, tzinfo=UTC), **started}))
    return view.steps["root/tool/0"].title


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("two\n  words", "two words"),
        (True, "true"),
        (None, "null"),
        (1, "1"),
        (1.0, "1"),
        (9e15, "9000000000000000"),
        (1e16, "1e+16"),
        (0.00001, "1e-05"),
        ([1, "a", {"y": None, "x": [0.5]}], '[1, "a", {"x": [0.5], "y": null}]'),
        ("x" * 121, "x" * 119 + "…"),
        ("x" * 120, "x" * 120),
    ],
)
def test_an_argument_is_shown_as_text_or_as_json(value: object, shown: str) -> None:
    assert title({"given": value}) == f"t(given={shown})"


def test_arguments_are_in_the_order_of_their_names() -> None:
    assert title({"b": 1, "a": 2, "10": 3, "9": 4}) == "t(10=3, 9=4, a=2, b=1)"


def test_of_a_program_its_last_line_is_shown() -> None:
    assert title({"code": "x = 1\nprint(x)\n"}) == "t(code=… print(x))"
    assert title({"code": "print(1)"}) == "t(code=print(1))"
    assert title({"code": ["print(1)", 2]}) == 't(code=["print(1)", 2])'
