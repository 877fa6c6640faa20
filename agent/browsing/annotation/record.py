"""A browsing run's session, put together again from the run's record alone."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from pydantic import Field, ValidationError

from agent.browsing.annotation.person import noted_as
from agent.browsing.page import Page
from agent.browsing.ports import ResultT, SearchResult
from agent.browsing.profile import DEFAULT, PROFILES, BrowseProfile
from agent.browsing.session import LedgerEffects, Session
from agent.browsing.state import Seat
from agent.domain.base import Fact
from agent.domain.errors import ReplayDivergence, UsageError
from agent.domain.plan import ROOT
from agent.domain.task import BrowseLimits, BrowseOrder
from agent.ledger.effects import RunLedger, first_problem
from agent.ledger.store import Ledger

BRANCH = ROOT
"""Branch of a browsing run under which everything of its session is recorded."""


class NotedStep(Fact):
    """An action as it is recorded once it was done. ``ok`` tells whether it was done or refused."""

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    ok: bool = True


class Unreachable:
    """No world at all: a fetcher and a search backend for sessions whose record holds everything."""

    async def fetch(self, url: str) -> Page:
        """Raise, since nothing is fetched here."""
        raise ReplayDivergence(f"{url} was to be fetched, which the run never did")

    async def search(self, query: str) -> tuple[SearchResult, ...]:
        """Raise, since nothing is searched here."""
        raise ReplayDivergence(f"{query!r} was to be searched for, which the run never did")


def profile_of(name: str | None, limits: BrowseLimits | None = None) -> BrowseProfile:
    """Return the limits of a name, and what is different in them; without a name those that nobody has changed.

    Raises:
        UsageError: there are none of that name, or they cannot be changed so.
    """
    found = DEFAULT if name is None else PROFILES.get(name)
    if found is None:
        raise UsageError(f"there is no profile {name!r}; choose one of {', '.join(PROFILES)}")
    different = {} if limits is None else limits.model_dump(exclude_none=True)
    try:
        return BrowseProfile.model_validate({**found.model_dump(), **different})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UsageError(f"the profile {found.name} cannot have these limits: {first['msg']}") from error


class RecordedSession:
    """A browsing run as far as its record goes. It reads, and never writes or reaches out.

    Args:
        ledger: holds the run.
        run_id: the run's full id.
        order: how it browses.
        question: what it browses for.
    """

    def __init__(self, ledger: Ledger, run_id: str, order: BrowseOrder, question: str) -> None:
        self.run_id = run_id
        self.order = order
        self._ledger = ledger
        self._effects = _Recorded()
        nowhere = Unreachable()
        seat: Seat = order.seat
        self.session = Session(
            question,
            fetcher=nowhere,
            search=nowhere,
            effects=self._effects,
            profile=profile_of(order.profile, order.limits),
            seat=seat,
            urls=order.urls,
        )

    @classmethod
    async def open(cls, ledger: Ledger, run_id: str) -> "RecordedSession":
        """Return a browsing run's session up to where its record ends now.

        Raises:
            UnknownRun: there is no such run.
            UsageError: it is no browsing run.
            ReplayDivergence: the code of today makes something else of the record.
        """
        run = await ledger.find(run_id)
        task, _ = await ledger.created(run.id)
        if task.browse is None:
            raise UsageError(f"run {run.id} is no browsing run; make one with: plumbline browse QUESTION")
        if task.browse.pipeline:
            raise UsageError(f"run {run.id} went through the pipeline, where there is no session with actions")
        found = cls(ledger, run.id, task.browse, task.goal)
        await found.catch_up()
        return found

    async def catch_up(self) -> None:
        """Do the actions that were recorded since the last time."""
        record = RunLedger(self._ledger, self.run_id, fence=None, mode="replay")
        await record.load()
        self._effects.record = LedgerEffects(record, BRANCH, distrust=lambda: None)
        while (noted := await record.recorded(f"{BRANCH}/{noted_as(len(self.session.state.history) + 1)}")) is not None:
            try:
                step = NotedStep.model_validate(noted)
            except ValidationError as error:
                raise ReplayDivergence(
                    f"step {len(self.session.state.history) + 1} of run {self.run_id} is not as this version writes "
                    f"it: {first_problem(error)}"
                ) from error
            await self.session.call(step.name, step.arguments)
            if self.session.state.history[-1].ok != step.ok:
                raise ReplayDivergence(
                    f"step {len(self.session.state.history)} of run {self.run_id}, {step.name}, "
                    f"{'was done' if step.ok else 'failed'} when it was recorded and is otherwise now"
                )

    async def times(self) -> tuple[datetime, ...]:
        """Return when each step was recorded."""
        wanted = {f"{BRANCH}/{noted_as(number)}" for number in range(1, len(self.session.state.history) + 1)}
        return tuple([event.at async for event in self._ledger.events(self.run_id) if event.key in wanted])


class _Recorded:
    """Effects of whichever reading of the record is the newest. Implements ``Effects``."""

    record: LedgerEffects

    async def effect(
        self,
        step: str,
        request: dict[str, Any],
        result_type: type[ResultT],
        perform: Callable[[], Awaitable[ResultT]],
    ) -> ResultT:
        return await self.record.effect(step, request, result_type, perform)

    async def put_blob(self, data: bytes) -> str:
        return await self.record.put_blob(data)

    async def get_blob(self, sha256: str) -> bytes:
        return await self.record.get_blob(sha256)

    def distrust(self) -> None:
        self.record.distrust()
