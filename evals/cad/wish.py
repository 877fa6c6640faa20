"""What a reference wish is: words, programs that fulfil it, and programs that were sabotaged."""

from collections.abc import Mapping
from typing import Final

from pydantic import Field

from agent.domain.base import Fact

UPSIDE_DOWN: Final = """
turned = {name: Rot(180, 0, 0) * part for name, part in parts.items()}
lowest = min(part.bounding_box().min.Z for part in turned.values())
parts = {name: Pos(0, 0, -lowest) * part for name, part in turned.items()}
"""
"""Put after a program, it turns everything over and sets it on the ground again."""


def scaled(factor: float) -> str:
    """Return what, put after a program, makes everything larger or smaller about the origin."""
    return f"\nparts = {{name: scale(part, {factor}, (0, 0, 0)) for name, part in parts.items()}}\n"


class Sabotage(Fact):
    """A good program with one defect that makes the object useless for its wish.

    Attributes:
        wrong: what is wrong, in one line.
        breaks: the words of the wish that it breaks, as they stand there.
        of: the good program that was changed.
        edits: each text stands in that program once, and is replaced by the other.
        tail: is put after it.
        program: stands in for all of it instead.
    """

    wrong: str = Field(min_length=1, max_length=120)
    breaks: str = Field(min_length=1)
    of: str
    edits: tuple[tuple[str, str], ...] = ()
    tail: str = ""
    program: str = ""


class Wish(Fact):
    """Something that somebody wants built.

    Attributes:
        name: of the object.
        text: the wish in words, with the sizes and loads that a person would say.
        good: programs of different design that fulfil it, by their design.
        sabotages: programs that do not.
    """

    name: str
    text: str
    good: Mapping[str, str]
    sabotages: tuple[Sabotage, ...]

    def sabotaged(self, sabotage: Sabotage) -> str:
        """Return the program of one sabotage.

        Raises:
            ValueError: an edit does not stand exactly once in the program that it changes.
        """
        if sabotage.program:
            return sabotage.program
        program = self.good[sabotage.of]
        for old, new in sabotage.edits:
            if (times := program.count(old)) != 1:
                raise ValueError(f"{self.name}, {sabotage.wrong}: {old!r} stands {times} times in {sabotage.of!r}")
            program = program.replace(old, new)
        return program + sabotage.tail
