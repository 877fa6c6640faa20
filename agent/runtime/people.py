"""Persons who answer a run's questions: at this terminal, or through a command from anywhere."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from agent.domain.errors import CommandConflict, WaitingForPerson
from agent.domain.events import Answer, RunStatus
from agent.ledger.store import Ledger
from agent.runtime.active import ActiveRun, catch_up

Asker = Callable[[str, Sequence[str]], Awaitable[str]]
"""Shows a question with its options to a person who is here and returns their answer."""


class PersonAtHand:
    """Takes an answer from wherever it comes first: a recorded command, or the person at this terminal.

    Args:
        ledger: where answers are recorded.
        run: the run that asks.
        asker: shows questions to a person who is here; None where nobody is.
        hold_seconds: how long a run is held then for an answer from elsewhere, with all it has open.
        told: is told the status of a run while it is held, and after that.
    """

    def __init__(
        self,
        ledger: Ledger,
        run: ActiveRun,
        asker: Asker | None,
        *,
        hold_seconds: float = 0.0,
        told: Callable[[RunStatus, str], Awaitable[None]] | None = None,
    ) -> None:
        self._ledger = ledger
        self._run = run
        self._asker = asker
        self._hold_seconds = hold_seconds
        self._told = told
        self._turn = asyncio.Lock()

    async def answer(self, key: str, question: str, options: Sequence[str]) -> str:
        """Return the answer to a question.

        Raises:
            WaitingForPerson: nobody has answered and nobody is here to.
            RunStopped: the run was told to stop while it was held.
        """
        run_id = self._run.lease.run_id
        if (text := self._run.answer_to(key)) is not None:
            return text
        if self._asker is None:
            with self._run.meter.waiting():
                return await self._held(key, f"the run asks: {question}")
        # a person may take their time, which is none of the run's
        with self._run.meter.waiting():
            text = await self._asked(self._asker, key, question, options)
        try:
            await self._ledger.command(run_id, Answer(question=key, text=text), idempotency_key=f"{run_id}/{key}")
        except CommandConflict:
            # somebody elsewhere was faster, and what is recorded counts
            await catch_up(self._ledger, {run_id: self._run})
            return self._run.answer_to(key) or text
        return text

    async def _held(self, key: str, asking: str) -> str:
        """Hold the run for an answer."""
        if not self._hold_seconds:
            raise WaitingForPerson(asking)
        self._run.held += 1
        try:
            await self._tell("waiting", asking)
            elsewhere = asyncio.create_task(self._answered_elsewhere(key))
            stop = asyncio.create_task(self._run.stop.wait())
            try:
                first = asyncio.FIRST_COMPLETED
                await asyncio.wait({elsewhere, stop}, timeout=self._hold_seconds, return_when=first)
                if not elsewhere.done():
                    raise self._run.why or WaitingForPerson(asking)
                text = elsewhere.result()
            finally:
                elsewhere.cancel()
                stop.cancel()
        finally:
            self._run.held -= 1
        if not self._run.held:
            await self._tell("running", "")
        return text

    async def _tell(self, status: RunStatus, reason: str) -> None:
        if self._told is not None:
            await self._told(status, reason)

    async def say(self, question: str) -> str:
        """Return what the person at this terminal says to something that is asked inside of another effect.

        Raises:
            WaitingForPerson: nobody is here.
        """
        if self._asker is None:
            raise WaitingForPerson(f"the run asks: {question}")
        with self._run.meter.waiting():
            async with self._turn:
                return await self._asker(question, ())

    async def _asked(self, asker: Asker, key: str, question: str, options: Sequence[str]) -> str:
        """Return the answer of the person who is here, or of somebody elsewhere who is faster."""
        async with self._turn:
            asked = asyncio.ensure_future(asker(question, options))
            elsewhere = asyncio.create_task(self._answered_elsewhere(key))
            try:
                await asyncio.wait({asked, elsewhere}, return_when=asyncio.FIRST_COMPLETED)
                return elsewhere.result() if elsewhere.done() else asked.result()
            finally:
                asked.cancel()
                elsewhere.cancel()

    async def _answered_elsewhere(self, key: str) -> str:
        while True:
            arrival = self._run.answered
            if (text := self._run.answer_to(key)) is not None:
                return text
            await arrival.wait()
