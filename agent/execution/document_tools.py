"""Host tools over the person's documents: search and read, in numbered sentences that can be cited."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from agent.browsing.corpus import Corpus
from agent.browsing.documents import Document
from agent.browsing.errors import UnknownDocument, UnknownSentence
from agent.browsing.passages import Excerpt
from agent.domain.base import Form
from agent.domain.functions import function_spec, parse_form
from agent.domain.messages import ToolOutcome
from agent.execution.toolbox import Tool
from agent.ledger.blobs import BlobStore

_MOST_SENTENCES = 200


class SearchDocuments(Form):
    """Search the person's documents. Returns passages of numbered sentences; cite them as document:first-last."""

    query: str = Field(min_length=1, max_length=500, description="a few words that the passage should contain")
    limit: int = Field(default=5, ge=1, le=20)


class ReadDocument(Form):
    """Read numbered sentences of one of the person's documents; cite them as document:first-last."""

    document: str = Field(description="id of the document, ten hexadecimal digits")
    first: int = Field(default=1, ge=1, description="number of the first sentence")
    last: int | None = Field(default=None, ge=1, description="number of the last sentence")


_SEARCH = Tool(spec=function_spec(SearchDocuments), where="host")
_READ = Tool(spec=function_spec(ReadDocument), where="host")
DOCUMENT_TOOLS = (_SEARCH, _READ)
"""The tools over documents, as models see them."""


class DocumentSearch:
    """The tool ``search_documents``."""

    def __init__(self, corpus: Corpus, blobs: BlobStore) -> None:
        self.tool = _SEARCH
        self._corpus = corpus
        self._blobs = blobs

    async def run(self, arguments: Mapping[str, Any]) -> ToolOutcome:
        """Return the best passages; each document they come from is kept with the run."""
        form = parse_form(SearchDocuments, dict(arguments))
        passages = await self._corpus.search(form.query, limit=form.limit)
        if not passages:
            return ToolOutcome(text="nothing found; try other words", data={"passages": [], "documents": {}})
        documents = {p.document: await self._corpus.document(p.document) for p in passages}
        return ToolOutcome(
            text="\n\n".join(_headed(passage) for passage in passages),
            data={
                "passages": [_excerpt_data(passage) for passage in passages],
                "documents": {name: await _kept(document, self._blobs) for name, document in documents.items()},
            },
        )


class DocumentReader:
    """The tool ``read_document``."""

    def __init__(self, corpus: Corpus, blobs: BlobStore) -> None:
        self.tool = _READ
        self._corpus = corpus
        self._blobs = blobs

    async def run(self, arguments: Mapping[str, Any]) -> ToolOutcome:
        """Return a range of a document's sentences; the document is kept with the run."""
        form = parse_form(ReadDocument, dict(arguments))
        try:
            document = await self._corpus.document(form.document)
            total = len(document.sentences)
            last = min(form.last or total, total, form.first + _MOST_SENTENCES - 1)
            excerpt = await self._corpus.read(form.document, form.first, last)
        except (UnknownDocument, UnknownSentence) as error:
            return ToolOutcome(ok=False, error="unknown", text=str(error))
        more = f"\n({total - last} more sentences from {last + 1})" if last < total else ""
        return ToolOutcome(
            text=f"{_headed(excerpt)}{more}",
            data={
                **_excerpt_data(excerpt),
                "total": total,
                "documents": {document.id: await _kept(document, self._blobs)},
            },
        )


def document_tools(corpus: Corpus, blobs: BlobStore) -> tuple[DocumentSearch, DocumentReader]:
    """Return the tools over a corpus; documents they bring up are kept as blobs."""
    return DocumentSearch(corpus, blobs), DocumentReader(corpus, blobs)


async def _kept(document: Document, blobs: BlobStore) -> dict[str, Any]:
    """Store a document's text, which its quotes are checked against, and return how to restore the document."""
    await blobs.put(document.text.encode())
    return document.model_dump(exclude={"text"})


def _headed(excerpt: Excerpt) -> str:
    heading = f" — {excerpt.heading}" if excerpt.heading else ""
    return f"document {excerpt.document} — {excerpt.title}{heading}\n{excerpt.text}"


def _excerpt_data(excerpt: Excerpt) -> dict[str, Any]:
    data = excerpt.model_dump(mode="json", exclude={"sentences"})
    return {**data, "sentences": [{"n": number, "text": text} for number, text in excerpt.sentences]}
