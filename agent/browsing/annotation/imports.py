"""Records in WebCPM's interactive format as sessions again: ours exactly, others as far as they tell.

A record of WebCPM holds what was clicked and what the page said, and not how our state machine would have named it. Its
actions are worked out one after the other against a session of our own; what is not possible there, such as a quote
that does not stand on the page, is refused and stays on record as refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, cast

from pydantic import ValidationError

from agent.browsing.actions import LONGEST_QUERY
from agent.browsing.annotation.forms import SeatAction
from agent.browsing.annotation.once import Once
from agent.browsing.annotation.record import profile_of
from agent.browsing.errors import FailureKind, FetchFailed, SearchFailed
from agent.browsing.page import Page, make_page
from agent.browsing.ports import SearchResult
from agent.browsing.profile import WEBCPM, limits_in
from agent.browsing.session import Session, StoredPage
from agent.browsing.state import BrowseState, Kept
from agent.browsing.webcpm.interactive import (
    EXACT,
    OWN,
    ExactAction,
    ExactRecord,
    InteractiveAction,
    InteractiveRecord,
    references_as_citations,
)
from agent.browsing.webcpm.labels import global_number
from agent.domain.base import Fact
from agent.domain.errors import UsageError
from agent.domain.task import BrowseOrder

_UNKNOWN_TIME = datetime(2022, 11, 1, tzinfo=UTC)
"""The month of WebCPM's recordings, for those that do not say when."""


class Coming(Fact):
    """What the world answers to the next action: results, a page, or why neither."""

    results: tuple[SearchResult, ...] = ()
    page: Page | None = None
    failure: FailureKind | None = None
    message: str = ""


@dataclass(frozen=True)
class ImportedStep:
    """An action of a record, and what it met outside."""

    action: SeatAction
    coming: Coming


@dataclass(frozen=True)
class ImportedSession:
    """A record as a session.

    Attributes:
        steps: its actions in order.
        session: after all of them.
        refused: how many of them are not possible here.
    """

    record_id: str
    question: str
    order: BrowseOrder
    steps: tuple[ImportedStep, ...]
    session: Session
    refused: int


class RecordedWorld:
    """Answers with what a record says came. Implements ``Fetcher``, ``SearchBackend`` and ``Browser``.

    Attributes:
        coming: what comes next; to be set before each action.
    """

    def __init__(self) -> None:
        self.coming = Coming()

    async def search(self, query: str) -> tuple[SearchResult, ...]:
        """Return the recorded results."""
        if self.coming.failure is not None:
            raise SearchFailed(self.coming.failure, self.coming.message)
        return self.coming.results

    async def fetch(self, url: str) -> Page:
        """Return the recorded page."""
        if self.coming.failure is not None:
            raise FetchFailed(self.coming.failure, self.coming.message)
        if self.coming.page is None:
            raise FetchFailed("unreachable", f"the record does not hold the page {url}")
        return self.coming.page

    async def open(self, url: str, *, browser: bool = False) -> Page:
        """Return the recorded page."""
        return await self.fetch(url)

    async def click(self, ref: str) -> Page:
        """Return the recorded page."""
        return await self.fetch(ref)

    async def type_text(self, ref: str, text: str, *, submit: bool) -> Page:
        """Return the recorded page."""
        return await self.fetch(ref)

    async def select(self, ref: str, value: str) -> Page:
        """Return the recorded page."""
        return await self.fetch(ref)


async def imported(record: InteractiveRecord) -> ImportedSession:
    """Return a record as a session, worked out action by action.

    Raises:
        UsageError: one of our own exports was changed so that it says something impossible.
    """
    exact = _exact(ExactRecord, record.model_extra, record.id)
    profile = WEBCPM if exact is None else profile_of(exact.profile, exact.limits)
    order = BrowseOrder(
        seat="person", profile=profile.name, limits=limits_in(profile), urls=() if exact is None else exact.urls
    )
    world = RecordedWorld()
    question = record.question.strip() or "(no question)"
    session = Session(
        question,
        fetcher=world,
        search=world,
        browser=world,
        effects=Once(),
        profile=profile,
        seat="person",
        urls=order.urls,
    )
    steps: list[ImportedStep] = []
    for place, action in enumerate(record.actions):
        following = record.actions[place + 1] if place + 1 < len(record.actions) else None
        step = _step(session.state, record, action, following)
        if step is None or session.state.left == 0 or session.state.ended is not None:
            continue
        world.coming = step.coming
        await session.call(step.action.name, step.action.arguments)
        steps.append(step)
    history = session.state.history
    refused = sum(not done.ok and not step.coming.failure for done, step in zip(history, steps, strict=True))
    return ImportedSession(record.id, question, order, tuple(steps), session, refused)


def _step(
    state: BrowseState, record: InteractiveRecord, action: InteractiveAction, following: InteractiveAction | None
) -> ImportedStep | None:
    exact = _exact(ExactAction, action.details, record.id)
    if exact is not None:
        return ImportedStep(SeatAction(name=exact.name, arguments=exact.arguments), _exactly(exact, action))
    found = _foreign(state, record, action)
    return None if found is None else ImportedStep(found, _coming(action, following))


def _exact(kind: type[Any], fields: dict[str, Any] | None, record_id: str) -> Any:
    """Return what one of our own exports says besides; None where it is none of ours."""
    given = (fields or {}).get(EXACT)
    if given is None:
        return None
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"record {record_id} was changed after it was exported: {where}: {first['msg']}") from error


def _exactly(exact: ExactAction, action: InteractiveAction) -> Coming:
    if exact.failure:
        kind, _, message = exact.failure.partition(": ")
        try:
            return Coming.model_validate({"failure": kind, "message": message})
        except ValidationError as error:
            raise UsageError(f"there is no failure of the kind {kind!r}; export the run again") from error
    if exact.page is None:
        return Coming(results=exact.results)
    stored = {name: getattr(exact.page, name) for name in StoredPage.model_fields}
    try:
        page = Page(**stored, text=str(action.details.get("pageMainContent", "")))
    except ValidationError as error:
        raise UsageError(
            f"the text of {exact.page.final_url} is not the one that was exported; export the run again"
        ) from error
    return Coming(page=page)


def _foreign(state: BrowseState, record: InteractiveRecord, action: InteractiveAction) -> SeatAction | None:
    """Return our action for one of WebCPM's; None for those that say nothing of what was done."""
    details = action.details
    match action.label:
        case "search":
            words = str(details.get("keyword") or action.keyword)[:LONGEST_QUERY]
            return SeatAction(name="search", arguments={"query": words})
        case "open_1" | "open_2" | "open_3" as label:
            try:
                return SeatAction(name="open", arguments={"result": global_number(state, label)})
            except IndexError:
                return SeatAction(name="open", arguments={"result": int(label[-1])})
        case "back":
            return SeatAction(name="back")
        case "scroll_down" | "scroll_up" | "scroll_top" as label:
            return SeatAction(name="scroll", arguments={"direction": label.removeprefix("scroll_")})
        case "quote":
            return SeatAction(name="quote", arguments={"text": str(details.get("text") or _newest(action))})
        case "merge":
            return SeatAction(name="merge", arguments={"quotes": _merged(state.kept, action)})
        case "finish":
            answer = references_as_citations(record.answer, state.kept)
            return SeatAction(name="finish", arguments={"answer": answer})
        case "reject":
            return SeatAction(name="reject", arguments={"reason": str(details.get("reason") or "not said")})
        case "start":
            return None
        case _:
            return SeatAction(name=action.action.removeprefix(OWN).lower()[:100] or "nothing")


def _newest(action: InteractiveAction) -> str:
    passages = action.digests[-1].datas if action.digests else ()
    return passages[-1].desc if passages else ""


def _merged(kept: Sequence[Kept], action: InteractiveAction) -> list[str]:
    """Return the ids of the quotes that became one: those that are among its passages, or the last two."""
    named = action.details.get("merges")
    known = [item.id for item in kept]
    if isinstance(named, list) and all(isinstance(name, str) and name in known for name in named) and len(named) > 1:
        return cast("list[str]", named)
    joined = next((digest for digest in action.digests if len(digest.datas) > 1), None)
    passages = {"".join(data.desc.split()) for data in joined.datas} if joined else set()
    inside = [item.id for item in kept if "".join(item.text.split()) in passages]
    return inside if len(inside) > 1 else known[-2:]


def _coming(action: InteractiveAction, following: InteractiveAction | None) -> Coming:
    """Return what one of WebCPM's actions met: from its details, or from what was on the screen afterwards."""
    shown = following.pageContentInViewport if following is not None else None
    if action.label == "search":
        rows = action.details.get("result") or shown
        return Coming(results=_results(rows if isinstance(rows, list) else []))
    text = action.details.get("pageMainContent") or (shown if isinstance(shown, str) else None)
    if not isinstance(text, str) or action.label is None or not action.label.startswith("open_"):
        return Coming()
    info = following.currentPageInfo if following is not None else action.currentPageInfo
    url = str(action.details.get("href") or info.href or "recording:page")
    page = make_page(
        text,
        url=url,
        title=info.title,
        fetched_at=_time(action.triggerAt),
        tier="text",
        raw_sha256=sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    )
    return Coming(page=page)


def _time(milliseconds: int) -> datetime:
    """Return when something was recorded; the month of the recordings where that is not said, or is no time."""
    if milliseconds == 0:
        return _UNKNOWN_TIME
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return _UNKNOWN_TIME


def _results(rows: Sequence[Any]) -> tuple[SearchResult, ...]:
    return tuple(
        SearchResult(
            title=str(row.get("title", "")),
            url=str(row.get("href") or f"recording:{number}"),
            snippet=str(row.get("summary", "")),
            backend="recording",
        )
        for number, row in enumerate(rows, start=1)
        if isinstance(row, dict)
    )
