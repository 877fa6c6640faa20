"""The two ways to drive a run: the model drives the loop, or the loop drives the model."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from agent.domain.errors import UsageError
from agent.domain.plan import Edit, NewSubtask, Plan, Result, Subtask
from agent.execution.context import RunContext


class Strategy(Protocol):
    """How a run begins, works on a subtask, reacts to what was found, and ends. Every verb is a re-run's same verb."""

    async def begin(self, run: RunContext) -> Result | Sequence[NewSubtask]:
        """Do the task at once, or return the subtasks it needs."""

    async def work(self, run: RunContext, plan: Plan, subtask: Subtask, results: Mapping[str, Result]) -> Result:
        """Work on one subtask, given the results of those it depends on."""

    async def review(
        self, run: RunContext, number: int, plan: Plan, news: Mapping[str, Result], guidance: Sequence[str]
    ) -> Sequence[Edit]:
        """Return the edits that new results or a person's words call for; empty when nothing is surprising."""

    async def conclude(self, run: RunContext, plan: Plan, results: Mapping[str, Result]) -> Result:
        """Return the answer to the whole task."""


class WithoutPlan:
    """The verbs of a strategy whose ``begin`` does everything: there are no subtasks.

    Attributes:
        what: what such a run is, for whoever asks for more of it.
    """

    what = "this run"

    async def work(self, run: RunContext, plan: Plan, subtask: Subtask, results: Mapping[str, Result]) -> Result:
        """Refuse: there are no subtasks."""
        raise UsageError(f"{self.what} has no subtasks; start another run for what else is to be done")

    async def review(
        self, run: RunContext, number: int, plan: Plan, news: Mapping[str, Result], guidance: Sequence[str]
    ) -> Sequence[Edit]:
        """Change nothing: there is no plan."""
        return ()

    async def conclude(self, run: RunContext, plan: Plan, results: Mapping[str, Result]) -> Result:
        """Refuse: ``begin`` has given the result."""
        raise UsageError(f"{self.what} has no subtasks to conclude from")
