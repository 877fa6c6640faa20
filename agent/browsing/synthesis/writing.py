"""Asking a model for the sentences of an answer: in one go, or as an outline whose points are written in parallel.

The second is Skeleton-of-Thought (Ning et al., "Skeleton-of-Thought: Prompting LLMs for Efficient Parallel
Generation", 2023).
"""

import asyncio
from collections.abc import Sequence

from agent.browsing.state import Kept
from agent.browsing.synthesis.forms import CitedSentence, OutlinePoint, WriteAnswer, WriteOutline, WritePoint
from agent.browsing.synthesis.result import Dropped, SynthesisSettings
from agent.browsing.synthesis.shortening import shortened
from agent.domain.base import Fact
from agent.domain.errors import ModelOutputError
from agent.domain.messages import Transcript
from agent.models.asking import Models, ask_form
from agent.models.fence import fenced, unhidden
from agent.models.templates import render
from agent.models.together import together

_PACKAGE = "agent.browsing.synthesis"
_FEWEST_POINTS = 3


class Draft(Fact):
    """What a model wrote: paragraphs of sentences, each with the ids it gave, and what could not be used."""

    paragraphs: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]
    failed: tuple[Dropped, ...] = ()


async def write_in_one_go(
    question: str, kept: Sequence[Kept], models: Models, *, step: str, settings: SynthesisSettings
) -> Draft:
    """Return an answer that was written as a whole.

    Raises:
        ModelOutputError: the model did not manage to fill in the form.
    """
    material = await asyncio.to_thread(_material, question, kept, settings)
    transcript = _transcript("whole", material=material, sentences=settings.sentences)
    form = await ask_form(models, f"{step}/write", transcript, WriteAnswer, role=settings.writer)
    return Draft(paragraphs=(_sentences(form.sentences),))


async def write_by_points(
    question: str, kept: Sequence[Kept], models: Models, *, step: str, settings: SynthesisSettings
) -> Draft:
    """Return an answer whose points were written at the same time, one paragraph each.

    A point that a model did not manage to write is left out and told. The titles of the points are no part of the
    answer, since nothing is cited for them.

    Raises:
        ModelOutputError: the model did not manage to write an outline of at least two points.
    """
    material = await asyncio.to_thread(_material, question, kept, settings)
    transcript = _transcript("outline", material=material, least=_FEWEST_POINTS, points=settings.points)
    outline = await ask_form(models, f"{step}/outline", transcript, WriteOutline, role=settings.writer)
    points = outline.points[: settings.points]
    if len(points) < 2:
        raise ModelOutputError("write_outline: an outline needs at least two points")
    titles = [" ".join(point.title.split()) for point in points]
    known = {item.id: item for item in kept}

    def shown(point: OutlinePoint) -> str:
        # a point that names no quote that exists is shown all of them
        own = tuple(known[name] for name in known_ids(point.evidence, known)) or tuple(kept)
        return _material(question, own, settings)

    async def written(number: int, material: str) -> tuple[tuple[str, tuple[str, ...]], ...] | Dropped:
        prompt = _transcript(
            "point",
            material=material,
            titles=titles,
            number=number,
            sentences=settings.point_sentences,
        )
        try:
            form = await ask_form(
                models, f"{step}/point/{number}", prompt, WritePoint, role=settings.writer, refusal_is_reply=True
            )
        except ModelOutputError as error:
            return Dropped(text=titles[number - 1], reason=f"this point could not be written: {error}")
        return _sentences(form.sentences)[: settings.point_sentences]

    # all of it first, so that the calls begin in the order of the points
    materials = await asyncio.to_thread(lambda: [shown(point) for point in points])
    found = await together(written(number, material) for number, material in enumerate(materials, start=1))
    return Draft(
        paragraphs=tuple(item for item in found if not isinstance(item, Dropped)),
        failed=tuple(item for item in found if isinstance(item, Dropped)),
    )


def known_ids(given: Sequence[str], known: Sequence[str] | dict[str, Kept]) -> tuple[str, ...]:
    """Return the ids that exist, once each; brackets, case and a missing letter are repaired, others are left out."""
    names = {name.upper(): name for name in known}
    repaired = (part.strip(" []()【】").upper() for text in given for part in text.replace(";", ",").split(","))
    found = (names.get(name) or names.get(f"E{name}") for name in repaired)
    return tuple(dict.fromkeys(name for name in found if name))


def _sentences(given: Sequence[CitedSentence]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((sentence.text, tuple(sentence.evidence)) for sentence in given)


def _transcript(name: str, **values: object) -> Transcript:
    return Transcript(
        [
            {"role": "system", "content": render(_PACKAGE, "writer")},
            {"role": "user", "content": render(_PACKAGE, name, **values)},
        ]
    )


def _material(question: str, kept: Sequence[Kept], settings: SynthesisSettings) -> str:
    share = min(settings.quote_characters, settings.prompt_characters // max(len(kept), 1))
    quotes = [
        {"id": item.id, "text": fenced(f"{_titles(item)}\n{shortened(unhidden(item.text), question, share)}")}
        for item in kept
    ]
    return render(_PACKAGE, "material", question=question, quotes=quotes)


def _titles(item: Kept) -> str:
    return "; ".join(dict.fromkeys(" ".join(part.quote.source.title.split())[:120] for part in item.quotes))
