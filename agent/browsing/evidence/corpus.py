"""Evidence for claims in a corpus of documents."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from pydantic import Field

from agent.browsing.documents import Document
from agent.browsing.evidence.sentences import Range, best_quotes, query_of
from agent.domain.base import Fact
from agent.domain.claims import Claim
from agent.domain.evidence import Evidence
from agent.domain.messages import ToolOutcome
from agent.verification.chain.ports import JudgeFailed, TextOf

PASSAGES = 5


class SearchesDocuments(Protocol):
    """Searches a corpus; what it returns is recorded under the step."""

    async def __call__(self, step: str, query: str, limit: int) -> ToolOutcome:
        """Return the outcome of the tool ``search_documents``."""


class _Sentence(Fact):
    n: int = Field(ge=1)
    text: str


class _Passage(Fact):
    document: str
    title: str
    location: str
    heading: str = ""
    sentences: tuple[_Sentence, ...]
    score: float
    offsets: tuple[int, ...]


class _Found(Fact):
    """What ``search_documents`` found: passages, and the documents that they are from without their texts."""

    passages: tuple[_Passage, ...]
    documents: dict[str, dict[str, Any]]


class CorpusRetriever:
    """Finds passages of a corpus by a claim's words and quotes the sentences of them that are most about it.

    Args:
        search: searches the corpus.
        text_of: the stored texts of its documents.
        passages: passages that are looked at for a claim.
    """

    def __init__(self, search: SearchesDocuments, text_of: TextOf, *, passages: int = PASSAGES) -> None:
        self._search = search
        self._text_of = text_of
        self._passages = passages
        self._documents: dict[str, Document] = {}

    async def retrieve(self, step: str, claim: Claim) -> Sequence[Evidence]:
        """Return quotes, the best first.

        Raises:
            JudgeFailed: the corpus cannot be searched.
        """
        query = query_of(claim)
        if not query:
            return ()
        outcome = await self._search(step, query, self._passages)
        if not outcome.ok:
            raise JudgeFailed(f"the documents could not be searched: {' '.join(outcome.text.split())}")
        found = _Found.model_validate(outcome.data)
        ranges = [
            Range(await self._document(found.documents[one.document]), one.sentences[0].n, one.sentences[-1].n)
            for one in found.passages
        ]
        return await asyncio.to_thread(best_quotes, claim, ranges)

    async def _document(self, kept: dict[str, Any]) -> Document:
        """Return a document whose text is stored; a long one is cut into sentences once."""
        known = self._documents.get(kept["text_sha256"])
        if known is None:
            known = Document.model_validate({**kept, "text": await self._text_of(kept["text_sha256"])})
            await asyncio.to_thread(lambda: known.sentences)
            self._documents[known.text_sha256] = known
        return known
