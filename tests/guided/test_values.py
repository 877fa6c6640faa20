"""Values that programs print."""

import pytest

from agent.execution.guided.values import Value, agree, more_exact, value_of


def value(printed: str) -> Value:
    found = value_of(printed)
    assert found is not None
    return found


@pytest.mark.parametrize("printed", ["", "1\n2", "[1, 2]", "{'a': 1}", "None", "nan"])
def test_anything_but_one_value_is_none(printed: str) -> None:
    assert value_of(printed) is None


@pytest.mark.parametrize(
    ("printed", "shown"),
    [("1172.8000000000002", "1172.8"), ("66375.0", "66375"), ("'West'", "West"), ("1,250.50", "1250.5"), ("0", "0")],
)
def test_a_value_is_shown_without_noise(printed: str, shown: str) -> None:
    assert value(printed).shown == shown


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("19.3", "19.299999999999997", True),
        ("3.44", "3.4444444444", True),
        ("3", "3.4444444444", False),
        ("0.636", "63.6", False),
        ("West", "west", True),
        ("West", "North", False),
        ("4", "West", False),
    ],
)
def test_values_agree_when_rounding_explains_the_difference(first: str, second: str, same: bool) -> None:
    assert agree(value(first), value(second)) is same


def test_the_less_rounded_of_two_agreeing_values_is_kept() -> None:
    assert more_exact(value("3.44"), value("3.4444444444")).shown == "3.4444"
