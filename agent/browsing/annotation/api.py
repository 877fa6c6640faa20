"""The seat of a browsing run as a JSON API: its state, and the verbs of whoever sits there.

It works over the ledger alone, so that it does not matter which process works on the run: what somebody wants done is
sent as the answer to the question that the run asks at its present step, and what came of it is read from the record.
"""

import asyncio
from collections.abc import Awaitable, Callable

from agent.browsing.actions import parse_action
from agent.browsing.annotation.forms import SeatAction, SeatState, seat_state
from agent.browsing.annotation.person import asked_as
from agent.browsing.annotation.record import BRANCH, RecordedSession
from agent.browsing.errors import IllegalAction, StaleState
from agent.browsing.session import reaches_outside
from agent.browsing.state import check
from agent.browsing.transition import applied
from agent.domain.errors import CommandConflict, UsageError
from agent.domain.events import Answer
from agent.ledger.store import Ledger

Send = Callable[[str, str, str], Awaitable[object]]
"""Sends an answer to a run: the run, the key of its question, the text. Raises ``UsageError`` where another stands."""

WorksOn = Callable[[str], bool]
"""Tells whether this process works on a run, or is about to."""

_LOOK_SECONDS = 0.02
_LOOK_SELDOM = 0.25


class SeatApi:
    """One browsing run as it is seen and steered from its seat.

    Args:
        ledger: holds the run.
        record: the run's session as recorded.
        send: sends an answer to the run; by default it is stored as a command, which the run's process hears.
        works_on: tells of runs that this process takes up, which nobody may hold yet; none by default.
    """

    def __init__(
        self, ledger: Ledger, record: RecordedSession, *, send: Send | None = None, works_on: WorksOn | None = None
    ) -> None:
        self._ledger = ledger
        self._record = record
        self._send = send or self._stored
        self._works_on = works_on or (lambda run_id: False)
        self._turn = asyncio.Lock()

    @classmethod
    async def open(
        cls, ledger: Ledger, run_id: str, *, send: Send | None = None, works_on: WorksOn | None = None
    ) -> "SeatApi":
        """Return the seat of a run.

        Raises:
            UnknownRun: there is no such run.
            UsageError: it is no browsing run.
        """
        return cls(ledger, await RecordedSession.open(ledger, run_id), send=send, works_on=works_on)

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self._record.run_id

    async def state(self) -> SeatState:
        """Return what there is to see now."""
        async with self._turn:
            await self._record.catch_up()
            return await self._state()

    async def act(self, action: SeatAction, expected_step: int, *, patience: float | None = None) -> SeatState:
        """Have an action done and return the state after it.

        What could not be had outside, such as a page that is gone, is in the state's ``last``.

        Args:
            action: what is to be done.
            expected_step: ``step`` of the state that it was chosen in.
            patience: seconds to wait for what comes of it, where a process works on the run; None waits as long as one
                does. A state whose ``step`` is still the expected one means that nothing has come of it yet.

        Raises:
            StaleState: the session has moved on since, or somebody else was faster; nothing was done.
            ModelOutputError: the action is not possible or its arguments are wrong; nothing was done, and no step used.
            UsageError: a model sits in the seat, or the session has ended.
        """
        async with self._turn:
            await self._record.catch_up()
            state = self._record.session.state
            step = len(state.history)
            if step != expected_step:
                raise StaleState(f"the session is at step {step} and not at {expected_step} any more; look at it again")
            if state.seat != "person":
                raise UsageError("a model sits in this seat; only a run with a person in it takes actions")
            if state.ended is not None:
                raise UsageError("the session has ended; begin another one")
            await self._check(action)
            await self._sent(step, action)
            await self._moved_on(step, patience)
            return await self._state()

    async def _check(self, action: SeatAction) -> None:
        """Raise if an action cannot be done, before anything is sent."""
        state, parsed = self._record.session.state, parse_action(action.name, action.arguments)
        check(state, parsed)
        if not reaches_outside(parsed):
            # a quote of a text that is not on the page shows only when it is tried
            await asyncio.to_thread(applied, state, parsed)

    async def _sent(self, step: int, action: SeatAction) -> None:
        try:
            await self._send(self.run_id, f"{BRANCH}/{asked_as(step + 1)}", action.model_dump_json())
        except CommandConflict:
            raise StaleState(
                f"somebody else has chosen another action at step {step}; look at the session again"
            ) from None

    async def _stored(self, run_id: str, question: str, text: str) -> None:
        await self._ledger.command(run_id, Answer(question=question, text=text), idempotency_key=f"{run_id}/{question}")

    async def _moved_on(self, step: int, patience: float | None) -> None:
        """Wait until the record holds what came of the step after ``step``, or nobody works on the run."""
        clock = asyncio.get_running_loop().time
        since, pause = clock(), _LOOK_SECONDS
        while True:
            working = self._works_on(self.run_id) or (await self._ledger.find(self.run_id)).alive
            await self._record.catch_up()
            if len(self._record.session.state.history) > step or not working:
                return
            if patience is not None and clock() - since >= patience:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 1.2, _LOOK_SELDOM)

    async def _state(self) -> SeatState:
        run = await self._ledger.find(self.run_id)
        return seat_state(self._record.session.state, run_id=run.id, status=run.status)


__all__ = ["IllegalAction", "SeatAction", "SeatApi", "SeatState", "StaleState"]
