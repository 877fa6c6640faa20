"""Scores of recorded sessions: citations by themselves; queries, facts and answers against a reference."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.browsing.annotation.imports import imported
from agent.browsing.rouge import rouge_l
from agent.browsing.scores import (
    OURS,
    WEBCPMS,
    ActionScores,
    CitationScores,
    action_scores,
    citation_scores,
    mean_rouge_l,
)
from agent.browsing.state import BrowseState, PageView
from agent.browsing.webcpm.interactive import read_interactive, references_as_citations
from agent.browsing.webcpm.labels import BY_CHINESE
from agent.browsing.webcpm.pipeline import SEPARATOR
from agent.browsing.webcpm.steps import Prediction, label_in, read_predictions
from agent.domain.base import Fact
from agent.domain.errors import UsageError

_CITATION = re.compile(r"\s*\[E\d+\]")


class Told(Fact):
    """What a session asked, kept and answered, as texts to compare."""

    question: str
    queries: str
    facts: str
    answer: str


class Likeness(Fact):
    """Rouge-L of a session against a reference for the same question, each from 0 to 1."""

    query: float
    fact: float
    answer: float


class SessionScores(Fact):
    """One session.

    Attributes:
        name: the run, or the record of a file.
        steps: entries of its history.
        refused: those that were not possible, or not as recorded.
        citations: of its answer, with every quote computed from the recorded texts again.
        likeness: against the reference, where there is one.
    """

    name: str
    question: str
    steps: int
    refused: int
    citations: CitationScores
    likeness: Likeness | None = None


class PredictionScores(Fact):
    """Predicted actions against those of people.

    Attributes:
        actions: by each counting rule.
        queries, query_rouge_l: predictions that search where the person did, and the mean Rouge-L of their words.
        facts, fact_rouge_l: likewise for quotes.
    """

    name: str
    actions: tuple[ActionScores, ...]
    queries: int
    query_rouge_l: float
    facts: int
    fact_rouge_l: float


class Scored(Fact):
    """Everything that was scored."""

    sessions: tuple[SessionScores, ...] = ()
    predictions: tuple[PredictionScores, ...] = ()


def told(trail: Sequence[BrowseState]) -> Told:
    """Return what a session asked, kept and answered."""
    last = trail[-1]
    return Told(
        question=last.question,
        queries=SEPARATOR.join(dict.fromkeys(state.query for state in trail if state.query)),
        facts="\n".join(kept.text for kept in last.kept),
        answer=_CITATION.sub("", last.answer),
    )


def session_scores(
    name: str, trail: Sequence[BrowseState], references: Mapping[str, Told], *, lost: int = 0
) -> SessionScores:
    """Return the scores of a session.

    Args:
        name: what to call it.
        trail: all its states.
        references: what others did for the same questions.
        lost: quotes of the record that could not be had again; they count as not valid.
    """
    last = trail[-1]
    texts = {
        view.page.text_sha256: view.page.text for state in trail for view in state.views if isinstance(view, PageView)
    }
    found = citation_scores(last.answer, last.kept, texts)
    ours, reference = told(trail), references.get(last.question)
    return SessionScores(
        name=name,
        question=last.question,
        steps=len(last.history),
        refused=sum(not step.ok for step in last.history),
        citations=found.model_copy(update={"quotes": found.quotes + lost}),
        likeness=None if reference is None else _likeness(ours, reference),
    )


async def record_scores(path: Path, references: Mapping[str, Told]) -> tuple[SessionScores, ...]:
    """Return the scores of a file in WebCPM's interactive format, each of whose records is worked out again.

    Raises:
        UsageError: it cannot be read or is of another format.
    """
    found = []
    for record in read_interactive(path).data:
        session = await imported(record)
        trail = session.session.trail
        recorded = sum(len(digest.datas) for digest in record.digests)
        kept = sum(len(item.quotes) for item in trail[-1].kept)
        found.append(session_scores(record.id, trail, references, lost=max(recorded - kept, 0)))
    return tuple(found)


async def record_references(path: Path) -> dict[str, Told]:
    """Return what the records of an interactive file asked, kept and answered, by question.

    Raises:
        UsageError: it cannot be read or is of another format.
    """
    return {
        record.question: Told(
            question=record.question,
            queries=SEPARATOR.join(dict.fromkeys(action.keyword for action in record.actions if action.keyword)),
            facts="\n".join(data.desc for digest in record.digests for data in digest.datas),
            answer=references_as_citations(record.answer, ()),
        )
        for record in read_interactive(path).data
    }


def prediction_scores(path: Path) -> PredictionScores:
    """Return the scores of recorded predictions, such as WebCPM's ``test_output.json``.

    Raises:
        UsageError: the file cannot be read, or a line is no prediction.
    """
    rows = read_predictions(path)
    gold = [BY_CHINESE.get(row.gold.partition(SEPARATOR)[0].strip()) for row in rows]
    if None in gold:
        raise UsageError(f"line {gold.index(None) + 1} of {path} has a gold action that WebCPM does not have")
    ours = [(str(name), label_in(row.predicted)) for name, row in zip(gold, rows, strict=True)]
    theirs = [(str(name), BY_CHINESE.get(row.predicted)) for name, row in zip(gold, rows, strict=True)]
    queries, facts = _written(rows, "search"), _written(rows, "quote")
    return PredictionScores(
        name=path.name,
        actions=(action_scores(ours, rule=OURS), action_scores(theirs, rule=WEBCPMS)),
        queries=len(queries),
        query_rouge_l=mean_rouge_l(queries),
        facts=len(facts),
        fact_rouge_l=mean_rouge_l(facts),
    )


def _written(rows: Sequence[Prediction], label: str) -> list[tuple[str, str]]:
    """Return what was written after a label, as predicted and by the person, where both have the label and words."""
    pairs = [
        (row.predicted.partition(SEPARATOR)[2].strip(), row.gold.partition(SEPARATOR)[2].strip())
        for row in rows
        if label_in(row.predicted) == label == label_in(row.gold)
    ]
    return [pair for pair in pairs if all(pair)]


def _likeness(ours: Told, reference: Told) -> Likeness:
    return Likeness(
        query=rouge_l(ours.queries, reference.queries).f,
        fact=rouge_l(ours.facts, reference.facts).f,
        answer=rouge_l(ours.answer, reference.answer).f,
    )
