# ruff: noqa: RUF001, RUF002 - the separator of queries is WebCPM's own
"""WebCPM's pipeline formats, JSONL: queries of a question, passages taken from a page, and an answer from passages."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.browsing.state import BrowseState, PageView
from agent.domain.errors import UsageError

RecordT = TypeVar("RecordT", bound=BaseModel)

SEPARATOR = "；"
"""Between the queries of one question."""
_CITATION = re.compile(r"\s*\[E\d+\]")


class _Record(BaseModel):
    """A line of a format that is not ours: fields that we do not know are kept."""

    model_config = ConfigDict(frozen=True, extra="allow")


class QueryRecord(_Record):
    """Which queries fit a question; ``answer`` has them with ``；`` in between."""

    question: str
    answer: str


class AbstractRecord(_Record):
    """Which passages of a page bear on a question."""

    question: str
    query: str
    page_detail: str
    abstracts: tuple[str, ...]


class AnswerRecord(_Record):
    """The answer that follows from passages."""

    question: str
    abstracts: tuple[str, ...]
    answer: str


class PipelineResult(_Record):
    """What a whole pipeline gave: passages, where they come from, and the answer without and with references."""

    question: str
    abstract: tuple[str, ...]
    href: tuple[str, ...]
    answer: str
    answer_add_ref: str | None = None


class PipelineRecords(_Record):
    """The records of one session in each of the three formats."""

    query: QueryRecord
    abstracts: tuple[AbstractRecord, ...]
    answer: AnswerRecord


def pipeline_records(trail: Sequence[BrowseState]) -> PipelineRecords:
    """Return a session's training records: its queries, its quotes by the window that they were taken from, its answer.

    Only quotes that were kept to the end count, in the windows where they stand.
    """
    last = trail[-1]
    spans = {part.quote.id: part.quote.text for item in last.kept for part in item.quotes}
    queries = dict.fromkeys(after.query for after in trail if after.query)
    taken: dict[tuple[str, str], list[str]] = {}
    for before, after in pairwise(trail):
        step = after.history[-1]
        if step.name == "quote" and step.ok and isinstance(before.view, PageView):
            made = after.kept[-1].id
            if made in spans:
                taken.setdefault((before.query, before.view.text), []).append(spans[made])
    return PipelineRecords(
        query=QueryRecord(question=last.question, answer=SEPARATOR.join(queries)),
        abstracts=tuple(
            AbstractRecord(question=last.question, query=query, page_detail=text, abstracts=tuple(found))
            for (query, text), found in taken.items()
        ),
        answer=AnswerRecord(
            question=last.question,
            abstracts=tuple(item.text for item in last.kept),
            answer=_CITATION.sub("", last.answer),
        ),
    )


def dump_lines(records: Iterable[BaseModel]) -> str:
    """Return records as JSONL."""
    return "".join(f"{record.model_dump_json(exclude_none=True)}\n" for record in records)


def read_lines(path: Path, kind: type[RecordT]) -> tuple[RecordT, ...]:
    """Return the records of a JSONL file.

    Raises:
        UsageError: it cannot be read, or a line is no such record.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(kind.model_validate_json(line))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise UsageError(
                f"line {number} of {path} is no {kind.__name__}: {first['loc']}: {first['msg']}"
            ) from error
    return tuple(found)
