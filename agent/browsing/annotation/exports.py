"""What a recorded session is exported as: WebCPM's formats and fine-tuning examples, as texts of files."""

from collections.abc import Sequence
from typing import Literal, get_args

from pydantic import BaseModel

from agent.browsing.annotation.record import RecordedSession
from agent.browsing.research.seat import instructions
from agent.browsing.webcpm.interactive import InteractiveFile, InteractiveRecord, interactive_record
from agent.browsing.webcpm.pipeline import dump_lines, pipeline_records
from agent.browsing.webcpm.training import chat_examples, dump_examples
from agent.domain.errors import UsageError

ExportFormat = Literal["webcpm-interactive", "webcpm-pipeline", "chat-jsonl"]
FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)

PIPELINE_FILES = ("query.jsonl", "abstract.jsonl", "answer.jsonl")
"""Files of the pipeline format, one for each of its three tasks."""


def format_of(name: str) -> ExportFormat:
    """Return a format by its name.

    Raises:
        UsageError: there is none of that name.
    """
    for known in FORMATS:
        if name == known:
            return known
    raise UsageError(f"there is no format {name!r}; choose one of {', '.join(FORMATS)}")


async def record_of(recorded: RecordedSession) -> InteractiveRecord:
    """Return a recorded session in WebCPM's interactive format, with the time of each action."""
    return interactive_record(
        recorded.session.trail, record_id=recorded.run_id, times=await recorded.times(), urls=recorded.order.urls
    )


async def exported(recorded: Sequence[RecordedSession], form: ExportFormat) -> dict[str, str]:
    """Return the texts of the files that some sessions are exported to, by name; a single file's name is empty."""
    match form:
        case "webcpm-interactive":
            return {"": InteractiveFile(data=tuple([await record_of(one) for one in recorded])).dump()}
        case "webcpm-pipeline":
            found = [pipeline_records(one.session.trail) for one in recorded]
            parts: tuple[Sequence[BaseModel], ...] = (
                [records.query for records in found],
                [row for records in found for row in records.abstracts],
                [records.answer for records in found],
            )
            return {name: dump_lines(rows) for name, rows in zip(PIPELINE_FILES, parts, strict=True)}
        case "chat-jsonl":
            system = instructions()
            return {"": "".join(dump_examples(chat_examples(one.session.trail, system=system)) for one in recorded)}
