"""Measure compression: how much is kept of passages, and how often that holds the sentences with the answer."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agent.browsing.compression import compressed
from agent.browsing.documents import Document, read_document
from agent.browsing.errors import UnreadableDocument
from agent.domain.base import Fact
from agent.domain.errors import UsageError
from agent.verification.sentences import Span, split_sentences
from evals.benchmarks.short_documents import PACKAGES, package_files
from evals.documents.suite import DATA, PARTS, items
from evals.rows import json_rows

RATES = (0.3, 0.5, 0.7)
WINDOW = 3072
"""Characters of the part of a document that is compressed, as in pipeline mode."""

Sentences = list[tuple[int, str]]


class Case(NamedTuple):
    """A question, the sentences it is asked of, and the numbers of those that answer it."""

    question: str
    sentences: Sentences
    gold: frozenset[int]


class Kept(Fact):
    """One set at one rate.

    Attributes:
        asked: questions.
        budget: part of the characters that may be kept.
        rate: part that was kept, on average.
        answers: share of the questions of which all answering sentences were kept.
        leading: the same where the beginning of the text is kept instead, up to the budget.
        milliseconds: of one compression.
    """

    what: str
    asked: int
    budget: float
    rate: float
    answers: float
    leading: float
    milliseconds: float


def measure_compression(*, cmrc: Path | None = None, python_docs: Path | None = None) -> tuple[Kept, ...]:
    """Compress what questions are asked of; without data the documents of our own suite.

    Args:
        cmrc: passages with questions and answers of CMRC 2018, JSONL.
        python_docs: questions with page and quote, JSONL, about the pages of the Debian package of Python's manual.

    Raises:
        UsageError: a file cannot be used, or the package is not installed.
    """
    sets: dict[str, list[Case]] = {}
    if cmrc:
        sets["zh, CMRC 2018"] = list(_cmrc(json_rows(cmrc)))
    if python_docs:
        sets["en, Python documentation"] = list(_python_docs(json_rows(python_docs)))
    if not sets:
        sets["en, documents of our own"] = list(_own())
    return tuple(_kept(what, cases, budget) for what, cases in sets.items() for budget in RATES)


def _kept(what: str, cases: Sequence[Case], budget: float) -> Kept:
    if not cases:
        raise UsageError(f"{what}: no question could be matched with its page")
    rates, answers, leading = 0.0, 0, 0
    begin = time.perf_counter()
    for case in cases:
        found = compressed(case.question, case.sentences, _budget(case, budget))
        rates += found.rate
        answers += case.gold <= set(found.kept)
    seconds = time.perf_counter() - begin
    for case in cases:
        left, first = _budget(case, budget), set[int]()
        for number, text in case.sentences:
            left -= len(text)
            if left < 0:
                break
            first.add(number)
        leading += case.gold <= first
    count = len(cases)
    return Kept(
        what=what,
        asked=count,
        budget=budget,
        rate=rates / count,
        answers=answers / count,
        leading=leading / count,
        milliseconds=1000 * seconds / count,
    )


def _budget(case: Case, part: float) -> int:
    return int(part * sum(len(text) for _, text in case.sentences))


def _cmrc(rows: Sequence[dict[str, Any]]) -> Iterator[Case]:
    for row in rows:
        spans = split_sentences(row["text"])
        for entry in row["questions"]:
            begin = entry["answers"][0]["start"]
            end = begin + len(entry["answers"][0]["text"])
            yield Case(entry["question"], _numbered(row["text"], spans), _touching(spans, begin, end))


def _python_docs(rows: Sequence[dict[str, Any]]) -> Iterator[Case]:
    package = PACKAGES["en"][0]
    paths = package_files(package)
    if not paths:
        raise UsageError(f"the pages of the questions are in the Debian package {package}; install it")
    documents: dict[str, Document] = {}
    for row in rows:
        if row["page"] not in documents:
            path = next((path for path in paths if path.as_posix().endswith(f"/html/{row['page']}")), None)
            if path is None:
                continue
            documents[row["page"]] = read_document(path)
        document = documents[row["page"]]
        entry = document.text.find(f"{row['signature']}\u00b6")
        begin = document.text.find(row["quote"], entry)
        # an entry whose heading is written otherwise in the page cannot be told from its neighbours
        if entry >= 0 and 0 <= begin - entry < WINDOW:
            yield _case(row["question"], document, begin, begin + len(row["quote"]), start=entry)


def _own() -> Iterator[Case]:
    for part in PARTS:
        documents: list[Document] = []
        for path in sorted((DATA / part / "documents").iterdir()):
            try:
                documents.append(read_document(path))
            except UnreadableDocument:
                continue
        for item in items(part, "question"):
            places = [
                (document, document.text.index(text))
                for text in item.cites
                for document in documents
                if document.text.count(text) == 1
            ]
            if len(places) == 1 == len(item.cites):
                document, begin = places[0]
                yield _case(item.question, document, begin, begin + len(item.cites[0]))


def _case(question: str, document: Document, begin: int, end: int, *, start: int | None = None) -> Case:
    """Return a case of the sentences around an answer: a window's length, with as much before ``start`` as after."""
    first = max((begin if start is None else start) - WINDOW // 2, 0)
    inside = [
        index
        for index, span in enumerate(document.sentences)
        if span.start >= first and span.end <= max(first + WINDOW, end + 1)
    ]
    spans = [document.sentences[index] for index in inside]
    return Case(question, _numbered(document.text, spans), _touching(spans, begin, end))


def _numbered(text: str, spans: Sequence[Span]) -> Sentences:
    return [(number, text[start:end]) for number, (start, end) in enumerate(spans, start=1)]


def _touching(spans: Sequence[Span], begin: int, end: int) -> frozenset[int]:
    return frozenset(number for number, span in enumerate(spans, start=1) if span.start < end and begin < span.end)
