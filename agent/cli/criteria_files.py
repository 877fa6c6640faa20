"""Criteria that a person wrote down in a file, as JSON or YAML."""

import asyncio
from pathlib import Path

from pydantic import ValidationError

from agent.domain.artefacts import ArtefactKind, Criteria
from agent.domain.errors import UsageError
from toolserver.client import ToolServerError, read_document


async def read_criteria(path: Path, kind: ArtefactKind | None = None) -> Criteria:
    """Return the criteria of a file; where it names no kind, they are for ``kind``.

    Raises:
        UsageError: it cannot be read, or is not as it should be; the message names the place.
    """
    try:
        value = await asyncio.to_thread(read_document, path)
    except ToolServerError as error:
        raise UsageError(" ".join(str(error).split())) from error
    given = value if kind is None else {"kind": kind, **value}
    try:
        return Criteria.model_validate(given)
    except ValidationError as error:
        raise UsageError(f"{path}: {_first(error)}") from error


def _first(error: ValidationError) -> str:
    """Return the place and the problem of the first mistake, and how many more there are."""
    problems = error.errors(include_url=False)
    place = ""
    for step in problems[0]["loc"]:
        place += f"[{step}]" if isinstance(step, int) else f".{step}" if place else str(step)
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{place}: {problems[0]['msg']}{more}"
