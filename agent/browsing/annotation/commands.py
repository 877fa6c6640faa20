"""The short commands of a person's seat: one letter, and what it is about."""

import json
import re
from collections.abc import Callable

from agent.browsing.annotation.forms import SeatAction
from agent.domain.errors import UsageError

HELP: tuple[tuple[str, str, str], ...] = (
    ("s", "WORDS", "search"),
    ("o", "N | ADDRESS", "open result N, or an address that was shown"),
    ("l", "N", "open link N of the page"),
    ("b", "", "back"),
    ("j  k  t", "", "scroll down, up, to the top"),
    ("f", "TEXT", "find in the page"),
    ("q", 'N | N-M | "TEXT"', "quote sentences by number, or literal text"),
    ("m", "E1 E2 ...", "merge quotes"),
    ("d", "E1", "drop a quote"),
    ("r", "E2 E1 ...", "put the quotes into another order"),
    ("u", "", "undo the last action"),
    ("c", "REF", "click an element"),
    ("w", "REF TEXT", "type into a field; w! also presses Enter"),
    ("p", "REF OPTION", "pick an option"),
    ("a", "ANSWER", "finish; cite quotes as [E1]"),
    ("x", "REASON", "finish without an answer"),
)
"""Commands with their arguments and what they do."""

_SENTENCES = re.compile(r"s?(\d{1,9})(?:\s*(?:-|\.\.|\u2013|\s)\s*s?(\d{1,9}))?")
_NUMBER = re.compile(r"\d{1,9}")
_QUOTED = {'"': '"', "'": "'", "\u201c": "\u201d", "\u300c": "\u300d"}


def parse_command(line: str) -> SeatAction:
    """Return the action of a line: a short command, or a function call as JSON with ``name`` and ``arguments``.

    The arguments are checked by the session, as those of a model are.

    Raises:
        UsageError: the line is no command; the message says what would be one.
    """
    line = line.strip()
    if line.startswith("{"):
        return _called(line)
    letter, _, rest = line.partition(" ")
    make = _COMMANDS.get(letter)
    if make is None:
        raise UsageError(f"there is no command {letter[:20]!r}; ? lists them")
    return make(rest.strip())


def _called(line: str) -> SeatAction:
    try:
        return SeatAction.model_validate(json.loads(line))
    except (ValueError, RecursionError):
        raise UsageError('an action as JSON is {"name": "search", "arguments": {"query": "..."}}') from None


def _plain(name: str, **arguments: str) -> Callable[[str], SeatAction]:
    def make(rest: str) -> SeatAction:
        if rest:
            raise UsageError(f"{name} takes nothing after its letter")
        return SeatAction(name=name, arguments=dict(arguments))

    return make


def _text(name: str, argument: str, *, needed: str) -> Callable[[str], SeatAction]:
    def make(rest: str) -> SeatAction:
        if not rest and needed:
            raise UsageError(f"{name} needs {needed}")
        return SeatAction(name=name, arguments={argument: rest})

    return make


def _open(rest: str) -> SeatAction:
    if _NUMBER.fullmatch(rest):
        return SeatAction(name="open", arguments={"result": int(rest)})
    if not rest or " " in rest or ":" not in rest:
        raise UsageError("open needs the number of a result, or an address: o 2")
    return SeatAction(name="open", arguments={"url": rest})


def _link(rest: str) -> SeatAction:
    if not _NUMBER.fullmatch(rest):
        raise UsageError("a link is opened by its number: l 3")
    return SeatAction(name="open", arguments={"link": int(rest)})


def _quote(rest: str) -> SeatAction:
    if rest[:1] in _QUOTED:
        text = rest[1:].removesuffix(_QUOTED[rest[0]])
        if not text.strip():
            raise UsageError('there is nothing between the marks; quote a text as q "TEXT"')
        return SeatAction(name="quote", arguments={"text": text})
    match = _SENTENCES.fullmatch(rest)
    if match is None:
        raise UsageError('quote sentences by their numbers, q 12 or q 12-14, or literal text, q "TEXT"')
    first = int(match[1])
    return SeatAction(name="quote", arguments={"first": first, **({"last": int(match[2])} if match[2] else {})})


def _ids(name: str, *, least: int) -> Callable[[str], SeatAction]:
    def make(rest: str) -> SeatAction:
        ids = [f"E{word.lstrip('Ee')}" for word in rest.replace(",", " ").split()]
        if len(ids) < least:
            raise UsageError(f"{name} needs the ids of at least {least} quotes, such as E1 E2")
        return SeatAction(name=name, arguments={"quotes": ids})

    return make


def _drop(rest: str) -> SeatAction:
    if not rest or " " in rest:
        raise UsageError("drop needs the id of one quote: d E1")
    return SeatAction(name="drop", arguments={"quote": f"E{rest.lstrip('Ee')}"})


def _element(name: str, argument: str, **more: bool) -> Callable[[str], SeatAction]:
    def make(rest: str) -> SeatAction:
        ref, _, value = rest.partition(" ")
        if not ref or (argument and not value):
            raise UsageError(f"{name} needs the reference of an element{' and a text' if argument else ''}")
        given = {argument: value.strip()} if argument else {}
        return SeatAction(name=name, arguments={"ref": ref, **given, **more})

    return make


_COMMANDS: dict[str, Callable[[str], SeatAction]] = {
    "s": _text("search", "query", needed="words: s WORDS"),
    "o": _open,
    "l": _link,
    "b": _plain("back"),
    "j": _plain("scroll", direction="down"),
    "k": _plain("scroll", direction="up"),
    "t": _plain("scroll", direction="top"),
    "f": _text("find", "text", needed="a text: f TEXT"),
    "q": _quote,
    "m": _ids("merge", least=2),
    "d": _drop,
    "r": _ids("reorder", least=1),
    "u": _plain("undo"),
    "c": _element("click", ""),
    "w": _element("type_text", "text"),
    "w!": _element("type_text", "text", submit=True),
    "p": _element("select", "value"),
    "a": _text("finish", "answer", needed="an answer, each sentence citing its quotes as [E1]: a ANSWER"),
    "x": _text("reject", "reason", needed="a reason: x REASON"),
}
