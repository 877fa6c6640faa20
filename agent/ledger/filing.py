"""How runs are filed in the library: whose they are, what they are called, their tags, and as what they came."""

import hashlib
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from agent.domain.base import Fact
from agent.domain.errors import PlumblineError
from agent.domain.messages import canonical
from agent.domain.task import Task
from agent.ledger.tables import run_tags, submissions

Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f,]+$")]
"""A tag: one line without commas."""

Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
"""A title: one line; empty where a run is called by its goal."""

MOST_TAGS = 20
"""Tags of one run."""


class Filing(Fact):
    """How a new run is filed.

    Attributes:
        owner: whose it is; None for runs of the terminal.
        title: what it is called; empty where its goal says enough.
        tags: in the order of the alphabet, each once.
        key: under which it was submitted: the same submission under the same key is the same run.
    """

    owner: str | None = Field(default=None, min_length=1, max_length=200)
    title: Title = ""
    tags: tuple[Tag, ...] = Field(default=(), max_length=MOST_TAGS)
    key: str | None = Field(default=None, min_length=1, max_length=200)

    @field_validator("tags")
    @classmethod
    def _each_once(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(tags)))


class DuplicateSubmission(PlumblineError):
    """A run was submitted under this key before."""


def submission_digest(task: Task, options: dict[str, Any]) -> str:
    """Return what tells one submission from another: the SHA-256 of its task and options."""
    return _digest({"task": task.model_dump(mode="json"), "options": options})


def fork_digest(run_id: str, seq: int, options: dict[str, Any] | None) -> str:
    """Return what tells one fork from another: the SHA-256 of the run, the event and the options."""
    return _digest({"fork": run_id, "seq": seq, "options": options})


def _digest(submitted: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(submitted)).hexdigest()


def file_run(connection: Connection, run_id: str, filing: Filing, digest: str) -> None:
    """Store tags and key of a new run, in the transaction that makes the run.

    Raises:
        DuplicateSubmission: the key is taken.
    """
    if filing.key is not None:
        row = {"owner": filing.owner or "", "key": filing.key, "digest": digest, "run_id": run_id}
        try:
            connection.execute(insert(submissions).values(row))
        except IntegrityError:
            raise DuplicateSubmission(f"a run was submitted under the key {filing.key!r} before") from None
    if filing.tags:
        connection.execute(insert(run_tags), [{"run_id": run_id, "tag": tag} for tag in filing.tags])
