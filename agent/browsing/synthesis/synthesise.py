"""From quotes to an answer in which every sentence that states a fact cites what supports it."""

import asyncio
import re
from collections.abc import Iterable, Sequence

from agent.browsing.state import Kept
from agent.browsing.synthesis.judging import judged
from agent.browsing.synthesis.result import (
    UNSUPPORTED_MARK,
    Dropped,
    Judgement,
    Reference,
    ReferenceSource,
    Route,
    Sentence,
    Synthesis,
    SynthesisSettings,
)
from agent.browsing.synthesis.routing import route
from agent.browsing.synthesis.statements import rule_of
from agent.browsing.synthesis.support import Support, support_of
from agent.browsing.synthesis.writing import Draft, known_ids, write_by_points, write_in_one_go
from agent.domain.errors import ModelOutputError
from agent.models.asking import Models
from agent.models.together import together
from agent.verification.sentences import split_sentences

_CITATION = re.compile(
    r"\s*(?:[\[(\u3010]\s*(?:[\w-]+\.)*E\d+(?:\s*[,;]\s*(?:[\w-]+\.)*E\d+)*\s*[\])\u3011]|(?<![A-Za-z0-9_)\]])[\[\u3010]\s*\d+\s*[\]\u3011]"
    rf"|{re.escape(UNSUPPORTED_MARK)})"
)
_NOTHING = "Nothing that the quotes support could be said."
_NOTHING_CJK = "没有引文支持的内容可以回答。"


async def synthesise(
    question: str,
    kept: Sequence[Kept],
    models: Models,
    *,
    step: str,
    settings: SynthesisSettings | None = None,
) -> Synthesis:
    """Return an answer to a question from quotes.

    A model writes sentences with the ids of the quotes that they rest on; each sentence is then checked against them,
    first by words, where these do not settle it by a model (``SynthesisSettings.judge``). What is not supported is left
    out or marked. Where the model writes nothing usable the answer says so, and ``dropped`` tells why.

    Args:
        question: what is to be answered.
        kept: the quotes.
        models: models by role.
        step: begins the names of all effects; unique in the run.
        settings: how to write and check.

    Raises:
        ServiceError: a model cannot be reached.
    """
    settings = settings or SynthesisSettings()
    if not kept:
        return _assembled(question, (), (), (), Route(shape="sequential", why="there are no quotes"))
    way = await route(question, kept, models, step=step, settings=settings)
    draft, way = await _written(question, kept, models, way, step=step, settings=settings)
    candidates, dropped = _candidates(draft, question, kept)
    turn = asyncio.Lock()
    checked = await together(
        _checked(candidate, question, kept, models, turn, step=f"{step}/judge/{number}", settings=settings)
        for number, candidate in enumerate(candidates)
    )
    sentences = [item for item in checked if isinstance(item, Sentence)]
    dropped += [item for item in checked if isinstance(item, Dropped)]
    most = settings.sentences
    if way.shape == "skeleton":
        most = max(most, settings.points * settings.point_sentences)
    dropped += [
        Dropped(text=item.text, evidence=item.evidence, reason=f"the answer has {most} sentences already")
        for item in sentences[most:]
    ]
    return _assembled(question, kept, _without_idle(sentences[:most]), [*draft.failed, *dropped], way)


async def _written(
    question: str, kept: Sequence[Kept], models: Models, way: Route, *, step: str, settings: SynthesisSettings
) -> tuple[Draft, Route]:
    """Return a draft and how it was written: in one go also where no outline could be had."""
    if way.shape == "skeleton":
        try:
            return await write_by_points(question, kept, models, step=step, settings=settings), way
        except ModelOutputError as error:
            way = Route(shape="sequential", why=f"no outline: {error}", by=way.by)
    try:
        return await write_in_one_go(question, kept, models, step=step, settings=settings), way
    except ModelOutputError as error:
        return Draft(paragraphs=(), failed=(Dropped(text="", reason=str(error)),)), way


def _candidates(draft: Draft, question: str, kept: Sequence[Kept]) -> tuple[list[Sentence], list[Dropped]]:
    """Return the single sentences of a draft with ids that exist, and those that cannot stand for want of them.

    A sentence that was written several times is one, in its first place, with the ids of all copies.
    """
    known = {item.id: item for item in kept}
    written: dict[str, Sentence] = {}
    named: dict[str, list[str]] = {}
    dropped: list[Dropped] = []
    for number, paragraph in enumerate(draft.paragraphs):
        for text, given in paragraph:
            ids = known_ids(given, known)
            for single in _singles(text):
                named.setdefault(single, []).extend(given)
                if before := written.get(single):
                    dropped.append(Dropped(text=single, evidence=ids, reason="it was said before"))
                    ids_of_all = tuple(dict.fromkeys([*before.evidence, *ids]))
                    written[single] = before.model_copy(update={"evidence": ids_of_all})
                else:
                    rule = rule_of(single, question)
                    written[single] = Sentence(text=single, evidence=ids, rule=rule, paragraph=number)
    candidates: list[Sentence] = []
    for item in written.values():
        if item.rule != "cited":
            candidates.append(item.model_copy(update={"evidence": ()}))
        elif item.evidence:
            candidates.append(item)
        else:
            unknown = ", ".join(named[item.text][:5])
            reason = f"no quote has the id {unknown}" if unknown else "it cites no quote"
            dropped.append(Dropped(text=item.text, reason=reason))
    return candidates, dropped


def _singles(text: str) -> Iterable[str]:
    """Yield the sentences of what was written as one, on one line each and without citations inside."""
    plain = " ".join(_without_citations(text).split())
    for start, end in split_sentences(plain):
        single = plain[start:end]
        if any(character.isalnum() for character in single):
            yield single


def _without_citations(text: str) -> str:
    """Return a text in which nothing looks like a citation of ours, also not what is left when others are taken out."""
    while (less := _CITATION.sub("", text)) != text:
        text = less
    return text


async def _checked(
    candidate: Sentence,
    question: str,
    kept: Sequence[Kept],
    models: Models,
    turn: asyncio.Lock,
    *,
    step: str,
    settings: SynthesisSettings,
) -> Sentence | Dropped:
    if candidate.rule != "cited":
        return candidate
    cited = [item for item in kept if item.id in candidate.evidence]
    # long quotes take seconds, in which the lease of the run must be kept; more threads would be no faster
    async with turn:
        found = await asyncio.to_thread(support_of, candidate.text, cited, question)
    judgements: tuple[Judgement, ...] = ()
    asked = settings.judge == "always" or (settings.judge == "undecided" and found.outcome == "open")
    if asked and found.outcome != "refused":
        judgements = await judged(candidate.text, cited, models, step=step, role=settings.judged_by)
    good = [item.evidence for item in judgements if item.verdict == "supported"]
    contradicted = any(item.verdict == "contradicted" for item in judgements)
    supported = bool(good) and not contradicted if judgements else found.outcome == "supported"
    evidence = (tuple(good) if supported and judgements else found.evidence) or candidate.evidence
    if supported or settings.unsupported == "mark":
        return candidate.model_copy(
            update={
                "evidence": evidence,
                "support": found.recall,
                "supported": supported,
                "findings": found.findings,
                "judgements": judgements,
            }
        )
    return Dropped(
        text=candidate.text,
        evidence=candidate.evidence,
        reason=_reason(found, judgements),
        findings=found.findings,
        judgements=judgements,
    )


def _reason(found: Support, judgements: Sequence[Judgement]) -> str:
    against = [item for item in judgements if item.verdict == "contradicted"]
    if against:
        return f"a quote contradicts it: {against[0].evidence}, by the words: {against[0].words}"
    if judgements:
        said = ", ".join(f"{item.evidence}: {item.detail or item.verdict}" for item in judgements)
        return f"the judge did not find it supported ({said})"
    open_ = "; no judge was asked" if found.outcome == "open" else ""
    return f"{found.reason}{open_}"


def _without_idle(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return sentences without connectives that nothing follows in their paragraph any more."""
    stays: list[Sentence] = []
    for index, sentence in enumerate(sentences):
        following = sentences[index + 1] if index + 1 < len(sentences) else None
        connects = following and following.rule == "cited" and following.paragraph == sentence.paragraph
        if sentence.rule != "connective" or connects:
            stays.append(sentence)
    return stays


def _assembled(
    question: str, kept: Sequence[Kept], sentences: Sequence[Sentence], dropped: Sequence[Dropped], way: Route
) -> Synthesis:
    known = {item.id: item for item in kept}
    cited = dict.fromkeys(name for sentence in sentences for name in sentence.evidence)
    return Synthesis(
        question=question,
        answer=answer_of(sentences) or (_NOTHING_CJK if re.search("[\u4e00-\u9fff]", question) else _NOTHING),
        sentences=tuple(sentences),
        references=tuple(
            Reference(number=number, evidence=name, sources=_sources(known[name]))
            for number, name in enumerate(cited, start=1)
        ),
        dropped=tuple(dropped),
        route=way,
    )


def answer_of(sentences: Sequence[Sentence]) -> str:
    """Return the text of sentences with citations; a paragraph is a line, with an empty line in between."""
    paragraphs: dict[int, list[str]] = {}
    for sentence in sentences:
        paragraphs.setdefault(sentence.paragraph, []).append(sentence.cited)
    return "\n\n".join(_joined(parts) for parts in paragraphs.values())


def _joined(parts: Sequence[str]) -> str:
    text = ""
    for part in parts:
        gap = "" if not text or text[-1] in "\u3002\uff01\uff1f" else " "
        text += gap + part
    return text


def _sources(item: Kept) -> tuple[ReferenceSource, ...]:
    found = (
        ReferenceSource(
            title=" ".join(part.quote.source.title.split()),
            url=part.quote.source.location,
            retrieved_at=part.fetched_at,
        )
        for part in item.quotes
    )
    return tuple(dict.fromkeys(found))
