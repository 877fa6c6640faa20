"""Measurements of suites, as they were kept."""

import asyncio
from pathlib import Path

from fastapi import APIRouter, HTTPException

from agent.domain.base import Fact
from agent.domain.errors import UsageError
from evals.records import Measurement, kept, suites
from webui.api.cards import Here
from webui.guard.runs import ShownTo
from webui.problems import Problem

router = APIRouter(prefix="/api/evals", tags=["evals"])

_LATEST = 200
"""Measurements of a suite that are shown, newest last."""


class SuiteHistory(Fact):
    """A suite with its latest measurements, oldest first. ``unreadable`` ones are of another version of the program."""

    suite: str
    measurements: tuple[Measurement, ...]
    unreadable: int = 0


class SuiteHistories(Fact):
    """All suites that were ever measured."""

    suites: tuple[SuiteHistory, ...]


@router.get("", operation_id="list_evals")
async def list_evals(here: Here) -> SuiteHistories:
    """Return all suites that were ever measured, with their latest measurements but without their failures."""
    return await asyncio.to_thread(_all, here.home)


@router.get("/{suite}", operation_id="find_eval", responses={404: {"model": Problem}})
async def find_eval(suite: str, here: Here, shown_to: ShownTo) -> SuiteHistory:
    """Return a suite with its latest measurements, and what failed in them to whoever may see everybody's runs."""
    try:
        found = await asyncio.to_thread(_history, here.home, suite)
    except UsageError as error:
        raise HTTPException(404, str(error)) from None
    return found if shown_to is None else _without_failures(found)


def _all(home: Path) -> SuiteHistories:
    return SuiteHistories(suites=tuple(_without_failures(_history(home, suite)) for suite in suites(home)))


def _without_failures(history: SuiteHistory) -> SuiteHistory:
    """Return a suite without what tells of runs: questions, and why answers were wrong."""
    return history.model_copy(
        update={"measurements": tuple(one.model_copy(update={"failures": ()}) for one in history.measurements)}
    )


def _history(home: Path, suite: str) -> SuiteHistory:
    found = kept(home, suite)
    return SuiteHistory(suite=suite, measurements=found.measurements[-_LATEST:], unreadable=found.unreadable)
