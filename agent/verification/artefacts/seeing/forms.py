"""What models fill in who look at an artefact."""

from typing import Literal

from pydantic import Field

from agent.domain.base import Form

Seen = Literal["right", "wrong", "cannot_tell"]


class PartLook(Form):
    """What is seen of one part."""

    part: str = Field(description="its name, as it is listed")
    present: Literal["yes", "no", "cannot_tell"]
    position: Seen = Field(description="whether it is where it belongs, and touches what it belongs to")
    proportion: Seen = Field(description="whether its size fits the other parts and its purpose")
    orientation: Seen = Field(description="whether it is turned the right way")
    problem: str = Field(default="", max_length=400, description="what is wrong, where anything is")
    suggestion: str = Field(default="", max_length=400, description="what to change, with numbers if you can")


class WholeProblem(Form):
    """Something that is wrong with the whole, or in it, and is about no single part."""

    problem: str = Field(min_length=1, max_length=400)
    suggestion: str = Field(default="", max_length=400)


class CritiqueArtefact(Form):
    """Say of each part whether it is there and right, what is wrong with the whole, and how far it is as wished."""

    parts: list[PartLook] = Field(max_length=60)
    whole: list[WholeProblem] = Field(default=[], max_length=10)
    score: int = Field(ge=0, le=10, description="0: nothing is as wished, 5: half of it, 10: all that can be seen")


class CompareArtefacts(Form):
    """Say which of two artefacts is nearer to what is wished for."""

    better: Literal["first", "second", "equal"]
    reason: str = Field(min_length=1, max_length=400, description="what decides, that can be seen")
