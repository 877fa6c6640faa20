"""Entries of reference pages are found by the signature that heads them."""

import re
from collections.abc import Callable

import pytest

from agent.browsing.page import Anchor, Page
from agent.browsing.research.entries import declared, entry_of
from agent.browsing.testing import page_of
from tests.endings import ends

TEXT = """kites: flying kites

- Kite
- Kite.land()
- wind_of()

class kites.Kite(line, *, tail=None)

A kite on a line of the given length.

New in version 1.2.

rise(metres)

Let the kite rise. It never goes higher than its line is long.

New in version 1.4.

land()

Bring the kite down within nine seconds.

New in version 2.1.

class kites.Box

A kite like a box.

land()

Bring the box down.

New in version 2.3.

kites.wind_of(place)

Return the wind at a place. For example:

kites.Kite(40)
wind_of("beach") == 3

A place that is not known has no wind.

New in version 1.9.

Flying at night

Kites need a lamp at night. New in version 0.1 was nothing.
"""

ANCHORS = {
    "class kites.Kite(": "kites.Kite",
    "rise(metres)": "kites.Kite.rise",
    "land()\n\nBring the kite": "kites.Kite.land",
    "class kites.Box": "kites.Box",
    "land()\n\nBring the box": "kites.Box.land",
    "kites.wind_of(place)": "kites.wind_of",
    "Return the wind": "index-3",
    "Flying at night": "flying-at-night",
}


def plain() -> Page:
    return page_of(TEXT)


def marked() -> Page:
    """A page whose generator puts a mark behind each signature."""
    return page_of(re.sub(r"^((?:class )?[\w.]+(?:\(.*\))?)(?=\n\n[A-Z])", "\\1\u00b6", TEXT, flags=re.MULTILINE))


def anchored() -> Page:
    return page_of(TEXT, anchors=[Anchor(name=name, offset=TEXT.index(line)) for line, name in ANCHORS.items()])


PAGES = {"plain": plain, "marked": marked, "anchored": anchored}


def notes(page: Page, symbol: str) -> list[str]:
    entry = entry_of(page, symbol)
    assert entry is not None
    numbers = range(entry.first, entry.last + 1)
    return [text for number in numbers if (text := page.sentence_text(number)).startswith("New in")]


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize(
    ("symbol", "note"),
    [
        ("kites.Kite", "New in version 1.2."),
        ("kites.Kite.rise", "New in version 1.4."),
        ("kites.Kite.land", "New in version 2.1."),
        ("kites.Box.land", "New in version 2.3."),
    ],
)
def test_a_note_belongs_to_the_entry_whose_signature_stands_above_it(kind: str, symbol: str, note: str) -> None:
    assert notes(PAGES[kind](), symbol) == [note]


@pytest.mark.parametrize("kind", ["marked", "anchored"])
def test_code_that_looks_like_a_signature_ends_no_entry(kind: str) -> None:
    assert notes(PAGES[kind](), "kites.wind_of")[0] == "New in version 1.9."


def test_an_entry_ends_where_a_section_begins_that_an_anchor_is_named_after() -> None:
    assert notes(anchored(), "kites.wind_of") == ["New in version 1.9."]


@pytest.mark.parametrize("kind", PAGES)
def test_an_entry_begins_with_its_signature(kind: str) -> None:
    page = PAGES[kind]()
    entry = entry_of(page, "kites.Kite")
    assert entry is not None
    assert page.sentence_text(entry.first).startswith("class kites.Kite(line")
    assert entry.signature.startswith("class kites.Kite(line")


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("symbol", ["kites.Box.rise", "kites.storm", "night"])
def test_a_symbol_that_no_signature_fits_has_no_entry(kind: str, symbol: str) -> None:
    assert entry_of(PAGES[kind](), symbol) is None


def test_signatures_that_share_a_description_have_the_same_one() -> None:
    page = page_of("kites.UP\n\nkites.DOWN\n\nWays to go.\n\nNew in version 3.1.\n\nkites.LEFT\n\nAnother way to go.\n")
    assert notes(page, "kites.UP") == notes(page, "kites.DOWN") == ["New in version 3.1."]


@pytest.mark.parametrize(
    ("line", "kind", "name"),
    [
        ("class kites.Kite(line, *, tail=None)", "class", "kites.Kite"),
        ("## async  def rise(metres) -> float", "async def", "rise"),
        ("kites::Kite::land() \u00b6", "", "kites::Kite::land"),
        ("sky[T]: the sky of a place", "", "sky"),
        ("class = 3", "", "class"),
    ],
)
def test_a_signature_is_told_from_its_kind_its_name_and_what_may_stand_behind_it(
    line: str, kind: str, name: str
) -> None:
    found = declared(line)
    assert found is not None
    assert (found.kind, found.name) == (kind, name)


@pytest.mark.parametrize(
    "line", ["rise(metres", "rise(metres) up", "sky: the sky. Of a place", "two words", "(rise)", ""]
)
def test_a_line_with_anything_else_is_no_signature(line: str) -> None:
    assert declared(line) is None


def of_lines(line: str, times: int) -> Page:
    return page_of("\n\n".join([line] * times))


def on_one_line() -> Page:
    """A page of a single line to which many anchors point."""
    return page_of("word " * 400_000, anchors=[Anchor(name=f"a{number}", offset=number * 50) for number in range(200)])


HOSTILE: dict[str, Callable[[], Page]] = {
    "spaces": lambda: of_lines("kites:" + " " * 500 + ".", 3),
    "brackets": lambda: of_lines("kites.fly(" + ")=" * 480 + ".", 1_000),
    "one line": on_one_line,
    "signatures": lambda: of_lines("kites.rise(metres)", 20_000),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_page_that_is_made_to_take_long_is_looked_through_at_once(kind: str) -> None:
    page = HOSTILE[kind]()
    with ends():
        entry_of(page, "kites.Kite.land")
