"""What models fill in on the way of the pipeline."""

from pydantic import Field

from agent.domain.base import Form


class WriteQueries(Form):
    """Write the search queries whose results together answer the question."""

    queries: list[str] = Field(min_length=1, max_length=12, description="a few words each, no two alike")


class SentenceRange(Form):
    """Neighbouring sentences of the text, by their numbers."""

    first: int = Field(description="12 for [s12]")
    last: int | None = Field(default=None, description="by default the first alone")


class PickSentences(Form):
    """Name the sentences of the text that help to answer the question; none where no sentence does."""

    passages: list[SentenceRange] = Field(default_factory=list, max_length=20)
