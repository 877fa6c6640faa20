"""What is asked of the ten programs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from agent.domain.artefacts import Mutation
from evals.made.asked.measuring import Asked


def _case(expected: str, *arguments: str, stdin: str = "", **files: str) -> dict[str, Any]:
    given: dict[str, Any] = {"expected": expected, "arguments": list(arguments), "stdin": stdin}
    return {**given, "files": files} if files else given


def _cases(wish: str, *cases: dict[str, Any]) -> Asked:
    return Asked(wish, "cases", "failed_cases", {"cases": list(cases)})


def _refuses(wish: str, *arguments: str, stdin: str = "") -> Asked:
    given = {"arguments": list(arguments), "stdin": stdin}
    return Asked(wish, "ends", "exit_code", given, ">", 0, control=Mutation(name="empty"))


_LOG: Final = (
    '10.0.0.1 - - [01/May/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 512\n'
    '10.0.0.2 - ann [01/May/2026:10:00:01 +0000] "GET /a HTTP/1.1" 404 40\n'
    '10.0.0.1 - - [01/May/2026:10:00:02 +0000] "POST /b HTTP/1.1" 204 -\n'
    "nonsense\n"
)
_SUMMARY: Final = """\
{
  "visitors": 2,
  "statuses": {
    "2xx": 2,
    "4xx": 1
  },
  "bytes": 552,
  "unread": 1
}
"""
_BOOKED: Final = (
    '[{"room": "B", "who": "Cy", "from": "13:00", "to": "14:00"},'
    ' {"room": "A", "who": "Bo", "from": "10:30", "to": "12:00"},'
    ' {"room": "A", "who": "Ann", "from": "9:30", "to": "11:00"},'
    ' {"room": "B", "who": "Di", "from": "14:00", "to": "14:05"}]'
)
_FEBRUARY: Final = (
    "February 2026\n"
    "Mo Tu We Th Fr Sa Su\n"
    "                   1\n"
    " 2  3  4  5  6  7  8\n"
    " 9 10 11 12 13 14 15\n"
    "16 17 18 19 20 21 22\n"
    "23 24 25 26 27 28\n"
)
_OLD_FEBRUARY: Final = (
    "February 1900\n"
    "Mo Tu We Th Fr Sa Su\n"
    "          1  2  3  4\n"
    " 5  6  7  8  9 10 11\n"
    "12 13 14 15 16 17 18\n"
    "19 20 21 22 23 24 25\n"
    "26 27 28\n"
)
_LEAP_FEBRUARY: Final = (
    "February 2024\n"
    "Mo Tu We Th Fr Sa Su\n"
    "          1  2  3  4\n"
    " 5  6  7  8  9 10 11\n"
    "12 13 14 15 16 17 18\n"
    "19 20 21 22 23 24 25\n"
    "26 27 28 29\n"
)
_APRIL: Final = (
    "April 2026\n"
    "Mo Tu We Th Fr Sa Su\n"
    "       1  2  3  4  5\n"
    " 6  7  8  9 10 11 12\n"
    "13 14 15 16 17 18 19\n"
    "20 21 22 23 24 25 26\n"
    "27 28 29 30\n"
)

PROGRAMS: Final[Mapping[str, Sequence[Asked]]] = {
    "change": (
        _cases(
            "the fewest coins, the largest first",
            _case("1 x 2.00\n1 x 0.50\n1 x 0.20\n1 x 0.10\n1 x 0.05\n2 x 0.02", "2.89"),
            _case("1 x 0.20\n1 x 0.05\n2 x 0.02", "0.29"),
            _case("2 x 2.00", "4"),
            _case("1 x 1.00\n1 x 0.10\n1 x 0.05", "1.15"),
            _case("1 x 0.01", "0.01"),
        ),
        _cases("nothing to give for 0", _case("nothing to give", "0")),
        _refuses("parts of cents are refused", "1.005"),
        _refuses("a negative amount is refused", "-2.50"),
        _refuses("a word is refused", "two"),
        _refuses("nothing at all is refused"),
    ),
    "todo": (
        _cases(
            "adds, ticks and drops",
            _case("1. [x] milk\n2. [ ] bread\n1 of 2 left", stdin="add milk\nadd bread\ndone 1\n"),
            _case("1. [ ] milk\n2. [x] bread\n1 of 2 left", stdin="add milk\nadd bread\ndone 2\n"),
            _case("1. [ ] bread\n1 of 1 left", stdin="add milk\nadd bread\ndrop 1\n"),
        ),
        _cases(
            "says what it cannot do",
            _case("cannot do: done 2\n1. [ ] milk\n1 of 1 left", stdin="add milk\ndone 2\n"),
            _case("cannot do: done 0\n1. [ ] milk\n1 of 1 left", stdin="add milk\ndone 0\n"),
            _case("cannot do: sing\n0 of 0 left", stdin="sing\n"),
        ),
        _cases("works without input", _case("0 of 0 left")),
    ),
    "csv_to_markdown": (
        _cases(
            "a table with its header",
            _case("| a | b |\n| --- | --- |\n| 1 | 2 |", stdin="a,b\n1,2\n"),
            _case("| a, b | c |\n| --- | --- |\n| 1 | 2 |", stdin='"a, b",c\n\n1,2\n'),
        ),
        _cases(
            "bars and line breaks in cells",
            _case("| a | b |\n| --- | --- |\n| x\\|y | 1 2 |", stdin='a,b\nx|y,"1\n2"\n'),
        ),
        _cases("short rows are filled up", _case("| a | b |\n| --- | --- |\n| 1 |  |", stdin="a,b\n1\n")),
        _refuses("no rows are an error"),
    ),
    "words": (
        _cases(
            "the most frequent words",
            _case("3\tthe\n2\tcat", "t.txt", "2", **{"t.txt": "The cat saw the dog. THE dog-less cat!\nDon't ask."}),
            _case("1\tdon't", "t.txt", "5", **{"t.txt": "Don't!"}),
            _case("2\tb\n1\ta\n1\tc", "t.txt", "9", **{"t.txt": "c b, a b."}),
        ),
    ),
    "access_log": (
        Asked(
            "a summary of the log",
            "writes",
            "wrong_lines",
            {"files": {"access.log": _LOG}, "path": "summary.json", "expected": _SUMMARY},
        ),
    ),
    "roman": (
        _cases(
            "both ways",
            _case("IV\nMCMXCIX\nXL\nMMMCMXCIX\nI", "4", "1999", "40", "3999", "1"),
            _case("4\n9\n1994\n2026", "IV", "ix", "MCMXCIV", "mmxxvi"),
        ),
        _cases(
            "what is badly formed is no numeral",
            _case("no numeral: IIX\nno numeral: IIII\nno numeral: VX", "IIX", "IIII", "VX"),
            _case("no numeral: 0\nno numeral: 4000\nno numeral: hello", "0", "4000", "hello"),
        ),
    ),
    "month": (
        _cases("weeks from Monday", _case(_FEBRUARY, "2026", "2"), _case(_OLD_FEBRUARY, "1900", "2")),
        _cases("months have their days", _case(_LEAP_FEBRUARY, "2024", "2"), _case(_APRIL, "2026", "4")),
        _refuses("a month that does not exist is refused", "2026", "13"),
    ),
    "maze": (
        _cases(
            "the shortest way",
            _case("6 steps", stdin="S.#.\n.##E\n....\n"),
            _case("2 steps", stdin="S.E\n"),
            _case("4 steps", stdin="S..\n.#.\n..E\n"),
        ),
        _cases(
            "no way",
            _case("no way", stdin="S..#E\n"),
            _case("no way", stdin="S...\n"),
            _case("no way", stdin=""),
        ),
    ),
    "units": (
        _cases(
            "lengths and weights",
            _case("12 km = 7.456 mi", stdin="12 km in mi\n"),
            _case("1 ft = 12.000 in\n2.5 m = 250.000 cm", stdin="1 ft in in\n\n2.5 m in cm\n"),
            _case("1 lb = 16.000 oz\n1 kg = 2.205 lb", stdin="1 lb in oz\n1 kg in lb\n"),
        ),
        _cases("temperatures", _case("100 C = 212.000 F\n212 F = 100.000 C", stdin="100 C in F\n212 F in C\n")),
        _cases(
            "says what it cannot convert",
            _case("cannot convert: 3 kg in m\ncannot convert: hello", stdin="3 kg in m\nhello\n"),
        ),
    ),
    "bookings": (
        _cases(
            "who overlaps, and how long rooms are taken",
            _case("A: Bo overlaps Ann\nA: 2 h 30 min\nB: 1 h 05 min", stdin=_BOOKED),
            _case("", stdin="[]"),
        ),
    ),
}
