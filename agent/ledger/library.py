"""The library of runs: finding them again, by words, status, tag and owner, and what they are called."""

import base64
import math
import struct
from collections.abc import Sequence
from typing import Any

import orjson
from pydantic import Field
from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, insert, or_, select, update

from agent.domain.base import Fact
from agent.domain.errors import CommandConflict, UnknownRun, UsageError
from agent.domain.events import RunStatus
from agent.domain.report import ReportOutcome
from agent.ledger.filing import Filing
from agent.ledger.store import CREATED, Ledger, RunSummary, summary_of
from agent.ledger.tables import events, run_tags, runs, submissions

_SETTING = "setting/0"
"""Key of the effect that tells which models a run works with."""


class FiledRun(RunSummary):
    """A run with how it is filed.

    Attributes:
        owner: whose it is; None for runs of the terminal.
        title: what it is called; empty where its goal says enough.
        outcome: of its report, where there is one that stands.
        model: what its executor works with, or was told to; None as the settings say.
    """

    owner: str | None
    title: str
    tags: tuple[str, ...]
    outcome: ReportOutcome | None
    model: str | None


class Page(Fact):
    """Runs, newest first; ``more`` is where the next page begins, and None at the end."""

    runs: tuple[FiledRun, ...]
    more: str | None


class Tagged(Fact):
    """A tag, and how many runs have it."""

    tag: str
    runs: int


class Search(Fact):
    """Which runs are wanted.

    Attributes:
        words: all of them are in the goal's first line, the title or the id, in whatever case.
        owner: whose runs; None for everybody's.
        before: where a page begins, as the one before it told.
        limit: number of runs at most.
    """

    words: str = ""
    status: RunStatus | None = None
    tag: str | None = None
    owner: str | None = None
    before: str | None = None
    limit: int = Field(default=50, ge=1, le=200)


class Library:
    """Finds and files the runs of a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def find(self, run_id: str) -> FiledRun:
        """Return a run by its whole id.

        Raises:
            UnknownRun: there is none.
        """
        rows = await self._ledger.rows(select(runs).where(runs.c.id == run_id))
        if not rows:
            raise UnknownRun(f"there is no run {run_id!r}")
        return (await self._filed(rows))[0]

    async def search(self, wanted: Search) -> Page:
        """Return a page of runs.

        Raises:
            UsageError: ``before`` is not what a page told.
        """
        query = select(runs).where(*_conditions(wanted)).order_by(runs.c.created_at.desc(), runs.c.id)
        if wanted.before is not None:
            created_at, run_id = _place(wanted.before)
            later = and_(runs.c.created_at == created_at, runs.c.id > run_id)
            query = query.where(or_(runs.c.created_at < created_at, later))
        rows = await self._ledger.rows(query.limit(wanted.limit + 1))
        more = _cursor(rows[wanted.limit - 1]) if len(rows) > wanted.limit else None
        return Page(runs=await self._filed(rows[: wanted.limit]), more=more)

    async def beginning_with(self, text: str) -> tuple[RunSummary, ...]:
        """Return all runs whose ids begin with a text, by their ids."""
        query = select(runs).where(runs.c.id.startswith(text, autoescape=True)).order_by(runs.c.id)
        return tuple([summary_of(row) for row in await self._ledger.rows(query)])

    async def tags(self, *, owner: str | None = None) -> tuple[Tagged, ...]:
        """Return the tags that are in use, the most used first."""
        count = func.count().label("count")
        query: Select[Any] = (
            select(run_tags.c.tag, count).group_by(run_tags.c.tag).order_by(count.desc(), run_tags.c.tag)
        )
        if owner is not None:
            query = query.join(runs, runs.c.id == run_tags.c.run_id).where(runs.c.owner == owner)
        return tuple([Tagged(tag=row.tag, runs=row.count) for row in await self._ledger.rows(query)])

    async def change(self, run_id: str, *, title: str | None = None, tags: Sequence[str] | None = None) -> None:
        """Give a run another title or other tags; None leaves what is there."""
        filing = Filing.model_validate({"title": title or "", "tags": tuple(tags or ())})
        async with self._ledger.transaction() as connection:
            if title is not None:
                shown = self._ledger.redactor.scrub_text(filing.title)
                await connection.execute(update(runs).where(runs.c.id == run_id).values(title=shown))
            if tags is not None:
                await connection.execute(delete(run_tags).where(run_tags.c.run_id == run_id))
            if tags is not None and filing.tags:
                rows = [{"run_id": run_id, "tag": tag} for tag in filing.tags]
                await connection.execute(insert(run_tags), rows)

    async def submitted(self, filing: Filing, digest: str) -> str | None:
        """Return the run that was submitted under the key of a filing, if there is one; see ``submission_digest``.

        Raises:
            CommandConflict: something else was submitted under this key.
        """
        where = (submissions.c.owner == (filing.owner or "")) & (submissions.c.key == filing.key)
        rows = await self._ledger.rows(select(submissions).where(where))
        if not rows:
            return None
        if rows[0].digest != digest:
            raise CommandConflict(f"something else was submitted under the key {filing.key!r}; use a new key")
        return str(rows[0].run_id)

    async def _filed(self, rows: "Sequence[Row[Any]]") -> tuple[FiledRun, ...]:
        ids = [row.id for row in rows]
        tagged = await self._ledger.rows(select(run_tags).where(run_tags.c.run_id.in_(ids)).order_by(run_tags.c.tag))
        models = await self._models(ids)
        return tuple(
            [
                FiledRun(
                    **summary_of(row).model_dump(),
                    owner=row.owner,
                    title=row.title,
                    tags=tuple([each.tag for each in tagged if each.run_id == row.id]),
                    outcome=row.outcome,
                    model=models.get(row.id),
                )
                for row in rows
            ]
        )

    async def _models(self, ids: Sequence[str]) -> dict[str, str]:
        """Return by run the model of its executor: the one it works with, else the one it was told to work with."""
        key, phase = events.c.key, events.c.phase
        told = or_(and_(key == CREATED, phase == "fact"), and_(key == _SETTING, phase == "done"))
        query = select(events.c.run_id, events.c.payload).where(events.c.run_id.in_(ids), told)
        found: dict[str, str] = {}
        for row in await self._ledger.rows(query.order_by(events.c.run_id, events.c.seq)):
            if (model := _model_in(orjson.loads(row.payload))) is not None:
                found[row.run_id] = model
        return found


def _conditions(wanted: Search) -> list[ColumnElement[bool]]:
    conditions = [
        or_(*(column.icontains(word, autoescape=True) for column in (runs.c.goal, runs.c.title, runs.c.id)))
        for word in wanted.words.replace("\0", " ").split()[:20]
    ]
    if wanted.status is not None:
        conditions.append(runs.c.status == wanted.status)
    if wanted.owner is not None:
        conditions.append(runs.c.owner == wanted.owner)
    if wanted.tag is not None:
        conditions.append(runs.c.id.in_(select(run_tags.c.run_id).where(run_tags.c.tag == wanted.tag)))
    return conditions


def _model_in(payload: dict[str, Any]) -> str | None:
    """Return the executor's model from a run's first event or its setting; a cassette may hold anything."""
    result, options = payload.get("result"), payload.get("options")
    models = result.get("models") if isinstance(result, dict) else None
    if isinstance(models, dict):
        return str(models["executor"]) if "executor" in models else None
    if not isinstance(options, dict):
        return None
    roles = options.get("roles")
    chosen = options.get("model") or (roles.get("executor") if isinstance(roles, dict) else None)
    return str(chosen) if chosen else None


def _cursor(row: "Row[Any]") -> str:
    return base64.urlsafe_b64encode(struct.pack(">d", row.created_at) + row.id.encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[float, str]:
    try:
        data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        created_at, run_id = struct.unpack(">d", data[:8])[0], data[8:].decode()
        if not math.isfinite(created_at) or not run_id.isprintable():
            raise ValueError(cursor)
        return created_at, run_id
    except (ValueError, struct.error) as error:
        raise UsageError("there is no such page of runs; begin with the first one") from error
