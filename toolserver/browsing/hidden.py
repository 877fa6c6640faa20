"""What of a web page nobody sees: found and taken out before anything is read, so that no text can hide there."""

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from toolserver.browsing.names import names

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

_DECLARATION: Final = re.compile(r"([\w-]+)\s*:\s*([^;]{1,300})")
_LENGTH: Final = re.compile(r"^(-?\d*\.?\d+)\s*(px|pt|em|rem|ex|ch|vw|vh|%|in|cm|mm)?$")
_PIXELS: Final = {"": 1.0, "px": 1.0, "pt": 1.33, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "%": 0.16, "in": 96.0}
_PIXELS_MORE: Final = {"vw": 13.0, "vh": 8.0, "cm": 38.0, "mm": 3.8}
_OUTSIDE: Final = -400.0
"""Pixels; what stands further out is on no screen."""

_LARGE: Final = ("html", "body", "main", "article")
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE: Final = re.compile(r"([^{}]{1,500})\{([^{}]{0,2000})\}")
_SIMPLE: Final = re.compile(r"^([a-z][a-z0-9]*)?((?:[.#][\w-]+)+)$")
_STYLE_CHARACTERS: Final = 300_000
_NAMED: Final = {"white": "ffffff", "black": "000000", "red": "ff0000", "transparent": ""}


def remove_hidden(root: etree._Element) -> None:
    """Take out of a tree everything that is not shown, with comments; text that follows it stays."""
    rules = tuple(_hiding_rules(root))
    doomed = [
        element
        for element in root.iter()
        if not isinstance(element.tag, str) or element.tag in NEVER_SHOWN or _is_hidden(element, rules)
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


def _is_hidden(element: etree._Element, rules: "tuple[_Rule, ...]") -> bool:
    attributes = element.attrib
    if "hidden" in attributes or attributes.get("aria-hidden", "").strip().lower() == "true":
        return True
    if element.tag == "dialog" and "open" not in attributes:
        return True
    if element.tag == "font" and _same_as_background(element, attributes.get("color", "")):
        return True
    style = attributes.get("style", "")
    if style and _hides(style, element):
        return True
    return bool(rules) and ("class" in attributes or "id" in attributes) and any(rule.fits(element) for rule in rules)


def _hides(style: str, element: etree._Element | None) -> bool:
    """Return whether declarations hide an element; without one only those are looked at that need no surroundings."""
    given = {name.lower(): value.strip().lower() for name, value in _DECLARATION.findall(style)}
    given = {name: value.replace("!important", "").strip() for name, value in given.items()}
    return (
        given.get("display") == "none"
        or given.get("visibility") in ("hidden", "collapse")
        or given.get("content-visibility") == "hidden"
        or _number(given.get("opacity", "1")) <= 0.05
        or _tiny(given)
        or _far_out(given)
        or _clipped(given)
        or (element is not None and "color" in given and _same_as_background(element, given["color"]))
        or given.get("color") == "transparent"
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


def _same_as_background(element: etree._Element, color: str) -> bool:
    """Return whether a colour is that of the nearest background that is set inline; white where none is."""
    wanted = _colour(color)
    if not wanted:
        return False
    around: etree._Element | None = element
    while around is not None:
        style = dict(_DECLARATION.findall(around.get("style", "").lower()))
        background = style.get("background-color") or style.get("background") or around.get("bgcolor") or ""
        if "url(" in background or "gradient" in background:
            return False
        found = next((colour for part in _parts(background) if (colour := _colour(part))), "")
        if found:
            return found == wanted
        if around.tag not in _LARGE and (around.get("class") or around.get("id")):
            # a style sheet may give it any background; that of the page as a whole is rarely dark under white text
            return False
        around = around.getparent()
    return wanted == "ffffff"


def _parts(value: str) -> list[str]:
    return re.findall(r"rgba?\([^)]*\)|[^\s]+", value)


def _colour(value: str) -> str:
    value = value.replace("!important", "").strip().lower()
    if value in _NAMED:
        return _NAMED[value]
    if found := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", value):
        return found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
    if found := re.fullmatch(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3}).*\)", value):
        return "".join(f"{min(int(part), 255):02x}" for part in found.groups())
    return ""


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
    sheets = "".join(element.text or "" for element in root.iter("style"))[:_STYLE_CHARACTERS]
    plain = _without_at_rules(_COMMENT.sub(" ", sheets))
    for selectors, declarations in _RULE.findall(plain):
        if _hides(declarations, None):
            for selector in selectors.split(","):
                if found := _SIMPLE.match(selector.strip()):
                    yield _Rule(found[1] or "", found[2])


def _without_at_rules(sheet: str) -> str:
    """Return a style sheet without what holds only sometimes, such as when it is printed."""
    kept, position = [], 0
    for match in re.finditer(r"@[\w-]+[^;{}]*([;{])", sheet):
        if match.start() < position:
            continue
        kept.append(sheet[position : match.start()])
        position = match.end()
        depth = 1 if match[1] == "{" else 0
        while depth and position < len(sheet):
            depth += {"{": 1, "}": -1}.get(sheet[position], 0)
            position += 1
    return "".join((*kept, sheet[position:]))
