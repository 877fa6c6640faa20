"""Entries of reference pages: a heading that is a symbol's signature, and the description that stands under it.

Where a page has anchors, those that are named after the signature that stands there head entries. Without them only
text is looked at: a signature on a line of its own, with or without the mark that many generators put behind it.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.browsing.page import Page

MARKS = "\u00b6#\u00a7\U0001f517"
"""What generators put behind a heading as a permanent link to it."""

_LINE = re.compile(r"[^\n]+")
_LONGEST_LINE = 1000
"""Characters; a line that is longer is no heading."""
_HEAD = re.compile(
    r"(?:#{1,6} )?(?P<kind>(?:(?:class|exception|abstract|static|final|async|classmethod|staticmethod|abstractmethod"
    r"|coroutine|property|function|method|macro|type|struct|enum|interface|const|def|fn|func) )*)@?"
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:(?:\.|::)[A-Za-z_][A-Za-z0-9_]*)*+)"
)
_TYPE = re.compile(r" ?(?:->|\u2192|=|:)")
_CLOSED = {"(": ")", "[": "]"}
_TYPE_BEHIND = {bracket: re.compile(re.escape(bracket) + _TYPE.pattern) for bracket in _CLOSED.values()}
_PROSE = re.compile(r"[(\u201c\"'*]*[A-Z\u4e00-\u9fff].*(?:[.:;)]|\s[a-z]+\s.*)", re.DOTALL)
_CODE_OPENS = re.compile(r"\s*(?:>>>|\.\.\.|from |import |def |if |for |while |with |return |print\()")
_CONTAINERS = ("class", "exception", "struct", "interface", "type", "enum", "abstract", "final")
_FEW_MARKS = 3


class Signature(NamedTuple):
    """A line that heads an entry: its span in the page's text, and the name it declares; a section declares none.

    ``whole`` is the name with what stands above it, where an anchor tells it.
    """

    start: int
    end: int
    name: str
    kind: str = ""
    marked: bool = False
    whole: str = ""


class Declared(NamedTuple):
    """What a line declares that is a signature; ``rest`` tells whether parameters stand behind the name."""

    kind: str
    name: str
    rest: bool
    marked: bool


class Entry(NamedTuple):
    """An entry by the numbers of its sentences, counted from 1 and inclusive; the first one has the signature."""

    first: int
    last: int
    signature: str


def entry_of(page: Page, symbol: str) -> Entry | None:
    """Return the entry of a symbol, or None where the page has none.

    A signature may give the last parts of the symbol's name only, where it stands below one that gives the rest.
    """
    found = _anchored(page) or signatures(page.text)
    ends, above = _ends(page, found), _containers(found)
    scored = [
        (_fit(signature, above[index], symbol) + _bulk(signature, ends[index]), -index)
        for index, signature in enumerate(found)
    ]
    best, place = max(scored, default=(0.0, 0))
    if best < 1:
        return None
    start, end = found[-place].start, ends[-place]
    first = _sentence_at(page, start)
    last = max(_sentence_at(page, end - 1) if end < len(page.text) else len(page.sentences), first)
    if last > first and page.sentences[last - 1].end > end:
        last -= 1
    return Entry(first, last, " ".join(page.text[start : found[-place].end].split()))


def _ends(page: Page, found: Sequence[Signature]) -> list[int]:
    """Return where entries end: at the next signature or section. Signatures that follow at once share its body."""
    ends: list[int] = []
    beyond = following = len(page.text)
    for signature in reversed(found):
        if page.text[signature.end : following].strip():
            beyond = following
        ends.append(beyond)
        following = signature.start
    return ends[::-1]


def _bulk(signature: Signature, end: int) -> float:
    """Return up to one for the length of what stands under a signature; lists and tables of symbols have little."""
    return min(end - signature.end, 600) / 601


def _anchored(page: Page) -> list[Signature]:
    """Return the signatures and sections of a page that anchors are named after; none where no signature is."""
    found: dict[int, Signature] = {}
    lines: dict[int, tuple[Declared | None, str]] = {}
    for anchor in page.anchors:
        span = _line_at(page.text, anchor.offset)
        if span is None:
            continue
        start, end = span
        if start not in lines:
            lines[start] = declared(page.text[start:end]), _slug(page.text[start:end])
        here, slug = lines[start]
        if here is not None and _parts(anchor.name)[-1:] == _parts(here.name)[-1:]:
            found.setdefault(start, Signature(start, end, here.name, here.kind, True, anchor.name))
        elif slug == _slug(anchor.name):
            found.setdefault(start, Signature(start, end, ""))
    return [found[start] for start in sorted(found)] if any(one.whole for one in found.values()) else []


def _line_at(text: str, offset: int) -> tuple[int, int] | None:
    """Return the line at an offset; None for one that is too long for a heading, which is not looked through."""
    earliest = max(offset - _LONGEST_LINE, 0)
    start = text.rfind("\n", earliest, offset) + 1
    if start == 0 and earliest > 0:
        return None
    end = text.find("\n", offset, start + _LONGEST_LINE)
    if end < 0:
        end = len(text)
    return (start, end) if end - start < _LONGEST_LINE else None


def _parts(name: str) -> list[str]:
    return name.replace("::", ".").split(".")


def _slug(text: str) -> str:
    return "-".join(re.findall(r"[^\W_]+", text.casefold()))


def signatures(text: str) -> list[Signature]:
    """Return the lines of a text that head entries, in order; where marks are in use, only lines with one."""
    lines = [(match.start(), match[0]) for match in _LINE.finditer(text) if not match[0].isspace()]
    found = list(_signatures(lines))
    marked = [signature for signature in found if signature.marked]
    return marked if len(marked) >= _FEW_MARKS else found


def declared(line: str) -> Declared | None:
    """Return what a line declares; None where it is no signature. It takes time in proportion to the line's length."""
    if len(line) >= _LONGEST_LINE:
        return None
    flat = " ".join(line.split())
    marked = flat[-1:] in tuple(MARKS)
    if marked:
        flat = flat[:-1].rstrip()
    head = _HEAD.match(flat)
    if head is None:
        return None
    behind = flat[head.end() :]
    rest = _is_rest(behind)
    if not rest and behind and ("." in behind or not _TYPE.match(behind)):
        return None
    return Declared(head["kind"].strip(), head["name"], rest, marked)


def _is_rest(text: str) -> bool:
    """Whether a text is parameters in brackets, perhaps with a type or a value behind them that has no full stop."""
    bracket = _CLOSED.get(text[:1])
    if bracket is None:
        return False
    return text.endswith(bracket) or _TYPE_BEHIND[bracket].search(text, text.rfind(".") + 1) is not None


def _signatures(lines: Sequence[tuple[int, str]]) -> Iterator[Signature]:
    for index, (start, line) in enumerate(lines):
        here = declared(line)
        if here is not None and (here.marked or _heads(lines, index, here)):
            indent = len(line) - len(line.lstrip())
            yield Signature(start + indent, start + len(line.rstrip()), here.name, here.kind, here.marked)


def _heads(lines: Sequence[tuple[int, str]], index: int, here: Declared) -> bool:
    """Whether a line without a mark is a heading and not a line of code, a word or an item of a table of contents."""
    line = lines[index][1]
    if line.rstrip().endswith(":") or _CODE_OPENS.match(line):
        return False
    following = next((text for _, text in lines[index + 1 : index + 2]), "")
    prose = _PROSE.match(following[:_LONGEST_LINE].strip()) is not None
    before = lines[index - 1][1] if index else ""
    if _CODE_OPENS.match(before) and not here.kind:
        return False
    if here.kind or "." in here.name or "_" in here.name or here.rest:
        return prose or declared(following) is not None
    return prose


def _fit(here: Signature, above: Sequence[str], symbol: str) -> float:
    """Return how well a signature that stands below a name fits a symbol; nothing where it does not."""
    parts, own, whole = symbol.split("."), _parts(here.name), _parts(here.whole)
    if parts in (own, whole):
        return 10.0 + here.marked + 0.5 * bool(here.kind)
    if len(parts) > 1 and parts in (own[-len(parts) :], whole[-len(parts) :]):
        return 5.0
    if here.whole or parts[-len(own) :] != own:
        # the anchor tells the whole name, and it is another one
        return 2.0 if len(own) > 1 and parts[-len(own) :] == own else -10.0
    rest = parts[: -len(own)]
    if above and above[-1] == rest[-1]:
        return 6.0 + len(above)
    # a signature of the last parts alone, under nothing that contradicts it
    return 3.0 if len(own) > 1 else 1.0 if not above else -10.0


def _containers(found: Sequence[Signature]) -> list[list[str]]:
    """Return for each signature the parts of the name under whose entry it stands: the last class above it."""
    containers: list[list[str]] = []
    above: list[str] = []
    for signature in found:
        containers.append(above)
        if signature.kind.startswith(_CONTAINERS):
            above = _parts(signature.name)
    return containers


def _sentence_at(page: Page, offset: int) -> int:
    """Return the number of the sentence that holds an offset, or of the first after it."""
    return next(
        (number for number, (_, end) in enumerate(page.sentences, start=1) if offset < end), len(page.sentences)
    )
