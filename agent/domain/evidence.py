"""What a claim can rest on."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from agent.domain.base import Fact
from agent.domain.messages import Picture


class Source(Fact):
    """A document as it was read: ``text_sha256`` names the blob that holds the text the spans refer to.

    Attributes:
        requested: the address that was asked for, where redirects led from it to ``location``.
        retrieved_at: when a page was fetched, ISO 8601 in UTC; empty for documents.
        raw_sha256: hash of the bytes that came; empty where only the text was kept.
    """

    title: str
    location: str = Field(description="path or URL, as shown to people")
    text_sha256: str
    requested: str = ""
    retrieved_at: str = ""
    raw_sha256: str = ""


class Quote(Fact):
    """A verbatim span of a source.

    ``start`` and ``end`` are code-point offsets into the source's text; ``prefix`` and ``suffix`` are up to 32
    characters on either side, which find the span again when the source has moved.
    """

    kind: Literal["quote"] = "quote"
    id: str
    source: Source
    start: int = Field(ge=0)
    end: int = Field(gt=0)
    text: str
    prefix: str = ""
    suffix: str = ""


class ToolResult(Fact):
    """The output of a tool call of this run, as recorded in the ledger under ``key``."""

    kind: Literal["tool_result"] = "tool_result"
    id: str
    key: str
    tool: str
    arguments: str = Field(description="canonical JSON of the arguments")
    output: str
    ok: bool = True
    images: tuple[Picture, ...] = ()


class Triple(Fact):
    """A relation between two things, with the place it was taken from.

    ``qualifiers`` limit it, such as ``{"time": "1990"}``.
    """

    kind: Literal["triple"] = "triple"
    id: str
    subject: str
    relation: str
    object: str
    qualifiers: Mapping[str, str] = {}
    source: Source | None = None


Evidence = Annotated[Quote | ToolResult | Triple, Field(discriminator="kind")]
