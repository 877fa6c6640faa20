"""What of a web page nobody sees: found and taken out before anything is read, so that no text can hide there."""

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from toolserver.browsing.names import names
from toolserver.browsing.styles import Colour, Styles, colour, rules

NEVER_SHOWN: Final = names(
    "script style noscript template head iframe object embed applet canvas svg datalist audio video map "
    "frameset noframes noembed"
)
"""Elements whose content is no text of the page; a page's title is read before."""

INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u180e\u200b\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""Characters without a shape that a text can do without. Joiners and marks of direction, which scripts need, are not
among them; overrides of direction, which only deceive, are."""

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that the parser lets through and that it takes back from nobody."""

_LENGTH: Final = re.compile(r"^([+-]?\d*\.?\d+(?:e[+-]?\d+)?)\s*(px|pt|em|rem|ex|ch|vw|vh|%|in|cm|mm)?$")
_PIXELS: Final = {"": 1.0, "px": 1.0, "pt": 1.33, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "%": 0.16, "in": 96.0}
_PIXELS_MORE: Final = {"vw": 13.0, "vh": 8.0, "cm": 38.0, "mm": 3.8}
_OUTSIDE: Final = -400.0
"""Pixels; what stands further out is on no screen."""

_LARGE: Final = ("html", "body", "main", "article")
_SIMPLE: Final = re.compile(r"^([a-zA-Z][a-zA-Z0-9]*)?((?:[.#][\w-]+)+)$")
_NEAR: Final = 24.0
"""Sum of the differences of three channels of 0 to 255 that no eye tells apart."""


def remove_hidden(root: etree._Element) -> None:
    """Take out of a tree everything that is not shown, with comments; text that follows it stays."""
    styles = Styles()
    hiding = tuple(_hiding_rules(root))
    doomed = [
        element
        for element in root.iter()
        if not isinstance(element.tag, str) or element.tag in NEVER_SHOWN or _is_hidden(element, hiding, styles)
    ]
    for element in doomed:
        _take_out(element)


def _take_out(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = _CONTROL.sub("", (parent.text or "") + element.tail)
        else:
            before.tail = _CONTROL.sub("", (before.tail or "") + element.tail)
    parent.remove(element)


def _is_hidden(element: etree._Element, hiding: "tuple[_Rule, ...]", styles: Styles) -> bool:
    attributes = element.attrib
    if "hidden" in attributes or attributes.get("aria-hidden", "").strip().lower() == "true":
        return True
    if element.tag == "dialog" and "open" not in attributes:
        return True
    if element.tag == "font" and _same_as_background(element, attributes.get("color", ""), styles):
        return True
    given = styles.of(element)
    if given and (_hides(given) or ("color" in given and _same_as_background(element, given["color"], styles))):
        return True
    return bool(hiding) and ("class" in attributes or "id" in attributes) and any(rule.fits(element) for rule in hiding)


def _hides(given: dict[str, str]) -> bool:
    """Return whether declarations hide an element whatever surrounds it."""
    ink = colour(given.get("color", ""))
    return (
        given.get("display") == "none"
        or given.get("visibility") in ("hidden", "collapse")
        or given.get("content-visibility") == "hidden"
        or _number(given.get("opacity", "1")) <= 0.05
        or _tiny(given)
        or _far_out(given)
        or _clipped(given)
        or (ink is not None and ink.alpha < 0.05)
    )


def _tiny(given: dict[str, str]) -> bool:
    font = given.get("font-size") or next(
        (part.partition("/")[0] for part in given.get("font", "").split() if _LENGTH.match(part.partition("/")[0])), ""
    )
    if font and abs(_pixels(font, 16.0)) <= 1.5:
        return True
    sizes = [_pixels(given[name], 99.0) for name in ("width", "height", "max-width", "max-height") if name in given]
    return bool(sizes) and min(sizes) <= 1.5 and given.get("overflow", "").startswith(("hidden", "clip"))


def _far_out(given: dict[str, str]) -> bool:
    if _pixels(given.get("text-indent", "0"), 0.0) <= _OUTSIDE:
        return True
    if given.get("position") in ("absolute", "fixed", "relative"):
        sides = ("left", "top", "right", "bottom", "inset", "margin-left", "margin-top")
        if any(_pixels(given[side].split()[0], 0.0) <= _OUTSIDE for side in sides if given.get(side)):
            return True
    moved = re.findall(r"translate[xy3d]*\(([^)]*)", given.get("transform", ""))
    if any(_pixels(part.strip(), 0.0) <= _OUTSIDE for parts in moved for part in parts.split(",")):
        return True
    return re.search(r"scale[xy]?\(\s*0(?:\.0+)?\s*[,)]", given.get("transform", "")) is not None


def _clipped(given: dict[str, str]) -> bool:
    clip = given.get("clip", "") + given.get("clip-path", "")
    numbers = [float(number) for number in re.findall(r"-?\d*\.?\d+", clip)]
    if "rect" in clip:
        return len(numbers) >= 4 and max(numbers) <= 1.5
    return ("inset" in clip and bool(numbers) and min(numbers) >= 50) or ("circle" in clip and numbers[:1] == [0.0])


def _number(value: str) -> float:
    try:
        return float(value.rstrip("%")) / (100 if value.endswith("%") else 1)
    except ValueError:
        return 1.0


def _pixels(value: str, unknown: float) -> float:
    found = _LENGTH.match(value.strip())
    if found is None:
        return unknown
    unit = found[2] or ""
    return float(found[1]) * (_PIXELS.get(unit) or _PIXELS_MORE[unit])


def _same_as_background(element: etree._Element, said: str, styles: Styles) -> bool:
    """Return whether a colour is that of the nearest background that is set inline; white where none is."""
    ink = colour(said)
    if ink is None:
        return False
    around: etree._Element | None = element
    while around is not None:
        style = styles.of(around)
        background = style.get("background-color") or style.get("background") or around.get("bgcolor") or ""
        if "url(" in background or "gradient" in background:
            return False
        ground = next((found for part in _parts(background) if (found := colour(part)) and found.alpha > 0), None)
        if ground is not None:
            return _near(ink, ground)
        if around.tag not in _LARGE and (around.get("class") or around.get("id")):
            # a style sheet may give it any background; that of the page as a whole is rarely dark under white text
            return False
        around = around.getparent()
    return _near(ink, Colour(255, 255, 255, 1))


def _near(one: Colour, other: Colour) -> bool:
    return sum(abs(part - its) for part, its in zip(one[:3], other[:3], strict=True)) < _NEAR


def _parts(value: str) -> list[str]:
    return re.findall(r"[a-z]+\([^)]*\)|[^\s]+", value)


class _Rule:
    """A selector of a page's own style sheet whose elements are not shown: a tag, classes and an id, nothing else."""

    def __init__(self, tag: str, rest: str) -> None:
        self._tag = tag
        self._classes = frozenset(re.findall(r"\.([\w-]+)", rest))
        self._ids = frozenset(re.findall(r"#([\w-]+)", rest))

    def fits(self, element: etree._Element) -> bool:
        """Return whether it is about an element."""
        if self._tag and element.tag != self._tag:
            return False
        if self._ids and not self._ids <= {element.get("id", "")}:
            return False
        return self._classes <= set(element.get("class", "").split())


def _hiding_rules(root: etree._Element) -> Iterator[_Rule]:
    for selectors, given in rules(root):
        if _hides(given):
            for selector in selectors.split(","):
                if found := _SIMPLE.match(selector.strip()):
                    yield _Rule((found[1] or "").lower(), found[2])
