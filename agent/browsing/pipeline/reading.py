"""Windows of pages, and the sentences of them that a model picks; the quotes are computed from their numbers."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.browsing.compression import compressed, numbered
from agent.browsing.page import Page, Window, windows
from agent.browsing.pipeline.forms import PickSentences, SentenceRange
from agent.browsing.pipeline.result import PipelineSettings
from agent.browsing.state import PageView
from agent.domain.base import Fact
from agent.domain.errors import ModelDeclined, ModelOutputError
from agent.domain.messages import Transcript
from agent.models.asking import Models, ask_form
from agent.models.fence import fenced, unhidden
from agent.models.templates import render

PACKAGE = "agent.browsing.pipeline"


class Span(NamedTuple):
    """Neighbouring sentences, by number, both inclusive."""

    first: int
    last: int


class Picked(Fact):
    """What a model picked of a window.

    Attributes:
        spans: neighbouring sentences that it was shown.
        rate: part of the window's characters that it was shown.
        problem: what could not be used of its answer; empty where nothing was wrong.
        refused: its server did not take the window, and would not take it another time.
    """

    spans: tuple[Span, ...] = ()
    rate: float = 1.0
    problem: str = ""
    refused: bool = False


def windows_to_read(question: str, page: Page, settings: PipelineSettings) -> tuple[Window, ...]:
    """Return the windows of a page that are most about a question, best first; all in their order where they are few.

    Short windows are left out, but a page's only one.
    """
    cut = windows(page, settings.window_characters)
    if len(cut) > 1:
        cut = tuple(window for window in cut if window.end - window.start >= settings.shortest_window)
    if len(cut) <= settings.windows:
        return cut
    places = PageView(page=page, cut=cut).about(question, settings.windows)
    return tuple(cut[place.window] for place in places) or cut[: settings.windows]


async def pick(
    question: str, page: Page, window: Window, models: Models, *, step: str, settings: PipelineSettings
) -> Picked:
    """Return the sentences of a window that a model picked.

    Numbers that it was not shown, and ranges that run backwards or are too long, are left out and told.

    Raises:
        ServiceError: the model cannot be reached.
    """
    sentences = [(number, page.sentence_text(number)) for number in range(window.first, window.last + 1)]
    budget = settings.compressed_characters
    if budget is None or sum(len(text) for _, text in sentences) <= budget:
        shown, text, rate = tuple(number for number, _ in sentences), numbered(sentences), 1.0
    else:
        found = compressed(question, sentences, budget)
        shown, text, rate = found.kept, found.text, found.rate
    prompt = render(
        PACKAGE,
        "pick",
        question=question,
        longest=settings.quote_sentences,
        page=fenced(unhidden(f"{' '.join(page.title.split())}\n\n{text}")),
    )
    transcript = Transcript([{"role": "user", "content": prompt}])
    try:
        form = await ask_form(models, step, transcript, PickSentences, role=settings.reader, refusal_is_reply=True)
    except ModelDeclined as error:
        return Picked(rate=rate, problem=str(error), refused=True)
    except ModelOutputError as error:
        return Picked(rate=rate, problem=str(error))
    spans, problem = _usable(form.passages, shown, settings.quote_sentences)
    return Picked(spans=spans, rate=rate, problem=problem)


def _usable(passages: Sequence[SentenceRange], shown: Sequence[int], longest: int) -> tuple[tuple[Span, ...], str]:
    spans: list[Span] = []
    wrong: list[str] = []
    known = frozenset(shown)
    for passage in passages:
        first, last = passage.first, passage.first if passage.last is None else passage.last
        if first not in known or last not in known or not first <= last < first + longest:
            wrong.append(f"s{first}" if last == first else f"s{first} to s{last}")
            continue
        # what was left out in between was not read, so it is not quoted
        spans.extend(neighbouring([number for number in range(first, last + 1) if number in known]))
    return tuple(dict.fromkeys(spans)), f"not usable as sentences of the window: {', '.join(wrong)}" if wrong else ""


def neighbouring(numbers: Sequence[int]) -> Iterator[Span]:
    """Yield the spans of neighbours among numbers in order, at least one."""
    first = last = numbers[0]
    for number in numbers[1:]:
        if number > last + 1:
            yield Span(first, last)
            first = number
        last = number
    yield Span(first, last)
