"""How far a session may go, and how much of the world it sees at a time."""

from pydantic import Field

from agent.browsing.page import LONGEST_SENTENCE
from agent.domain.base import Fact
from agent.domain.task import BrowseLimits


class Guards(Fact):
    """What keeps a model from going in circles. People are not bound by them.

    Attributes:
        scrolls_down: consecutive scrolls down.
        searches: consecutive searches without a page opened.
        repeats: the same action in the same situation.
        early_finish: a session that used more steps than this, and opened fewer than ``opened`` pages and holds at
            most ``quotes`` quotes, must not finish; None lets it.
        opened, quotes: see ``early_finish``.
    """

    scrolls_down: int | None = Field(default=None, ge=1)
    searches: int | None = Field(default=None, ge=1)
    repeats: int | None = Field(default=None, ge=1)
    early_finish: int | None = Field(default=None, ge=0)
    opened: int = Field(default=0, ge=0)
    quotes: int = Field(default=0, ge=0)


class BrowseProfile(Fact):
    """Limits and sizes of a session.

    Attributes:
        steps: actions of a session; the last one must finish or reject.
        results: search results of a window.
        window_characters: most characters of a window of a page.
        long_page: windows from which on a page is long: it is searched by what it is about, not only by literal text,
            and a result without a place is opened where it fits the query best. None: no page is.
        quotes: most quotes held at a time.
        links: links of a window that are shown.
        opens_inside_pages: links and addresses can be opened from a page, not only results from their list.
        forced_ending: with one step left, only finish and reject are possible.
    """

    name: str
    steps: int = Field(ge=1)
    results: int = Field(ge=1, le=20)
    window_characters: int = Field(ge=LONGEST_SENTENCE)
    quotes: int = Field(ge=1)
    long_page: int | None = Field(default=None, ge=2)
    links: int = Field(default=20, ge=0)
    opens_inside_pages: bool = True
    forced_ending: bool = True
    guards: Guards = Field(default_factory=Guards)


DEFAULT = BrowseProfile(
    name="default",
    steps=100,
    results=5,
    window_characters=1500,
    quotes=40,
    long_page=20,
    guards=Guards(scrolls_down=15, searches=6, repeats=3),
)
"""What a session works with unless somebody wants otherwise."""

WEBCPM = BrowseProfile(
    name="webcpm",
    steps=100,
    results=3,
    window_characters=500,
    quotes=100,
    links=0,
    opens_inside_pages=False,
    forced_ending=False,
    guards=Guards(scrolls_down=3, searches=4, early_finish=10, opened=2, quotes=3),
)
"""The limits of WebCPM: its recorder's sizes, and the guards of its model loop."""

PROFILES = {profile.name: profile for profile in (DEFAULT, WEBCPM)}
"""The named profiles."""


def limits_in(profile: BrowseProfile) -> BrowseLimits | None:
    """Return what is different in a profile from the one of its name; None where nothing is, or there is none."""
    named = PROFILES.get(profile.name, profile)
    found = {name: getattr(profile, name) for name in BrowseLimits.model_fields}
    different = {name: value for name, value in found.items() if value != getattr(named, name)}
    return BrowseLimits(**different) if different else None
