# ruff: noqa: RUF001 - the separators are WebCPM's own
"""Recorded steps of WebCPM replayed through the state machine: is what the person saw and did what it shows and allows?

A recording holds windows, not pages. A page is put together again from the windows that the person went through, each
on lines of its own, and keeps the recorder's borders between them. Where a recording breaks off with a scroll down, the
page has one more window, which is empty.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from agent.browsing import actions
from agent.browsing.actions import Action
from agent.browsing.page import Page, Window, make_page
from agent.browsing.ports import SearchResult
from agent.browsing.profile import WEBCPM
from agent.browsing.state import BrowseState, Observation, PageView, View, begin, shown_results
from agent.browsing.transition import applied, refused
from agent.browsing.view import view
from agent.browsing.webcpm.labels import CHINESE, global_number, legal_labels
from agent.browsing.webcpm.steps import RecordedResult, RecordedStep, RecordedView
from agent.domain.base import Fact
from agent.domain.errors import ModelOutputError, UsageError

_RECORDED_AT = datetime(2022, 11, 1, tzinfo=UTC)
"""The month of the recordings; they tell no more."""


class ReplayedStep(Fact):
    """How a recorded step agrees with the state machine.

    Attributes:
        allowed: the gold action is in the mask of a person's seat.
        allowed_to_model: it also is in a model's, which WebCPM's guards bind.
        differing: which parts of the state are not what was recorded: question, quotes, query, view, previous, left,
            history, rendering.
        refusal: why the action could not be done; empty when it was.
    """

    id: str
    gold: str
    allowed: bool
    allowed_to_model: bool
    differing: tuple[str, ...] = ()
    refusal: str = ""


class _Recording(NamedTuple):
    results: tuple[SearchResult, ...]
    pages: dict[int, tuple[Page, tuple[Window, ...]]]
    at: dict[int, int]
    """Window at which the page opened by a step was shown."""


def replay(steps: Sequence[RecordedStep]) -> tuple[ReplayedStep, ...]:
    """Replay the steps of one question in order, each from the state that the one before led to."""
    recording = _assemble(steps)
    state = begin(steps[0].question, profile=WEBCPM, seat="person") if steps else None
    replayed = []
    for step in steps:
        if state is None:
            break
        labels, guarded = legal_labels(state), legal_labels(state.model_copy(update={"seat": "model"}))
        differing, refusal = _differing(state, step), ""
        try:
            action = _action(state, step)
            state = applied(state, action, _observation(action, step, recording))
        except (ModelOutputError, UsageError) as error:
            refusal = str(error)
            state = refused(state, step.gold_action, {}, UsageError(refusal))
        replayed.append(
            ReplayedStep(
                id=step.id,
                gold=step.gold_action,
                allowed=step.gold_action in labels,
                allowed_to_model=step.gold_action in guarded,
                differing=differing,
                refusal=refusal,
            )
        )
    return tuple(replayed)


def _action(state: BrowseState, step: RecordedStep) -> Action:
    argument = step.gold_argument or {}
    match step.gold_action:
        case "search":
            return actions.Search(query=argument["query"])
        case "open_1" | "open_2" | "open_3":
            return actions.Open(result=global_number(state, step.gold_action))
        case "back":
            return actions.Back()
        case "scroll_down":
            return actions.Scroll(direction="down")
        case "scroll_up":
            return actions.Scroll(direction="up")
        case "scroll_top":
            return actions.Scroll(direction="top")
        case "quote":
            return actions.Quote(text=argument.get("text") or argument["shown"])
        case "merge":
            return actions.Merge(quotes=_merged(state, argument["quotes_after"]))
        case "finish":
            return actions.Finish()
        case other:
            raise UsageError(f"step {step.id} has the unknown action {other!r}")


def _merged(state: BrowseState, after: Sequence[str]) -> list[str]:
    """Return the ids of the quotes that became one: neighbours, as many as are gone and one more."""
    count = len(state.kept) - len(after) + 1
    for place, shown in enumerate(after):
        if not _shows(shown, state.kept[place].text):
            return [kept.id for kept in state.kept[place : place + count]]
    return [kept.id for kept in state.kept[-count:]]


def _observation(action: Action, step: RecordedStep, recording: _Recording) -> Observation:
    if isinstance(action, actions.Search):
        return Observation(results=recording.results)
    if isinstance(action, actions.Open):
        page, cut = recording.pages[action.result or 0]
        return Observation(page=page, cut=cut, window=recording.at[step.step])
    return Observation()


def _assemble(steps: Sequence[RecordedStep]) -> _Recording:
    """Put results and pages of a question together from the windows that were shown."""
    lists: dict[int, tuple[RecordedResult, ...]] = {}
    windows: dict[int, dict[int, str]] = {}
    opened: dict[int, tuple[int, int]] = {}
    list_window, page_window, number = 0, 0, 0
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        shown, gold = step.view, step.gold_action
        if shown.kind == "results":
            lists[list_window] = shown.results
        elif shown.kind == "page":
            windows[number][page_window] = shown.text
        if gold.startswith("open_"):
            number = list_window * WEBCPM.results + int(gold[-1])
            known = windows.setdefault(number, {})
            text = following.view.text if following else ""
            page_window = next((place for place, seen in known.items() if seen == text), 0)
            opened[step.step] = (number, page_window)
        elif gold in ("scroll_down", "scroll_up"):
            move = 1 if gold == "scroll_down" else -1
            if shown.kind == "results":
                list_window += move
            else:
                page_window += move
        elif gold == "search":
            list_window = 0
        if following is None and shown.kind == "page" and gold == "scroll_down":
            # a recording that breaks off here went on to a window that nobody recorded
            windows[number].setdefault(page_window, "")
    results = [result for place in sorted(lists) for result in lists[place]]
    pages, at = {}, {}
    for key, texts in windows.items():
        title = results[key - 1].title if key <= len(results) else ""
        pages[key] = _page([texts[place] for place in sorted(texts)], title=title, number=key)
    for step_number, (key, place) in opened.items():
        at[step_number] = sorted(windows[key]).index(place) if place in windows[key] else 0
    return _Recording(
        results=tuple(
            SearchResult(title=result.title, url=_address(place), snippet=result.summary, backend="recording")
            for place, result in enumerate(results, start=1)
        ),
        pages=pages,
        at=at,
    )


def _address(number: int) -> str:
    return f"recording:{number}"


def _page(texts: Sequence[str], *, title: str, number: int) -> tuple[Page, tuple[Window, ...]]:
    cut, start = [], 0
    for text in texts:
        # no sentences: the recorder's borders are none of theirs
        cut.append(Window(1, 0, start, start + len(text)))
        start += len(text) + 1
    joined = "\n".join(texts)
    page = make_page(
        joined,
        url=_address(number),
        title=title,
        fetched_at=_RECORDED_AT,
        tier="text",
        raw_sha256=sha256(joined.encode()).hexdigest(),
    )
    return page, tuple(cut)


def _differing(state: BrowseState, step: RecordedStep) -> tuple[str, ...]:
    parts = {
        "question": state.question == step.question,
        "quotes": len(state.kept) == len(step.quotes)
        and all(_shows(shown, kept.text) for shown, kept in zip(step.quotes, state.kept, strict=True)),
        "query": state.query == step.query,
        "view": recorded_view(state, state.view) == step.view,
        "previous": recorded_view(state, state.previous) == step.previous_view,
        "left": state.left == step.steps_left,
        "history": _history(state).fullmatch(step.history) is not None,
        "rendering": _rendered(state, step),
    }
    return tuple(name for name, agrees in parts.items() if not agrees)


def recorded_view(state: BrowseState, shown: View | None) -> RecordedView:
    """Return a view as WebCPM records it: the results of a window, the text of a window, or nothing."""
    if shown is None:
        return RecordedView(kind="empty")
    if isinstance(shown, PageView):
        return RecordedView(kind="page", text=shown.text)
    results = shown_results(state.model_copy(update={"views": (shown,)}))
    return RecordedView(
        kind="results", results=tuple(RecordedResult(title=r.title, summary=r.snippet) for _, r in results)
    )


def _shows(shown: str, text: str) -> bool:
    """Whether a quote as it is shown is the one with this text.

    WebCPM leaves out the middle of a long one and has ``<unk>`` for what its tokenizer lost; white space between merged
    quotes is its own affair.
    """
    pieces = re.split(r"(<unk>|\.\.\.)", "".join(shown.split()))
    pattern = "".join({"<unk>": ".", "...": ".*"}.get(piece, re.escape(piece)) for piece in pieces)
    return re.fullmatch(pattern, "".join(text.split()), re.DOTALL) is not None


def _history(state: BrowseState) -> re.Pattern[str]:
    """Return a pattern of the history in WebCPM's notation; how it shortens quotes depends on its tokenizer."""
    parts = ["开始；"]
    for step in state.history:
        match step.name:
            case "search":
                parts.append(re.escape(f"搜索{step.where}；"))
            case "open":
                parts.append(f"[一二三]号页面{re.escape(step.where)}；")
            case "scroll":
                parts.append(re.escape(f"{CHINESE['scroll_' + step.arguments['direction']]}；"))
            case "quote":
                parts.append("新增摘要；.*?；")
            case name:
                parts.append(re.escape(f"{CHINESE[name]}；"))
    return re.compile("".join(parts), re.DOTALL)


def _rendered(state: BrowseState, step: RecordedStep) -> bool:
    """Whether what a model or person would be shown holds what was on the recorded screen."""
    text = view(state)
    shown = [step.question, step.query, str(step.steps_left)]
    shown += [result.title for result in step.view.results] + [result.summary for result in step.view.results]
    return all(piece in text for piece in [*shown, step.view.text])
