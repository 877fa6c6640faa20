"""WebCPM's interactive format: a question with its answer, its quotes, and every action of whoever browsed."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.browsing import actions
from agent.browsing.ports import SearchResult
from agent.browsing.profile import limits_in
from agent.browsing.session import StoredPage, reaches_outside
from agent.browsing.state import BrowseState, Kept, PageView, Seat, Step, shown_results
from agent.browsing.webcpm.labels import BY_CODE, CODES, label_of
from agent.domain.base import Fact
from agent.domain.errors import UsageError
from agent.domain.task import BrowseLimits

OWN = "PLUMBLINE_"
"""Begins the names of actions that WebCPM does not record: find, drop, reorder, undo, and those of browsers."""
FAILED = f"{OWN}FAILED"
"""Name of an action for which nothing could be had outside; it counts as a step, and can be taken back like another."""
EXACT = "plumbline"
"""Field of an action's details and of a record that holds what WebCPM's own fields do not say."""
_REFERENCE = re.compile(r"【(\d+)】|<(\d+)>")
_CITATION = re.compile(r"\[(E\d+)\]")


class _Foreign(BaseModel):
    """Part of a format that is not ours: fields that we do not know are kept, so that nothing is lost on the way."""

    model_config = ConfigDict(frozen=True, extra="allow")


class DigestData(_Foreign):
    """One passage. ``chunkIndex`` is its window; in our exports ``quote`` says exactly where it stands."""

    title: str = ""
    desc: str
    chunkIndex: int = 0  # noqa: N815 - WebCPM's name


class Digest(_Foreign):
    """One quote, of several passages where it was merged."""

    datas: tuple[DigestData, ...]
    checked: bool = True


class PageInfo(_Foreign):
    """What was on the screen, in short."""

    title: str = ""
    type: str = ""
    href: str = ""
    scrollTop: int = 0  # noqa: N815 - WebCPM's name


class InteractiveAction(_Foreign):
    """One action, with the view in which it was triggered. ``triggerAt`` is in milliseconds, 0 where nobody knows."""

    action: str
    details: dict[str, Any] = Field(default_factory=dict)
    pageContentInViewport: Any = None  # noqa: N815 - WebCPM's name
    digests: tuple[Digest, ...] = ()
    keyword: str = ""
    triggerAt: int = 0  # noqa: N815 - WebCPM's name
    stackLength: int = 0  # noqa: N815 - WebCPM's name
    step: int = 0
    traceId: str = ""  # noqa: N815 - WebCPM's name
    currentPageInfo: PageInfo = PageInfo()  # noqa: N815 - WebCPM's name

    @property
    def label(self) -> str | None:
        """Our label of the action; None where WebCPM has no such action."""
        return BY_CODE.get(self.action)


class InteractiveRecord(_Foreign):
    """One question."""

    id: str = Field(alias="_id")
    question: str
    answer: str = ""
    digests: tuple[Digest, ...] = ()
    actions: tuple[InteractiveAction, ...] = ()


class InteractiveFile(_Foreign):
    """A file of the format."""

    data: tuple[InteractiveRecord, ...]

    def dump(self) -> str:
        """Return the file's text."""
        return self.model_dump_json(by_alias=True, indent=1)


def read_interactive(path: Path) -> InteractiveFile:
    """Return the records of a file.

    Raises:
        UsageError: it cannot be read or is of another format.
    """
    try:
        return InteractiveFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path} is no file of WebCPM's interactive format: {where}: {first['msg']}") from error


class ExactAction(Fact):
    """What one of our own exports says of an action beyond WebCPM's fields, so that it can be done again.

    Attributes:
        page: the page that came, without its text.
        results: the results of a search.
        failure: why nothing could be had, as the history says it.
    """

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    page: StoredPage | None = None
    results: tuple[SearchResult, ...] = ()
    failure: str = ""


class ExactRecord(Fact):
    """What one of our own exports says of a session beyond WebCPM's fields."""

    profile: str
    seat: Seat
    urls: tuple[str, ...] = ()
    limits: BrowseLimits | None = None


def interactive_record(
    trail: Sequence[BrowseState], *, record_id: str, times: Sequence[datetime] = (), urls: Sequence[str] = ()
) -> InteractiveRecord:
    """Return the record of a session. What was refused changed nothing and is left out.

    Args:
        trail: all states of the session.
        record_id: names the record.
        times: when each action was done, where that is known.
        urls: addresses that could be opened from the beginning on.
    """
    last = trail[-1]
    when = [int(time.timestamp() * 1000) for time in times] or [0] * len(last.history)
    done = [
        _action(before, after.history[-1], after, record_id).model_copy(update={"triggerAt": at})
        for (before, after), at in zip(pairwise(trail), when, strict=True)
        if after.history[-1].ok or after.before is before
    ]
    start = InteractiveAction(action=CODES["start"], traceId=record_id)
    return InteractiveRecord.model_validate(
        {
            "_id": record_id,
            "question": last.question,
            "answer": with_references(last.answer, last.kept),
            "digests": _digests(last.kept),
            "actions": (start, *done),
            EXACT: ExactRecord(
                profile=last.profile.name, seat=last.seat, urls=tuple(urls), limits=limits_in(last.profile)
            ).model_dump(mode="json", exclude_none=True),
        }
    )


def with_references(answer: str, kept: Sequence[Kept]) -> str:
    """Return an answer whose citations are WebCPM's: the place of the quote in the list, as 【1】."""
    places = {item.id: place for place, item in enumerate(kept, start=1)}
    return _CITATION.sub(lambda match: f"【{places[match[1]]}】" if match[1] in places else match[0], answer)


def references_as_citations(answer: str, kept: Sequence[Kept]) -> str:
    """Return a recorded answer whose references are our citations; one to a quote that is not there is left out."""

    def cited(match: re.Match[str]) -> str:
        place = int(match[1] or match[2])
        return f"[{kept[place - 1].id}]" if 1 <= place <= len(kept) else ""

    return _REFERENCE.sub(cited, answer)


def references(answer: str) -> tuple[int, ...]:
    """Return the places of the quotes that a recorded answer cites, as 【1】 or <1>, each once and in order."""
    return tuple(dict.fromkeys(int(match[1] or match[2]) for match in _REFERENCE.finditer(answer)))


def _action(before: BrowseState, step: Step, after: BrowseState, trace: str) -> InteractiveAction:
    action = actions.parse_action(step.name, step.arguments)
    label = label_of(before, action)
    code = CODES[label] if label else f"{OWN}{step.name.upper()}"
    return InteractiveAction(
        action=code if step.ok else FAILED,
        details={
            **step.arguments,
            **(_details(step, after) if step.ok else {}),
            EXACT: _exact(step, action, after).model_dump(mode="json", exclude_defaults=True),
        },
        pageContentInViewport=_viewport(before),
        digests=_digests(after.kept),
        keyword=after.query,
        stackLength=len(before.views),
        step=before.used,
        traceId=trace,
        currentPageInfo=_page_info(before),
    )


def _exact(step: Step, action: actions.Action, after: BrowseState) -> ExactAction:
    if not step.ok:
        return ExactAction(name=step.name, arguments=step.arguments, failure=step.note)
    page = after.page.page if after.page is not None and reaches_outside(action) else None
    stored = None if page is None else StoredPage(**{name: getattr(page, name) for name in StoredPage.model_fields})
    results = after.results.results if step.name == "search" and after.results else ()
    return ExactAction(name=step.name, arguments=step.arguments, page=stored, results=results)


def _details(step: Step, after: BrowseState) -> dict[str, Any]:
    match step.name:
        case "search":
            results = after.results.results if after.results else ()
            found = [{"title": r.title, "href": r.url, "summary": r.snippet} for r in results]
            return {"keyword": step.arguments["query"], "result": found}
        case "open" | "click" | "type_text" | "select" if after.page is not None:
            return {"href": after.page.page.final_url, "pageMainContent": after.page.page.text}
        case "quote":
            return {"text": after.kept[-1].text}
        case "merge":
            return {"merges": step.arguments["quotes"]}
        case _:
            return {}


def _viewport(state: BrowseState) -> Any:
    if isinstance(state.view, PageView):
        return state.view.text
    return [{"title": r.title, "href": r.url, "summary": r.snippet} for _, r in shown_results(state)]


def _page_info(state: BrowseState) -> PageInfo:
    view = state.view
    if view is None:
        return PageInfo()
    if isinstance(view, PageView):
        return PageInfo(title=view.page.title, type="page", href=view.page.final_url, scrollTop=view.window)
    return PageInfo(title=view.query, type="search", scrollTop=view.window)


def _digests(kept: Iterable[Kept]) -> tuple[Digest, ...]:
    return tuple(
        Digest(
            datas=tuple(
                DigestData.model_validate(
                    {
                        "title": part.quote.source.title,
                        "desc": part.quote.text,
                        "quote": {"id": item.id, **part.model_dump(mode="json")},
                    }
                )
                for part in item.quotes
            )
        )
        for item in kept
    )
