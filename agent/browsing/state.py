"""The state of a browsing session: immutable, and everything about it computed without input or output."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple
from urllib.parse import urldefrag

from pydantic import Field

from agent.browsing import actions
from agent.browsing.actions import Action, Direction, name_of
from agent.browsing.errors import FailureKind, IllegalAction
from agent.browsing.page import Extractor, Page, Tier, Window, window_text
from agent.browsing.ports import SearchResult
from agent.browsing.profile import DEFAULT, BrowseProfile
from agent.browsing.ranking import Ranking
from agent.domain.base import Fact
from agent.domain.evidence import Quote
from agent.domain.messages import digest_of

Seat = Literal["model", "person"]
"""Who acts. The guards bind models only; people can undo and reorder, and their mistakes cost no steps."""
Ending = Literal["finished", "rejected"]

_URL = re.compile(r"https?://[^\s<>\"'\u3000-\u303f\uff00-\uff0f]+")
_CANDIDATES = 50
"""Windows whose sentences are looked at, best by their words first."""
_LEADER = re.compile(r"(?:\.[ \t]?){5,}|(?:\u2026[ \t]?){2,}|(?:\u00b7[ \t]?){5,}")
"""Dots that lead from a heading to its page number."""
_LEADERS = 4
_CITED = re.compile(r"\[(E\d+)\]")


class Place(NamedTuple):
    """A window of a page by its index, and a sentence in it by its number."""

    window: int
    sentence: int


class ResultsView(Fact):
    """The list of results of a search, at one of its windows."""

    query: str
    results: tuple[SearchResult, ...]
    window: int = 0


class PageView(Fact):
    """A page, at one of its windows. ``cut`` are all its windows."""

    page: Page
    cut: tuple[Window, ...]
    window: int = 0

    @property
    def here(self) -> Window:
        """The window that is shown; an empty page has one without text."""
        return self.cut[self.window] if self.cut else Window(1, 0, 0, 0)

    @property
    def text(self) -> str:
        """What is shown, as it stands in the page."""
        return window_text(self.page, self.here)

    @cached_property
    def ranking(self) -> Ranking:
        """The page's windows, to be ranked by their words; made when first asked for."""
        return Ranking(window_text(self.page, window) for window in self.cut)

    def about(self, query: str, limit: int) -> tuple["Place", ...]:
        """Return where the page is about something: its windows, best first, and the sentence that says most.

        A window counts by its words and by the one sentence in it that has most of the query's words: in a long text
        these words stand together by chance in many windows, and in few sentences. A table of contents names
        everything and says nothing, so it comes last.
        """
        places: list[tuple[bool, float, Place]] = []
        for hit in self.ranking.best(query, max(limit, _CANDIDATES)):
            window = self.cut[hit.position]
            inside = {
                number: self.ranking.coverage(query, self.page.sentence_text(number))
                for number in range(window.first, window.last + 1)
            }
            sentence = max(inside, key=lambda number: (inside[number], -number), default=window.first)
            contents = len(_LEADER.findall(window_text(self.page, window))) >= _LEADERS
            places.append((contents, -hit.score - inside.get(sentence, 0.0), Place(hit.position, sentence)))
        return tuple(place for _, _, place in sorted(places)[:limit])

    def at(self, window: int) -> "PageView":
        """Return the same page at another of its windows."""
        # a copy keeps the ranking that was made, which depends on the page and its windows alone
        return self.model_copy(update={"window": window})


View = ResultsView | PageView


class PageQuote(Fact):
    """A quote of a page, with how the page was had.

    Attributes:
        url: the address that was asked for; the one that answered is the quote's ``source.location``.
        raw_sha256: hash of the bytes that came.
        status: of the HTTP answer; 0 where there was none.
        content_type: as the server said.
        extractor: what made the page's text.
    """

    quote: Quote
    url: str
    fetched_at: str = Field(description="ISO 8601, UTC")
    tier: Tier
    raw_sha256: str
    status: int = 0
    content_type: str = ""
    extractor: Extractor | None = None


class Kept(Fact):
    """Evidence of a session: one quote, or several that were merged, each with its own source."""

    id: str
    quotes: tuple[PageQuote, ...] = Field(min_length=1)

    @property
    def text(self) -> str:
        """The words of all its quotes, each on lines of its own."""
        return "\n".join(part.quote.text for part in self.quotes)


class Observation(Fact):
    """What came of an action that reached outside, or what is told of any.

    Attributes:
        ok: whether the action was done.
        kind: of the failure; ``illegal`` or ``no_quote`` for actions that were refused.
        message: one line for whoever acts.
        results: of a search.
        page: that was opened, or as it is after a click.
        cut: windows of the page, where they are not the profile's.
        window: of the page at which it opens.
    """

    ok: bool = True
    kind: FailureKind | Literal["", "illegal", "no_quote"] = ""
    message: str = ""
    results: tuple[SearchResult, ...] = ()
    page: Page | None = None
    cut: tuple[Window, ...] | None = None
    window: int | None = None


class Step(Fact):
    """One entry of a session's history.

    Attributes:
        note: what came of it in one line.
        situation: digest of where it was done, for the loop guard.
        where: what the action was about, such as the title of the page that it opened.
    """

    name: str
    arguments: dict[str, Any]
    ok: bool = True
    note: str = ""
    situation: str = ""
    where: str = ""


class BrowseState(Fact):
    """Where a session is.

    Attributes:
        known_urls: addresses that may be opened, without fragments: from the question, from results, from links.
        query: of the last search.
        views: the way back; the last one is shown.
        previous: what was shown before the last action.
        kept: the quotes in order.
        quoted: quotes made so far, so that no id is used twice.
        used: steps used.
        before: the state before the last action, for undo; None where nothing can be taken back.
    """

    question: str
    profile: BrowseProfile = DEFAULT
    seat: Seat = "model"
    known_urls: frozenset[str] = frozenset()
    query: str = ""
    views: tuple[View, ...] = ()
    previous: View | None = None
    kept: tuple[Kept, ...] = ()
    quoted: int = 0
    history: tuple[Step, ...] = ()
    used: int = 0
    ended: Ending | None = None
    answer: str = ""
    before: "BrowseState | None" = Field(default=None, exclude=True, repr=False)

    @property
    def left(self) -> int:
        """Steps left."""
        return max(self.profile.steps - self.used, 0)

    @property
    def view(self) -> View | None:
        """What is shown; None before the first search."""
        return self.views[-1] if self.views else None

    @property
    def page(self) -> PageView | None:
        """The page that is shown, if it is one."""
        return self.view if isinstance(self.view, PageView) else None

    @property
    def results(self) -> ResultsView | None:
        """The list of results that numbers refer to: the last one on the way here."""
        return next((view for view in reversed(self.views) if isinstance(view, ResultsView)), None)

    @property
    def situation(self) -> str:
        """Digest of what an action could change: the view, the query and the quotes."""
        view = self.view
        if isinstance(view, PageView):
            place: list[Any] = ["page", view.page.final_url, view.page.text_sha256, view.window]
        else:
            place = ["results", view.query, view.window] if view else []
        return digest_of([place, self.query, [kept.id for kept in self.kept]])[:16]


class Target(NamedTuple):
    """What an open action means: an address, and where in the page to begin."""

    url: str
    offset: int | None = None
    title: str = ""


def begin(
    question: str,
    *,
    profile: BrowseProfile = DEFAULT,
    seat: Seat = "model",
    urls: Sequence[str] = (),
    asked_by_user: bool = True,
) -> BrowseState:
    """Return the state at the beginning of a session.

    Args:
        question: what is to be found out.
        profile: its limits.
        seat: who acts.
        urls: addresses of the user that may be opened.
        asked_by_user: the question is the user's own words, so that addresses in it may be opened, too. A model may
            have been told by a page to ask for an address.
    """
    given = (*urls, *(addresses_in(question) if asked_by_user else ()))
    return BrowseState(question=question, profile=profile, seat=seat, known_urls=bare_urls(given))


def addresses_in(text: str) -> tuple[str, ...]:
    """Return the addresses that stand in a text, in order."""
    return tuple(match.rstrip(".,;:!?)]}") for match in _URL.findall(text))


def bare_urls(urls: Iterable[str]) -> frozenset[str]:
    """Return addresses without their fragments."""
    return frozenset(urldefrag(url).url for url in urls)


def shown_results(state: BrowseState) -> tuple[tuple[int, SearchResult], ...]:
    """Return the results of the window that is shown, with their numbers in the whole list; none on a page."""
    view = state.view
    if not isinstance(view, ResultsView):
        return ()
    size = state.profile.results
    first = view.window * size
    return tuple(enumerate(view.results[first : first + size], start=first + 1))


def directions(state: BrowseState) -> tuple[Direction, ...]:
    """Return where one can scroll from here, without regard to guards."""
    view = state.view
    if view is None:
        return ()
    count = len(view.cut) if isinstance(view, PageView) else -(-len(view.results) // state.profile.results)
    down: tuple[Direction, ...] = ("down",) if view.window < count - 1 else ()
    up: tuple[Direction, ...] = ("up", "top") if view.window > 0 else ()
    return down + up


def legal(state: BrowseState) -> tuple[str, ...]:
    """Return the names of the actions that are possible in a state, in the order of ``actions.NAMES``."""
    if state.ended is not None:
        return ()
    if state.left == 0:
        return ("undo",) if _may_undo(state) else ()
    possible = frozenset(name for name in actions.NAMES if _possible(state, name))
    if state.left == 1 and state.profile.forced_ending:
        possible &= {"finish", "reject", "undo"}
        possible |= {"finish"}
    return tuple(name for name in actions.NAMES if name in possible)


def _possible(state: BrowseState, name: str) -> bool:
    page, profile = state.page, state.profile
    match name:
        case "search":
            return not _guarded(state, "searches")
        case "open":
            if isinstance(state.view, PageView):
                return profile.opens_inside_pages and _openable(state)
            return _openable(state)
        case "back":
            return len(state.views) > 1
        case "scroll":
            return bool(allowed_scrolls(state))
        case "find":
            return page is not None and bool(page.cut)
        case "quote":
            return page is not None and bool(page.cut) and len(state.kept) < profile.quotes
        case "merge":
            return len(state.kept) > 1
        case "drop":
            return bool(state.kept)
        case "finish":
            return not _guarded(state, "early_finish")
        case "reject":
            return True
        case "undo":
            return _may_undo(state)
        case "reorder":
            return state.seat == "person" and len(state.kept) > 1
        case _:
            return page is not None and bool(page.page.elements)


def _openable(state: BrowseState) -> bool:
    results = state.results
    return bool(state.known_urls) or (results is not None and bool(results.results))


def allowed_scrolls(state: BrowseState) -> tuple[Direction, ...]:
    """Return where one can scroll from here and is not held back by a guard."""
    found = directions(state)
    return tuple(way for way in found if way != "down") if _guarded(state, "scrolls_down") else found


def _may_undo(state: BrowseState) -> bool:
    return state.seat == "person" and state.before is not None


def _guarded(state: BrowseState, guard: Literal["searches", "scrolls_down", "early_finish"]) -> bool:
    """Whether a guard forbids what it watches; it never binds a person."""
    guards = state.profile.guards
    if state.seat == "person":
        return False
    done = [step for step in state.history if step.ok]
    if guard == "early_finish":
        opened = sum(step.name == "open" for step in done)
        late = guards.early_finish is not None and state.used > guards.early_finish
        return late and opened < guards.opened and len(state.kept) <= guards.quotes
    most = guards.searches if guard == "searches" else guards.scrolls_down
    if most is None:
        return False
    count = 0
    for step in reversed(done):
        if guard == "searches":
            if step.name == "open":
                break
            count += step.name == "search"
        else:
            if step.name != "scroll" or step.arguments.get("direction") != "down":
                break
            count += 1
    return count >= most


def check(state: BrowseState, action: Action) -> None:
    """Return if an action is possible.

    Raises:
        IllegalAction: it is not; the message names the reason and what is possible.
    """
    name, possible = name_of(action), legal(state)
    if name not in possible:
        raise IllegalAction(f"{name} is not possible here; possible: {', '.join(possible) or 'nothing, it has ended'}")
    match action:
        case actions.Scroll() if action.direction not in allowed_scrolls(state):
            raise IllegalAction(
                f"cannot scroll {action.direction} from here; possible: {', '.join(allowed_scrolls(state))}"
            )
        case actions.Open():
            target_of(state, action)
        case actions.Merge():
            _known(state, action.quotes)
        case actions.Drop():
            _known(state, [action.quote])
        case actions.Reorder():
            _known(state, action.quotes)
            if len(action.quotes) != len(state.kept):
                raise IllegalAction(f"name every quote once: {', '.join(kept.id for kept in state.kept)}")
        case actions.Finish():
            _known(state, list(dict.fromkeys(_CITED.findall(action.answer))))
        case actions.Click() | actions.TypeText() | actions.Select():
            page = state.page
            if page is None or all(element.ref != action.ref for element in page.page.elements):
                raise IllegalAction(f"there is no element {action.ref!r} on this page as it is now")
    _refuse_repetition(state, action)


def _known(state: BrowseState, ids: Sequence[str]) -> None:
    known = [kept.id for kept in state.kept]
    unknown = [name for name in ids if name not in known]
    if unknown:
        raise IllegalAction(f"there is no quote {unknown[0]!r}; there are: {', '.join(known) or 'none yet'}")
    if len(set(ids)) < len(ids):
        raise IllegalAction("name each quote once")


def _refuse_repetition(state: BrowseState, action: Action) -> None:
    most = state.profile.guards.repeats
    if most is None or state.seat == "person":
        return
    name, arguments, situation = name_of(action), action.model_dump(exclude_none=True), state.situation
    same = sum(
        step.name == name and step.arguments == arguments and step.situation == situation for step in state.history
    )
    if same >= most:
        raise IllegalAction(f"this was done {same} times in the same place and changes nothing; do something else")


def target_of(state: BrowseState, action: actions.Open) -> Target:
    """Return what an open action means.

    Raises:
        IllegalAction: there is no such result or link, or the address came from nowhere.
    """
    if action.result is not None:
        results = state.results.results if state.results else ()
        if action.result > len(results):
            raise IllegalAction(f"there is no result {action.result}; there are {len(results)}")
        result = results[action.result - 1]
        return Target(result.url, result.offset, result.title)
    if action.link is not None:
        links = state.page.page.links if state.page else ()
        if action.link > len(links):
            raise IllegalAction(f"there is no link {action.link} on this page; there are {len(links)}")
        link = links[action.link - 1]
        return Target(link.url, None, link.text)
    url = action.url or ""
    if urldefrag(url).url not in state.known_urls:
        raise IllegalAction(
            "this address was not in the question, in a result or in a link that was seen, so it is not opened"
        )
    return Target(url)
