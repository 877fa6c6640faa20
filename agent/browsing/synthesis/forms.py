"""What models fill in when they write and judge answers."""

from typing import Annotated, Literal

from pydantic import Field

from agent.domain.base import Form

Ids = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=12)]


class CitedSentence(Form):
    """One sentence, and the ids of the quotes that say it."""

    text: str = Field(min_length=1, max_length=1000, description="one sentence in the words of the quotes, without ids")
    evidence: Ids = Field(description="ids of the quotes that say all of it, such as E1")


class WriteAnswer(Form):
    """Write the answer, sentence by sentence, from the quotes alone."""

    sentences: list[CitedSentence] = Field(min_length=1, max_length=80)


class OutlinePoint(Form):
    """One point of a long answer, which can be written without the others."""

    title: str = Field(min_length=1, max_length=120, description="three to ten words")
    evidence: Ids = Field(description="ids of the quotes that bear on it")


class WriteOutline(Form):
    """Write the skeleton of the answer: its points, each of which is then written on its own."""

    points: list[OutlinePoint] = Field(min_length=1, max_length=20)


class WritePoint(Form):
    """Write one point of the answer, sentence by sentence, from the quotes alone."""

    sentences: list[CitedSentence] = Field(min_length=1, max_length=20)


class JudgeSentence(Form):
    """Say what the quote does to the sentence: proves all of it, contradicts it, limits it, or does not say it."""

    verdict: Literal["supported", "contradicted", "qualified", "not_found"]
    words: str = Field(max_length=2000, description="the words of the quote that decide it, copied exactly")


class ChooseShape(Form):
    """Say whether each step of the answer needs the one before (sequential), or its points stand alone (skeleton)."""

    shape: Literal["sequential", "skeleton"]
