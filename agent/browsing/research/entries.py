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
_SIGNATURE = re.compile(
    r"(?:#{1,6}\s+)?(?P<kind>(?:(?:class|exception|abstract|static|final|async|classmethod|staticmethod|abstractmethod"
    r"|coroutine|property|function|method|macro|type|struct|enum|interface|const|def|fn|func)\s+)*)@?"
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:(?:\.|::)[A-Za-z_][A-Za-z0-9_]*)*)"
    rf"(?P<rest>\(.*\)|\[.*\])?(?:\s*(?:->|\u2192|=|:)\s*[^.]*?)?\s*(?P<mark>[{MARKS}])?\s*$"
)
_PROSE = re.compile(r"[(\u201c\"'*]*[A-Z\u4e00-\u9fff].*(?:[.:;)]|\s[a-z]+\s.*)", re.DOTALL)
_CODE_OPENS = re.compile(r"\s*(?:>>>|\.\.\.|from |import |def |if |for |while |with |return |print\()")
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
    scored = [(_fit(found, index, symbol) + _bulk(page, found, index), -index) for index in range(len(found))]
    best, place = max(scored, default=(0.0, 0))
    if best < 1:
        return None
    index = -place
    end = _end(page, found, index)
    first = _sentence_at(page, found[index].start)
    last = max(_sentence_at(page, end - 1) if end < len(page.text) else len(page.sentences), first)
    if last > first and page.sentences[last - 1].end > end:
        last -= 1
    return Entry(first, last, " ".join(page.text[found[index].start : found[index].end].split()))


def _end(page: Page, found: Sequence[Signature], index: int) -> int:
    """Return where an entry ends: at the next signature or section. Signatures that follow at once share its body."""
    end = found[index].end
    for following in found[index + 1 :]:
        if page.text[end : following.start].strip():
            return following.start
        end = following.end
    return len(page.text)


def _bulk(page: Page, found: Sequence[Signature], index: int) -> float:
    """Return up to one for the length of what stands under a signature; lists and tables of symbols have little."""
    return min(_end(page, found, index) - found[index].end, 600) / 601


def _anchored(page: Page) -> list[Signature]:
    """Return the signatures and sections of a page that anchors are named after; none where no signature is."""
    found: dict[int, Signature] = {}
    for anchor in page.anchors:
        start, end = _line_at(page.text, anchor.offset)
        line = page.text[start:end].strip()
        match = _SIGNATURE.match(line) if len(line) < 1000 else None
        if match is not None and _parts(anchor.name)[-1:] == _parts(match["name"])[-1:]:
            found.setdefault(start, Signature(start, end, match["name"], match["kind"].strip(), True, anchor.name))
        elif _slug(line) == _slug(anchor.name):
            found.setdefault(start, Signature(start, end, ""))
    return [found[start] for start in sorted(found)] if any(one.whole for one in found.values()) else []


def _line_at(text: str, offset: int) -> tuple[int, int]:
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    return start, len(text) if end < 0 else end


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


def _signatures(lines: Sequence[tuple[int, str]]) -> Iterator[Signature]:
    for index, (start, line) in enumerate(lines):
        bare = line.strip()
        match = _SIGNATURE.match(bare) if len(bare) < 1000 else None
        if match is None:
            continue
        indent = len(line) - len(line.lstrip())
        marked = match["mark"] is not None
        if marked or _heads(lines, index, match):
            yield Signature(start + indent, start + indent + len(bare), match["name"], match["kind"].strip(), marked)


def _heads(lines: Sequence[tuple[int, str]], index: int, match: re.Match[str]) -> bool:
    """Whether a line without a mark is a heading and not a line of code, a word or an item of a table of contents."""
    line = lines[index][1]
    if line.rstrip().endswith(":") or _CODE_OPENS.match(line):
        return False
    following = next((text for _, text in lines[index + 1 : index + 2]), "").strip()
    before = lines[index - 1][1] if index else ""
    if _CODE_OPENS.match(before) and not match["kind"]:
        return False
    if match["kind"] or "." in match["name"] or "_" in match["name"] or match["rest"]:
        return _PROSE.match(following) is not None or _SIGNATURE.match(following) is not None
    return _PROSE.match(following) is not None


def _fit(found: Sequence[Signature], index: int, symbol: str) -> float:
    """Return how well a signature fits a symbol; nothing where it does not."""
    here = found[index]
    parts, own, whole = symbol.split("."), _parts(here.name), _parts(here.whole)
    if parts in (own, whole):
        return 10.0 + here.marked + 0.5 * bool(here.kind)
    if len(parts) > 1 and parts in (own[-len(parts) :], whole[-len(parts) :]):
        return 5.0
    if here.whole or parts[-len(own) :] != own:
        # the anchor tells the whole name, and it is another one
        return 2.0 if len(own) > 1 and parts[-len(own) :] == own else -10.0
    rest = parts[: -len(own)]
    above = _container(found, index)
    if above and above[-1] == rest[-1]:
        return 6.0 + len(above)
    # a signature of the last parts alone, under nothing that contradicts it
    return 3.0 if len(own) > 1 else 1.0 if not above else -10.0


def _container(found: Sequence[Signature], index: int) -> list[str]:
    """Return the parts of the name under whose entry a signature stands: the last class or qualified name above it."""
    for above in reversed(found[:index]):
        if above.kind.startswith(("class", "exception", "struct", "interface", "type", "enum", "abstract", "final")):
            return _parts(above.name)
    return []


def _sentence_at(page: Page, offset: int) -> int:
    """Return the number of the sentence that holds an offset, or of the first after it."""
    return next(
        (number for number, (_, end) in enumerate(page.sentences, start=1) if offset < end), len(page.sentences)
    )
