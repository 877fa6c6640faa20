"""The part of a run's budget that checking may use."""

from decimal import Decimal

from agent.execution.context import RunContext
from agent.verification.chain.config import CheckingConfig


class Share:
    """A part of each limit of a run's budget, for what is done from now on.

    Tokens, money and calls count, which a re-run adds up to the same sums; time does not.

    Args:
        run: the run; checking comes to an end before its limits, so that there is a report.
        config: how many calls there may be, whatever the budget, and how large the part is.
        part: another part, for runs that do nothing else.
    """

    def __init__(self, run: RunContext, config: CheckingConfig, *, part: float | None = None) -> None:
        self._run = run
        self._part = Decimal(str(config.share if part is None else part))
        self._calls = config.calls
        self._before = run.meter.usage

    def left(self) -> bool:
        """Whether any of it is left."""
        budget, used = self._run.task.budget, self._run.meter.usage
        since = used - self._before
        return (
            since.calls < self._calls
            and self._within(budget.tokens, since.tokens, used.tokens)
            and self._within(budget.money, since.cost, used.cost)
        )

    def _within(self, limit: Decimal | int | None, since: Decimal | int, whole: Decimal | int) -> bool:
        return limit is None or (since < self._part * limit and whole < limit)
