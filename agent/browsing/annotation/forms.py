"""What a browsing session looks like from its seat, as JSON: the one form that terminals and web pages show."""

from typing import Annotated, Any, Literal

from pydantic import Field

from agent.browsing.actions import Direction, specs
from agent.browsing.page import Element, Page
from agent.browsing.state import (
    BrowseState,
    Ending,
    Kept,
    PageView,
    ResultsView,
    Seat,
    View,
    allowed_scrolls,
    legal,
    shown_results,
)
from agent.browsing.view import shown_links
from agent.domain.base import Fact, Form


class SeatAction(Form):
    """An action that somebody in the seat wants done: its name and its arguments."""

    name: str = Field(min_length=1, max_length=100)
    arguments: dict[str, Any] = Field(default_factory=dict)


class ShownResult(Fact):
    """A search result with its number in the whole list."""

    number: int
    title: str
    url: str
    snippet: str
    backend: str


class ShownSentence(Fact):
    """A sentence of the window.

    Attributes:
        number: counts the sentences of the page and is what a quote names.
        start, end: code points of the page's text.
    """

    number: int
    text: str
    start: int
    end: int


class ShownLink(Fact):
    """A link of the window; ``number`` counts the links of the page."""

    number: int
    text: str
    url: str


class NothingShown(Fact):
    """Nothing is shown yet."""

    kind: Literal["nothing"] = "nothing"


class ResultsShown(Fact):
    """A window of a list of results. ``window`` counts from 1."""

    kind: Literal["results"] = "results"
    query: str
    window: int
    windows: int
    total: int
    results: tuple[ShownResult, ...]


class PageShown(Fact):
    """A window of a page.

    Attributes:
        window: counts from 1.
        text: the window as it stands in the page.
        start: where the window begins in the page's text, in code points.
        text_sha256: hash of the page's whole text, as quotes of it have it.
    """

    kind: Literal["page"] = "page"
    id: str
    title: str
    url: str
    tier: str
    fetched_at: str = Field(description="ISO 8601, UTC")
    window: int
    windows: int
    text: str
    start: int
    text_sha256: str
    sentences: tuple[ShownSentence, ...]
    links: tuple[ShownLink, ...]
    elements: tuple[Element, ...]


Shown = Annotated[NothingShown | ResultsShown | PageShown, Field(discriminator="kind")]


class QuotePart(Fact):
    """One passage of a quote, with where it stands: ``start`` and ``end`` are code points of the page's text."""

    text: str
    title: str
    url: str
    start: int
    end: int
    text_sha256: str


class ShownQuote(Fact):
    """A quote that is held; of several passages where it was merged."""

    id: str
    text: str
    parts: tuple[QuotePart, ...]


class ShownStep(Fact):
    """One entry of the history; ``number`` counts from 1."""

    number: int
    name: str
    arguments: dict[str, Any]
    ok: bool
    note: str
    where: str


class LegalAction(Fact):
    """An action that is possible now, with the JSON Schema of its arguments."""

    name: str
    description: str
    parameters: dict[str, Any]


class Progress(Fact):
    """How far a session has come, in numbers."""

    used: int
    left: int
    total: int
    searches: int
    pages: int
    quotes: int


class SeatState(Fact):
    """Everything that somebody in the seat sees.

    Attributes:
        step: entries of the history; an action names it, so that one meant for an earlier view is refused.
        status: of the run.
        last: what came of the last action, in one line.
        scrolls: the ways in which one can scroll.
        actions: what is possible now; none when the session has ended.
    """

    run_id: str
    status: str
    question: str
    seat: Seat
    profile: str
    step: int
    progress: Progress
    ended: Ending | None
    answer: str
    last: str
    query: str
    view: Shown
    previous: Literal["nothing", "results", "page"]
    quotes: tuple[ShownQuote, ...]
    history: tuple[ShownStep, ...]
    scrolls: tuple[Direction, ...]
    actions: tuple[LegalAction, ...]


def seat_state(state: BrowseState, *, run_id: str, status: str) -> SeatState:
    """Return a session's state as it is seen from the seat."""
    history = tuple(
        ShownStep(number=number, name=step.name, arguments=step.arguments, ok=step.ok, note=step.note, where=step.where)
        for number, step in enumerate(state.history, start=1)
    )
    return SeatState(
        run_id=run_id,
        status=status,
        question=state.question,
        seat=state.seat,
        profile=state.profile.name,
        step=len(state.history),
        progress=_progress(state),
        ended=state.ended,
        answer=state.answer,
        last=history[-1].note if history else "",
        query=state.query,
        view=_shown(state),
        previous=_kind(state.previous),
        quotes=tuple(_quote(kept) for kept in state.kept),
        history=history,
        scrolls=() if state.ended else allowed_scrolls(state),
        actions=tuple(
            LegalAction(name=spec.name, description=spec.description, parameters=spec.parameters)
            for spec in specs(legal(state))
        ),
    )


def _progress(state: BrowseState) -> Progress:
    done = [step.name for step in state.history if step.ok]
    return Progress(
        used=state.used,
        left=state.left,
        total=state.profile.steps,
        searches=done.count("search"),
        pages=done.count("open"),
        quotes=len(state.kept),
    )


def _kind(view: View | None) -> Literal["nothing", "results", "page"]:
    if view is None:
        return "nothing"
    return "page" if isinstance(view, PageView) else "results"


def _shown(state: BrowseState) -> Shown:
    view = state.view
    if view is None:
        return NothingShown()
    if isinstance(view, ResultsView):
        return ResultsShown(
            query=view.query,
            window=view.window + 1,
            windows=max(-(-len(view.results) // state.profile.results), 1),
            total=len(view.results),
            results=tuple(
                ShownResult(number=number, title=item.title, url=item.url, snippet=item.snippet, backend=item.backend)
                for number, item in shown_results(state)
            ),
        )
    here, page = view.here, view.page
    return PageShown(
        id=page.id,
        title=page.title,
        url=page.final_url,
        tier=page.tier,
        fetched_at=page.fetched_at.isoformat(),
        window=view.window + 1,
        windows=max(len(view.cut), 1),
        text=view.text,
        start=here.start,
        text_sha256=page.text_sha256,
        sentences=tuple(_sentence(page, number) for number in range(here.first, here.last + 1)),
        links=tuple(
            ShownLink(number=number, text=link.text, url=link.url) for number, link in shown_links(state, view)
        ),
        elements=page.elements,
    )


def _sentence(page: Page, number: int) -> ShownSentence:
    start, end = page.sentences[number - 1]
    return ShownSentence(number=number, text=page.sentence_text(number), start=start, end=end)


def _quote(kept: Kept) -> ShownQuote:
    return ShownQuote(
        id=kept.id,
        text=kept.text,
        parts=tuple(
            QuotePart(
                text=part.quote.text,
                title=part.quote.source.title,
                url=part.quote.source.location,
                start=part.quote.start,
                end=part.quote.end,
                text_sha256=part.quote.source.text_sha256,
            )
            for part in kept.quotes
        ),
    )
