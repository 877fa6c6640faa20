"""``plumbline corrections``: what a person corrected is kept, listed, tried and removed."""

import pytest

from tests.cli.conftest import Plumbline

KEY, VALUE = "the height of the Eiffel tower", "330 m, not 324 m"


def test_a_correction_is_added_listed_tried_and_removed(plumbline: Plumbline) -> None:
    assert plumbline("corrections", "add", KEY, VALUE).err == "correction 1: added, radius 0.35\n"
    assert VALUE in plumbline("corrections", "list").out
    tried = plumbline("corrections", "test", "the Eiffel tower's height")
    assert (tried.code, tried.out.startswith(f"correction 1 applied: {VALUE}")) == (0, True)
    assert plumbline("corrections", "test", "the height of the Olympia tower").err == "no correction applies\n"
    assert plumbline("corrections", "remove", "1").code == 0
    assert plumbline("corrections", "list", "--json").json == []
    assert "plumbline corrections add" in plumbline("corrections", "list").err


def test_programs_get_the_same_as_json(plumbline: Plumbline) -> None:
    plumbline("corrections", "add", "delete old log files", "ask first", "--feature", "tool=shell")
    added = plumbline("corrections", "add", "delete log files", "archive them", "--feature", "tool=shell", "--json")
    assert added.json["narrowed"] == [1]
    (one,) = plumbline("corrections", "test", "delete log files", "--feature", "tool=shell", "--json").json
    assert (one["correction"]["value"], one["distance"]) == ("archive them", 0)
    assert one["note"].startswith("correction 2 applied: archive them")
    assert plumbline("corrections", "test", "delete log files", "--json").json == []
    assert plumbline("corrections", "remove", "2", "--json").json["number"] == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "", "x"), "the situation is empty"),
        (("add", KEY, ""), "the correction is empty"),
        (("add", "tower \udcff", "x"), "broken characters"),
        (("add", KEY, "\udcff"), "broken characters"),
        (("test", KEY, *(f"--feature=a{n}=b" for n in range(21))), "at most 20 features"),
        (("add", KEY, "x", "--feature", "tool"), "--feature is NAME=VALUE"),
        (("remove", "5"), "there is no correction 5"),
        (("remove", "all"), "a valid integer"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(plumbline: Plumbline, arguments: tuple[str, ...], told: str) -> None:
    failed = plumbline("corrections", *arguments)
    assert failed.code == 2
    assert told in failed.err
    assert failed.err.count("\n") == 1


def test_what_is_shown_cannot_steer_the_terminal(plumbline: Plumbline) -> None:
    plumbline("corrections", "add", KEY, "330 m \x1b[2J\x1b]0;x\x07")
    for command in (("list",), ("test", KEY), ("remove", "1")):
        shown = plumbline("corrections", *command)
        assert "\x1b" not in shown.out + shown.err
