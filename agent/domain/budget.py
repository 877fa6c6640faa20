"""What a run may use, and what it used."""

from decimal import Decimal

from pydantic import Field

from agent.domain.base import Fact


class Usage(Fact):
    """What model calls consumed. Tokens as counted by the server; ``cost`` in the currency of the price table."""

    calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost=self.cost + other.cost,
        )

    def __sub__(self, other: "Usage") -> "Usage":
        return Usage(
            calls=self.calls - other.calls,
            input_tokens=self.input_tokens - other.input_tokens,
            cached_tokens=self.cached_tokens - other.cached_tokens,
            output_tokens=self.output_tokens - other.output_tokens,
            cost=self.cost - other.cost,
        )

    @property
    def tokens(self) -> int:
        """Input and output tokens together."""
        return self.input_tokens + self.output_tokens


class Budget(Fact):
    """Limits of one run; None means no limit.

    Attributes:
        tokens: input and output tokens of all model calls together.
        money: cost by the price table in the settings, in its currency.
        seconds: time during which the run was active, pauses not counted.
        steps: executor steps of all subtasks together.
        soft: share of any limit at which the model is told to come to an end.
    """

    tokens: int | None = Field(default=None, gt=0)
    money: Decimal | None = Field(default=None, gt=0)
    seconds: float | None = Field(default=None, gt=0)
    steps: int | None = Field(default=200, gt=0)
    soft: float = Field(default=0.8, gt=0, le=1)


class Price(Fact):
    """Price of one model, per million tokens."""

    input: Decimal = Decimal(0)
    cached: Decimal | None = None
    output: Decimal = Decimal(0)

    def cost(self, usage: Usage) -> Decimal:
        """Return the cost of a usage; cached tokens count as input where no price for them is given."""
        cached = usage.cached_tokens
        cached_price = self.input if self.cached is None else self.cached
        total = (usage.input_tokens - cached) * self.input + cached * cached_price + usage.output_tokens * self.output
        return total / 1_000_000
