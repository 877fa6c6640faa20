"""How far the pipeline goes, and what it gives."""

from pydantic import Field

from agent.browsing.quotes import MOST_SENTENCES
from agent.browsing.state import Kept
from agent.browsing.synthesis.result import Synthesis, SynthesisSettings
from agent.domain.base import Fact, Form


class PipelineSettings(Form):
    """Limits of the pipeline.

    Attributes:
        queries: most queries of a question.
        pages: most pages that are read for a query.
        windows: most windows of a page that are read: those that are most about the question.
        reads: most windows that are read for a question, of all pages together.
        window_characters: most characters of a window; WebCPM has 3072.
        shortest_window: shorter windows are left out, but a page's only one; WebCPM has 256.
        compressed_characters: most characters of a window that a model is shown; None shows all of it.
        quotes: no further windows are read when there are so many quotes.
        quote_sentences: most sentences of a quote.
        parallel: searches, pages or model calls at the same time.
        synthesis: how the answer is written and checked.
        writer: role of the model that writes queries.
        reader: role of the model that picks sentences.
    """

    queries: int = Field(default=3, ge=1, le=8)
    pages: int = Field(default=3, ge=1, le=20)
    windows: int = Field(default=4, ge=1, le=50)
    reads: int = Field(default=16, ge=1, le=1000)
    window_characters: int = Field(default=3072, ge=400)
    shortest_window: int = Field(default=256, ge=0)
    compressed_characters: int | None = Field(default=1536, ge=800)
    quotes: int = Field(default=5, ge=1, le=40)
    quote_sentences: int = Field(default=6, ge=1, le=MOST_SENTENCES)
    parallel: int = Field(default=4, ge=1, le=32)
    synthesis: SynthesisSettings = Field(default_factory=SynthesisSettings)
    writer: str = "executor"
    reader: str = "executor"


class ReadPage(Fact):
    """A page that was read.

    Attributes:
        query: number of the query that found it, counted from 1.
        windows: how many windows of it a model was asked about.
        rate: characters that were shown of those windows, after compression; 1 where none was asked about.
    """

    url: str
    title: str
    query: int = Field(ge=1)
    windows: int = Field(ge=0)
    rate: float = Field(ge=0, le=1)


class PipelineResult(Fact):
    """What a question came to.

    Attributes:
        queries: that were searched for.
        pages: that were read, in the order of their queries.
        kept: the quotes, in the order in which they were found.
        synthesis: the answer with what it rests on.
        missing: what could not be had or used, one line each.
    """

    question: str
    queries: tuple[str, ...]
    pages: tuple[ReadPage, ...] = ()
    kept: tuple[Kept, ...] = ()
    synthesis: Synthesis
    missing: tuple[str, ...] = ()
