"""Styles of web pages as browsers read them: declarations that hold, rules of style sheets for screens, colours."""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import tinycss2
from lxml import etree
from tinycss2 import color4

from toolserver.browsing.names import names

STYLE_CHARACTERS: Final = 300_000
"""Characters of a page's style sheets that are looked at."""

WIDTH: Final = 1280.0
"""Pixels of the screen for which rules are chosen; the real browser has the same."""

_TELLING: Final = re.compile(
    r"display|visib|opacity|font|width|height|indent|position|transform|clip|color|background|\\|/\*", re.IGNORECASE
)
"""What stands in every style that can hide anything; most styles need not be parsed."""

_PLAIN: Final = re.compile(r"[a-zA-Z0-9_\s:;#%.,-]*")
"""Styles in which each semicolon ends a declaration; to parse these costs ten times as much as to split them."""

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_WIDTHS: Final = re.compile(r"\(\s*(min|max)-width\s*:\s*(\d*\.?\d+)(px|em|rem)?\s*\)")
_WIDE: Final = frozenset(("inherit", "initial", "unset", "revert", "revert-layer"))
_DISPLAYS: Final = names(
    "none contents block inline flow flow-root table flex grid ruby list-item inline-block inline-flex inline-grid "
    "inline-table table-row table-cell table-caption table-column table-column-group table-row-group "
    "table-header-group table-footer-group ruby-base ruby-text ruby-base-container ruby-text-container run-in math "
    "-webkit-box -webkit-inline-box -webkit-flex -webkit-inline-flex"
)
_VISIBILITIES: Final = frozenset(("visible", "hidden", "collapse"))
_NUMBER: Final = re.compile(r"[+-]?\d*\.?\d+(?:e[+-]?\d+)?%?")


class Colour(NamedTuple):
    """A colour: channels of 0 to 255, and how much it covers, 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float


class Styles:
    """The declarations of elements' own styles; each text is parsed once."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, str]] = {}

    def of(self, element: etree._Element) -> dict[str, str]:
        """Return what holds for an element, as ``declared`` does."""
        style = element.get("style", "")
        if not style or not _TELLING.search(style):
            return {}
        if style not in self._known:
            self._known[style] = declared(style)
        return self._known[style]


def declared(style: str | list[Any]) -> dict[str, str]:
    """Return the declarations that hold, in lower case: those that are valid, important ones before others."""
    plain: dict[str, str] = {}
    important: dict[str, str] = {}
    if isinstance(style, str) and _PLAIN.fullmatch(style):
        for part in style.split(";"):
            name, _, value = (" ".join(half.split()).lower() for half in part.partition(":"))
            if _is_valid(name, value):
                plain[name] = value
        return plain
    for node in tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True):
        if node.type != "declaration":
            continue
        value = _written(node.value).lower()
        if _is_valid(node.lower_name, value):
            (important if node.important else plain)[node.lower_name] = value
    return plain | important


def rules(root: etree._Element) -> Iterator[tuple[str, dict[str, str]]]:
    """Return the rules of a page's own style sheets that hold on a screen: selectors and declarations."""
    left = STYLE_CHARACTERS
    for sheet in root.iter("style"):
        text = (sheet.text or "")[:left]
        left -= len(text)
        if not _is_for_screens(sheet.get("media", "")):
            continue
        waiting = list(reversed(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)))
        while waiting:
            node = waiting.pop()
            if node.type == "qualified-rule":
                yield _written(node.prelude), declared(node.content)
            elif node.type == "at-rule" and node.content is not None and _holds(node):
                inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
                waiting.extend(reversed(inner))


def colour(value: str) -> Colour | None:
    """Return the colour that a value names; None where it names none."""
    found = color4.parse_color(value)
    if not isinstance(found, color4.Color):
        return None
    red, green, blue = (255 * min(max(part or 0.0, 0.0), 1.0) for part in found.to("srgb").coordinates)
    return Colour(red, green, blue, found.alpha or 0.0)


def _written(tokens: list[Any]) -> str:
    try:
        return " ".join(_COMMENT.sub(" ", tinycss2.serialize(tokens)).split())
    except RecursionError:
        # nested far deeper than any style that does something
        return ""


def _is_valid(name: str, value: str) -> bool:
    """Return whether a browser takes a value; where that is not known here, it does."""
    if not value or value in _WIDE or "var(" in value:
        return bool(value)
    if name == "display":
        return set(value.split()) <= _DISPLAYS
    if name == "visibility":
        return value in _VISIBILITIES
    if name == "opacity":
        return _NUMBER.fullmatch(value) is not None or "(" in value
    if name in ("color", "background-color"):
        return color4.parse_color(value) is not None
    return True


def _holds(node: Any) -> bool:
    if node.lower_at_keyword == "media":
        return _is_for_screens(_written(node.prelude))
    return node.lower_at_keyword == "layer" or (
        node.lower_at_keyword == "supports" and not _written(node.prelude).lower().startswith("not")
    )


def _is_for_screens(queries: str) -> bool:
    """Return whether media queries fit a wide screen; those with conditions that are not known here do not."""
    return not queries.strip() or any(_fits(query.strip().lower()) for query in queries.split(","))


def _fits(query: str) -> bool:
    for side, number, unit in _WIDTHS.findall(query):
        pixels = float(number) * (16 if unit in ("em", "rem") else 1)
        if (side == "min" and pixels > WIDTH) or (side == "max" and pixels < WIDTH):
            return False
    rest = _WIDTHS.sub(" ", query).split()
    return set(rest) <= {"only", "screen", "all", "and"}
