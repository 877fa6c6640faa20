"""What a correction is, and what is told of one that is applied."""

from typing import Annotated

from pydantic import Field, StringConstraints

from agent.domain.base import Fact

LONGEST_SITUATION = 4_000
"""Characters of a situation that is stored or read; of longer ones that are looked up the rest is not read."""

LONGEST_VALUE = 4_000
"""Characters of a correction."""

MOST_FEATURES = 20

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Situation(Fact):
    """Where something was said or done, or is about to be.

    Attributes:
        text: the claim, the question or the step, in words.
        features: what is known of it besides, such as ``tool: shell``. A correction that has features applies only
            where the situation has the same; others of the situation do not matter to it.
    """

    text: str
    features: dict[Word, Word] = Field(default_factory=dict, max_length=MOST_FEATURES)


class Correction(Fact):
    """A person's correction, as it is kept.

    Attributes:
        number: its id; none is given twice.
        situation: its key.
        value: what is right there, in the person's words.
        radius: how far from its key it applies, from 0 (this situation alone) to 1.
        also: situations for which the same was said again, and which widened the radius.
        added_at: seconds since 1970.
    """

    number: int
    situation: Situation
    value: str
    radius: float
    also: tuple[str, ...] = ()
    added_at: float


class Applied(Fact):
    """A correction that applies to a situation, and how near its key is.

    Attributes:
        distance: from 0 (the same words) to the correction's radius.
    """

    correction: Correction
    distance: float

    @property
    def note(self) -> str:
        """One line for a report: which correction was applied, and why here."""
        return self.noted("applied")

    def noted(self, what: str) -> str:
        """One line that says what became of it, such as ``applied``, and why it was found."""
        one = self.correction
        key, value = (" ".join(text.split()) for text in (one.situation.text, one.value))
        near = f"distance {self.distance:.2f} of {one.radius:.2f}"
        return f"correction {one.number} {what}: {value} (said of: {key}; {near})"


class Added(Fact):
    """What became of a new correction.

    Attributes:
        correction: it, or the older one with the same value whose radius was widened to reach it.
        widened: whether it is an older one.
        replaced: ids of corrections of the very same situation that said something else; they are gone.
        narrowed: ids of corrections near by that say something else, and now reach less far.
    """

    correction: Correction
    widened: bool = False
    replaced: tuple[int, ...] = ()
    narrowed: tuple[int, ...] = ()
