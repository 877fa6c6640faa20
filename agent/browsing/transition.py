"""What an action makes of a state."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from agent.browsing import actions
from agent.browsing.actions import Action, name_of
from agent.browsing.errors import IllegalAction
from agent.browsing.page import Page, Window, window_at, windows
from agent.browsing.quotes import LONGEST_QUOTE, MOST_SENTENCES, quote_sentences, quote_text
from agent.browsing.state import (
    BrowseState,
    Kept,
    Observation,
    PageQuote,
    PageView,
    ResultsView,
    Step,
    View,
    bare_urls,
    check,
    target_of,
)
from agent.domain.errors import ModelOutputError, UsageError
from agent.domain.evidence import Quote

_NOTHING = Observation()
_MOST_FOUND = 20
_MOST_WINDOWS = 5


def applied(state: BrowseState, action: Action, observation: Observation = _NOTHING) -> BrowseState:
    """Return the state after an action.

    Args:
        state: where the session is.
        action: what is done.
        observation: what came of it outside; only search, open, click, type_text and select reach outside. One that is
            not ``ok`` changes nothing but the history.

    Raises:
        IllegalAction: the action is not possible in this state, or its quote would be too long.
        QuoteNotFound, UnknownSentence: what is to be quoted is not on the page.
    """
    check(state, action)
    if not observation.ok:
        return _recorded(state, state, action, ok=False, note=f"{observation.kind}: {observation.message}")
    changes, note, where = _change(state, action, observation)
    if isinstance(action, actions.Undo) and state.before is not None:
        # ids of quotes stay used, or a quote made later would be taken for one that was cited earlier
        changed = state.before.model_copy(update={"quoted": state.quoted})
        taken_back = _recorded(state, changed, action, note=note)
        return taken_back.model_copy(update={"before": state.before.before})
    return _recorded(state, state.model_copy(update=changes), action, note=note, where=where)


def refused(
    state: BrowseState, name: str, arguments: dict[str, Any], error: ModelOutputError | UsageError
) -> BrowseState:
    """Return the state after an action that was refused: it is on record, and costs a model a step."""
    step = Step(name=name, arguments=arguments, ok=False, note=str(error), situation=state.situation)
    cost = 1 if state.seat == "model" else 0
    return state.model_copy(
        update={
            "history": (*state.history, step),
            "used": min(state.used + cost, state.profile.steps),
            "previous": state.view,
        }
    )


def _recorded(
    state: BrowseState, changed: BrowseState, action: Action, *, ok: bool = True, note: str = "", where: str = ""
) -> BrowseState:
    step = Step(
        name=name_of(action),
        arguments=action.model_dump(exclude_none=True),
        ok=ok,
        note=note,
        situation=state.situation,
        where=where,
    )
    return changed.model_copy(
        update={
            "history": (*state.history, step),
            "used": min(state.used + 1, state.profile.steps),
            "previous": state.view,
            "before": state,
        }
    )


def _change(state: BrowseState, action: Action, observation: Observation) -> tuple[dict[str, Any], str, str]:
    """Return the fields that an action changes, what came of it in one line, and what it was about."""
    match action:
        case actions.Search():
            return _searched(state, action, observation)
        case actions.Open():
            target = target_of(state, action)
            view = _page_view(state, observation, target.offset)
            note = "opened"
            # where a result begins in a book is known by its words alone, too, and more of the book is read here
            told = observation.window is not None or view.page.pointed_at is not None
            if action.result is not None and not told:
                view, note = _at_best(state, view)
            return _arrived(state, (*state.views, view), view), note, target.title
        case actions.Click() | actions.TypeText() | actions.Select():
            view = _page_view(state, observation, None)
            before = state.views[:-1] if _same_place(state, view.page) else state.views
            return _arrived(state, (*before, view), view), f"now at {view.page.final_url}", ""
        case actions.Back():
            return {"views": state.views[:-1]}, "went back", ""
        case actions.Scroll():
            return {"views": (*state.views[:-1], _scrolled(_here(state), action))}, f"scrolled {action.direction}", ""
        case actions.Find():
            return _found(state, action)
        case actions.Quote():
            return _quoted(state, action)
        case actions.Merge() | actions.Drop() | actions.Reorder():
            return _rearranged(state, action)
        case actions.Finish():
            return {"ended": "finished", "answer": action.answer}, "finished", ""
        case actions.Reject():
            return {"ended": "rejected", "answer": ""}, f"rejected: {action.reason}", ""
        case actions.Undo():
            # histories only grow, so what came after the state before is what led away from it
            taken = state.history[len(state.before.history)].name if state.before else ""
            return {}, f"took back {taken}", ""


def _here(state: BrowseState) -> View:
    return state.views[-1]


def _searched(state: BrowseState, action: actions.Search, observation: Observation) -> tuple[dict[str, Any], str, str]:
    view = ResultsView(query=action.query, results=observation.results)
    changes = {
        "query": action.query,
        "views": (*state.views, view),
        "known_urls": state.known_urls | bare_urls(result.url for result in observation.results),
    }
    count = len(observation.results)
    return changes, f"{count} results" if count else "nothing found; try other words", action.query


def _page_view(state: BrowseState, observation: Observation, offset: int | None) -> PageView:
    page = observation.page
    if page is None:
        raise UsageError("an observation of an opened page must hold the page")
    cut = windows(page, state.profile.window_characters) if observation.cut is None else observation.cut
    window = observation.window
    if offset is None:
        offset = page.pointed_at
    if window is None:
        window = window_at(cut, offset) if offset is not None else 0
    return PageView(page=page, cut=cut, window=window)


def _arrived(state: BrowseState, views: tuple[View, ...], view: PageView) -> dict[str, Any]:
    urls = bare_urls([view.page.final_url, *(link.url for link in view.page.links)])
    return {"views": views, "known_urls": state.known_urls | urls}


def _same_place(state: BrowseState, page: Page) -> bool:
    return state.page is not None and state.page.page.final_url == page.final_url


def _scrolled(view: View, action: actions.Scroll) -> View:
    window = {"down": view.window + 1, "up": view.window - 1, "top": 0}[action.direction]
    return view.at(window) if isinstance(view, PageView) else view.model_copy(update={"window": window})


def _is_long(state: BrowseState, view: PageView) -> bool:
    return state.profile.long_page is not None and len(view.cut) >= state.profile.long_page


def _at_best(state: BrowseState, view: PageView) -> tuple[PageView, str]:
    """Return a long page at the window that fits the query best: nobody scrolls through a book."""
    query = state.results.query if state.results else state.query
    best = view.about(query, 1) if _is_long(state, view) else ()
    if not best:
        return view, "opened"
    window = best[0].window
    return view.at(window), f"opened at window {window + 1} of {len(view.cut)}, which fits the query best"


def _found(state: BrowseState, action: actions.Find) -> tuple[dict[str, Any], str, str]:
    view = _page_of(state)
    numbers = list(_sentences_with(view.page, action.text))
    if not numbers:
        return _about(state, view, action.text)
    holding = [index for index, window in enumerate(view.cut) if _holds(window, numbers)]
    window = next((index for index in holding if index > view.window), holding[0] if holding else view.window)
    shown = ", ".join(f"s{number}" for number in numbers[:_MOST_FOUND])
    more = f" and {len(numbers) - _MOST_FOUND} more" if len(numbers) > _MOST_FOUND else ""
    return {"views": (*state.views[:-1], view.at(window))}, f"{action.text!r} is in {shown}{more}", ""


def _about(state: BrowseState, view: PageView, text: str) -> tuple[dict[str, Any], str, str]:
    """Go to the window of a long page that is most about a text, or from there to the next best."""
    best = view.about(text, _MOST_WINDOWS) if _is_long(state, view) else ()
    if not best:
        return {}, f"{text!r} is not on this page", ""
    order = [place.window for place in best]
    last = state.history[-1]
    again = last.name == "find" and last.arguments.get("text") == text and view.window in order
    window = order[(order.index(view.window) + 1) % len(order)] if again else order[0]
    sentence = best[order.index(window)].sentence
    rest = ", ".join(str(index + 1) for index in order if index != window)
    note = f"{text!r} is not on this page word for word; window {window + 1} is about it, above all s{sentence}"
    changed = {"views": (*state.views[:-1], view.at(window))}
    return changed, f"{note}; next are the windows {rest}" if rest else note, ""


def _sentences_with(page: Page, text: str) -> Iterator[int]:
    wanted = " ".join(text.casefold().split())
    for number, (start, end) in enumerate(page.sentences, start=1):
        if wanted in " ".join(page.text[start:end].casefold().split()):
            yield number


def _holds(window: Window, numbers: list[int]) -> bool:
    return any(window.first <= number <= window.last for number in numbers)


def _quoted(state: BrowseState, action: actions.Quote) -> tuple[dict[str, Any], str, str]:
    view = _page_of(state)
    name = f"E{state.quoted + 1}"
    if action.first is not None:
        last = action.last or action.first
        if last - action.first >= MOST_SENTENCES:
            raise IllegalAction(f"a quote has at most {MOST_SENTENCES} sentences; quote those that matter")
        quote = quote_sentences(view.page, action.first, last, evidence_id=name)
        if len(quote.text) > LONGEST_QUOTE:
            raise IllegalAction(f"a quote has at most {LONGEST_QUOTE} characters; quote fewer sentences")
    else:
        quote = quote_text(view.page, action.text or "", evidence_id=name, whole_words=True, near=view.here.start)
    kept = Kept(id=name, quotes=(page_quote(view.page, quote),))
    return {"kept": (*state.kept, kept), "quoted": state.quoted + 1}, f"kept as {name}", kept.text


def page_quote(page: Page, quote: Quote) -> PageQuote:
    """Return a quote with how its page was had."""
    return PageQuote(
        quote=quote,
        url=page.url,
        fetched_at=page.fetched_at.astimezone(UTC).isoformat(timespec="seconds"),
        tier=page.tier,
        raw_sha256=page.raw_sha256,
        status=page.status,
        content_type=page.content_type,
        extractor=page.extractor,
    )


def _page_of(state: BrowseState) -> PageView:
    view = state.page
    if view is None:
        raise UsageError("no page is open")
    return view


def _rearranged(
    state: BrowseState, action: actions.Merge | actions.Drop | actions.Reorder
) -> tuple[dict[str, Any], str, str]:
    by_id = {kept.id: kept for kept in state.kept}
    if isinstance(action, actions.Drop):
        dropped = by_id.pop(action.quote)
        return {"kept": tuple(by_id.values())}, f"dropped {dropped.id}", dropped.text
    if isinstance(action, actions.Reorder):
        return {"kept": tuple(by_id[name] for name in action.quotes)}, "reordered", ""
    merged = Kept(
        id=f"E{state.quoted + 1}", quotes=tuple(quote for name in action.quotes for quote in by_id[name].quotes)
    )
    if len(merged.text) > LONGEST_QUOTE:
        raise IllegalAction(f"a quote has at most {LONGEST_QUOTE} characters; leave these apart or merge fewer")
    # the merged quote stands where the first of its parts stood
    place = min(index for index, kept in enumerate(state.kept) if kept.id in action.quotes)
    rest = [kept for kept in state.kept if kept.id not in action.quotes]
    return (
        {"kept": (*rest[:place], merged, *rest[place:]), "quoted": state.quoted + 1},
        f"merged {', '.join(action.quotes)} as {merged.id}",
        merged.text,
    )
