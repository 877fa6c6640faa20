"""The seats of browsing runs, as requests find them again."""

from collections import OrderedDict
from typing import Annotated, cast

from fastapi import Depends, Request

from agent.browsing.annotation.api import SeatApi
from agent.domain.errors import CommandConflict, UnknownRun, UsageError
from webui.context import Context
from webui.live.adoption import Adoption

_KEPT = 32
"""Seats that are kept open. One that is not is put together again from its run's record."""


class Seats:
    """Seats that somebody looked at not long ago, so that an action does not begin with reading the whole record.

    Args:
        context: of the application.
        adoption: takes up runs that stopped to wait in the moment in which they were answered.
    """

    def __init__(self, context: Context, adoption: Adoption) -> None:
        self._context = context
        self._adoption = adoption
        self._open: OrderedDict[str, SeatApi] = OrderedDict()

    async def of(self, run_id: str) -> SeatApi:
        """Return the seat of a run by its full id.

        Raises:
            UnknownRun: there is no such run.
            UsageError: it is no browsing run, or one without a session.
        """
        found = self._open.pop(run_id, None)
        if found is None:
            found = await SeatApi.open(self._context.ledger, run_id, send=self._send, works_on=self._works_on)
        self._open[run_id] = found
        while len(self._open) > _KEPT:
            self._open.popitem(last=False)
        return found

    def forget(self, run_id: str) -> None:
        """Let go of a seat, such as one whose run was deleted."""
        self._open.pop(run_id, None)

    def _works_on(self, run_id: str) -> bool:
        return self._context.runner.holds(run_id)

    async def _send(self, run_id: str, question: str, text: str) -> None:
        """Answer a run's question, and have the run go on where nobody works on it."""
        runner = self._context.runner
        try:
            run = await runner.answer(run_id, text, question=question)
        except UnknownRun:
            raise
        except UsageError as error:
            # the question is named, so all that can be wrong with an answer is that there is another one
            raise CommandConflict(str(error)) from error
        if run.alive:
            # it may have stopped to wait just before it could hear this
            await self._adoption.answered(run_id)
        else:
            await runner.resume(run_id)


def seats_of(request: Request) -> Seats:
    """Return the seats of the application that a request came to; a dependency of routes."""
    return cast("Seats", request.app.state.seats)


SeatsHere = Annotated[Seats, Depends(seats_of)]
