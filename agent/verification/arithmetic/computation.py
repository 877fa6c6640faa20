"""What the judge of arithmetic says about one statement."""

from typing import Literal

from pydantic import Field

from agent.domain.base import Fact
from agent.domain.claims import Verdict


class Computation(Fact):
    """The verdict on one computed statement of a text.

    Attributes:
        start: code-point offset of the statement in the text; ``text`` is what stands from there to ``end``.
        computed: what was computed, or why nothing could be.
    """

    kind: Literal["arithmetic", "unit", "date"]
    verdict: Verdict
    start: int = Field(ge=0)
    end: int = Field(gt=0)
    text: str
    computed: str


class Unreadable(ValueError):
    """A text is outside the grammar, so it is no computed statement, or one that is not understood."""


class Uncomputable(Unreadable):
    """A statement is understood and has no value, or computing it would cost too much; it stays unverifiable."""
