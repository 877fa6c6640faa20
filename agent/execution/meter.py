"""What a run has used so far, held against its budget."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from agent.domain.budget import Budget, Usage
from agent.domain.errors import BudgetExhausted

_LIMITS = ("tokens", "money", "seconds", "steps")


class Meter:
    """Adds up usage, steps and models, which a re-run adds up again to the same sums, and measures active time.

    Args:
        budget: the limits.
        active_before: seconds the run was active before this process took it up.
        clock: monotonic time in seconds.

    Attributes:
        models: names of the models that worked.
        limited: whether any of them can do guided tasks only.
    """

    def __init__(
        self, budget: Budget, *, active_before: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.budget = budget
        self.usage = Usage()
        self.steps = 0
        self.models: set[str] = set()
        self.limited = False
        self._active_before = active_before
        self._clock = clock
        self._since = clock()
        self._waiting = 0
        self._warned: set[tuple[str, str]] = set()

    @property
    def active_seconds(self) -> float:
        """How long the run has been active, in seconds, pauses and waiting for a person not counted."""
        return self._active_before + (0.0 if self._waiting else self._clock() - self._since)

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Stop the clock for the duration of a block that waits for a person; such blocks may overlap."""
        self._active_before, self._waiting = self.active_seconds, self._waiting + 1
        try:
            yield
        finally:
            self._waiting -= 1
            self._since = self._clock()

    def add(self, usage: Usage) -> None:
        """Count a model call's usage."""
        self.usage += usage

    def worked(self, model: str, *, limited: bool) -> None:
        """Take note of a model that gave a reply."""
        self.models.add(model)
        self.limited = self.limited or limited

    def step(self) -> None:
        """Count one executor step."""
        self.steps += 1

    def check(self) -> None:
        """Raise BudgetExhausted when a limit is reached."""
        for name, used, limit in self._limits():
            # the step that reaches the limit is still finished
            if used > limit or (used == limit and name != "steps"):
                raise BudgetExhausted(f"the budget of {_amount(limit)} {name} is used up ({_amount(used)})")

    def overtime(self) -> BudgetExhausted | None:
        """Return what is to stop a run whose time is used up, whatever it waits for; None while there is some left."""
        limit, used = self.budget.seconds, self.active_seconds
        if limit is None or used < limit:
            return None
        amounts = (_amount(Decimal(str(number))) for number in (limit, used))
        return BudgetExhausted("the budget of {} seconds is used up ({})".format(*amounts))

    def warnings(self, branch: str) -> list[str]:
        """Return a sentence for each limit whose soft share is passed and of which a branch was not told yet."""
        return [
            f"{_amount(used)} of {_amount(limit)} {name} are used; come to an end and submit what you have."
            for name, used, limit in self._limits()
            if (branch, name) not in self._warned and used >= limit * Decimal(str(self.budget.soft))
        ]

    def mark_warned(self, branch: str, warnings: Iterable[str]) -> None:
        """Take note of the warnings a branch was given, now or before a crash."""
        for warning in warnings:
            self._warned.update((branch, name) for name in _LIMITS if f" {name} are used" in warning)

    def _limits(self) -> list[tuple[str, Decimal, Decimal]]:
        budget = self.budget
        used = {
            "tokens": (self.usage.tokens, budget.tokens),
            "money": (self.usage.cost, budget.money),
            "seconds": (self.active_seconds, budget.seconds),
            "steps": (self.steps, budget.steps),
        }
        return [
            (name, Decimal(str(amount)), Decimal(str(limit)))
            for name, (amount, limit) in used.items()
            if limit is not None
        ]


def _amount(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.01')):f}".rstrip("0").rstrip(".") if value % 1 else f"{value:f}"
