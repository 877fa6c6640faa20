import pytest

from agent.browsing.actions import NAMES, parse_action
from agent.browsing.annotation.commands import HELP, parse_command
from agent.domain.errors import UsageError


@pytest.mark.parametrize(
    ("line", "name", "arguments"),
    [
        ("s green valves", "search", {"query": "green valves"}),
        ("o 2", "open", {"result": 2}),
        ("o https://example.org/a", "open", {"url": "https://example.org/a"}),
        ("l 3", "open", {"link": 3}),
        ("b", "back", {}),
        ("j", "scroll", {"direction": "down"}),
        (" k ", "scroll", {"direction": "up"}),
        ("t", "scroll", {"direction": "top"}),
        ("f 1,234", "find", {"text": "1,234"}),
        ("q 12", "quote", {"first": 12}),
        ("q 12-14", "quote", {"first": 12, "last": 14}),
        ("q s12 s14", "quote", {"first": 12, "last": 14}),
        ('q "made 1,234"', "quote", {"text": "made 1,234"}),
        ("q \u300c绿色阀门\u300d", "quote", {"text": "绿色阀门"}),
        ("m E1 e2", "merge", {"quotes": ["E1", "E2"]}),
        ("m 1, 2", "merge", {"quotes": ["E1", "E2"]}),
        ("d E1", "drop", {"quote": "E1"}),
        ("r E2 E1", "reorder", {"quotes": ["E2", "E1"]}),
        ("u", "undo", {}),
        ("c e5", "click", {"ref": "e5"}),
        ("w e5 two words", "type_text", {"ref": "e5", "text": "two words"}),
        ("w! e5 word", "type_text", {"ref": "e5", "text": "word", "submit": True}),
        ("p e5 Blue", "select", {"ref": "e5", "value": "Blue"}),
        ("a 1,234 [E1].", "finish", {"answer": "1,234 [E1]."}),
        ("x not there", "reject", {"reason": "not there"}),
        ('{"name": "finish", "arguments": {"answer": ""}}', "finish", {"answer": ""}),
    ],
)
def test_a_line_is_an_action(line: str, name: str, arguments: dict[str, object]) -> None:
    action = parse_command(line)

    assert (action.name, action.arguments) == (name, arguments)
    parse_action(action.name, action.arguments)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "there is no command ''"),
        ("z", "there is no command 'z'"),
        ("search valves", "there is no command 'search'"),
        ("s", "search needs words"),
        ("o", "number of a result"),
        ("o two", "number of a result"),
        ("l x", "by its number"),
        ("b now", "back takes nothing"),
        ("q", "by their numbers"),
        ('q ""', "nothing between the marks"),
        ("q " + "9" * 5000, "by their numbers"),
        ("m E1", "at least 2 quotes"),
        ("d", "one quote"),
        ("w e5", "and a text"),
        ("a", "an answer"),
        ("x", "a reason"),
        ('{"name": 1}', "as JSON"),
        ("{" * 100_000, "as JSON"),
    ],
)
def test_what_is_no_command_is_told_in_one_line(line: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as refusal:
        parse_command(line)
    assert len(str(refusal.value).splitlines()) == 1


def test_every_action_has_a_command_that_the_help_lists() -> None:
    letters = " ".join(letter for letter, _, _ in HELP).split()
    said = {"s": "x", "o": "1", "l": "1", "f": "x", "q": "1", "m": "1 2", "d": "1", "r": "1", "c": "e1", "a": "x"}
    said |= {"w": "e1 x", "p": "e1 x", "x": "x"}

    assert {parse_command(f"{letter} {said.get(letter, '')}").name for letter in letters} == set(NAMES)
