"""The evidence a run has gathered, by the ids under which models cite it."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from agent.browsing.documents import Document
from agent.browsing.errors import UnknownSentence
from agent.browsing.quotes import quote_sentences
from agent.domain.errors import ModelOutputError
from agent.domain.evidence import Evidence, Quote, ToolResult
from agent.domain.messages import ToolOutcome, canonical
from agent.execution.guided.programs import table_source

_QUOTE_ID = re.compile(r"(?P<document>[0-9a-f]{10}):(?P<first>\d+)(?:-(?P<last>\d+))?")


class EvidenceBook:
    """Turns what tools returned into evidence.

    It holds only what follows from recorded effects, so a re-run fills it with the same.

    Args:
        text_of: returns the text of a source by its SHA-256.
    """

    def __init__(self, text_of: Callable[[str], Awaitable[str]]) -> None:
        self._text_of = text_of
        self._results: dict[str, ToolResult] = {}
        self._documents: dict[str, Any] = {}
        self._given: dict[str, Evidence] = {}
        self._quotes: dict[str, Quote] = {}
        self._untrusted: set[str] = set()

    def give(self, evidence: Evidence) -> None:
        """Take in evidence from an earlier task of the same conversation."""
        self._given[evidence.id] = evidence

    def note(
        self,
        evidence_id: str,
        key: str,
        tool: str,
        arguments: Mapping[str, Any],
        outcome: ToolOutcome,
        *,
        untrusted: bool = False,
    ) -> None:
        """Take in the outcome of a tool call; ``untrusted`` when text of unknown origin may be in it."""
        if untrusted:
            self._untrusted.add(evidence_id)
        self._results[evidence_id] = ToolResult(
            id=evidence_id,
            key=key,
            tool=tool,
            arguments=canonical(_without_ours(arguments)).decode(),
            output=shown_output(outcome),
            ok=outcome.ok,
            images=outcome.images,
        )

    def note_documents(self, outcome: ToolOutcome, *, untrusted: bool = False) -> None:
        """Take in the documents that one of our own document tools brought up; a sandbox cannot bring up any.

        ``untrusted`` when they come from people whom the user does not know.
        """
        documents = outcome.data.get("documents")
        for document_id, source in (documents if isinstance(documents, dict) else {}).items():
            self._documents[document_id] = source
            if untrusted:
                self._untrusted.add(document_id)

    def note_quotes(self, quotes: Iterable[Quote]) -> None:
        """Take in quotes of pages by their ids; the texts they are from are blobs already, and of unknown origin."""
        for quote in quotes:
            self._quotes[quote.id] = quote
            self._untrusted.add(quote.id)

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """The quotes of pages that were taken in, by their ids in order: pages are read side by side."""
        return tuple(self._quotes[name] for name in sorted(self._quotes))

    def drawn(self) -> tuple[ToolResult, ...]:
        """Return the tool results of this run that have pictures, by their ids in order."""
        return tuple(self._results[name] for name in sorted(self._results) if self._results[name].images)

    def untrusted(self, evidence_id: str) -> bool:
        """Return whether text of unknown origin may be in the evidence of an id, or in the document it is from."""
        match = _QUOTE_ID.fullmatch(evidence_id.strip("[] "))
        return evidence_id in self._untrusted or (match is not None and match["document"] in self._untrusted)

    async def find(self, evidence_id: str) -> Evidence:
        """Return the evidence of an id: a tool call's, a page quote's, or ``<document>:<first>-<last sentence>``.

        Raises:
            ModelOutputError: nothing of that id was seen in this run, or the document has no such sentence.
        """
        if evidence_id in self._results:
            return self._results[evidence_id]
        if evidence_id in self._given:
            return self._given[evidence_id]
        if (quote := self._quotes.get(evidence_id.strip("[] "))) is not None:
            return quote.model_copy(update={"id": evidence_id})
        match = _QUOTE_ID.fullmatch(evidence_id.strip("[] "))
        if match is None:
            raise ModelOutputError(
                f"there is no evidence {evidence_id!r}; cite the evidence id of a tool result, "
                f"or document:sentence such as 0a1b2c3d4e:14 or 0a1b2c3d4e:14-15{self._pages()}"
            )
        known = self._documents.get(match["document"])
        if known is None:
            raise ModelOutputError(f"document {match['document']} was not opened in this run; search or read it first")
        document = Document.model_validate({**known, "text": await self._text_of(known["text_sha256"])})
        first = int(match["first"])
        try:
            return quote_sentences(document, first, int(match["last"] or first), evidence_id=evidence_id)
        except UnknownSentence as error:
            raise ModelOutputError(str(error)) from error

    def _pages(self) -> str:
        return ", or the id of a quote of a page as research gave it" if self._quotes else ""


def _without_ours(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return arguments without the source of our own that precedes a program, whose numbers it does not contain."""
    code = arguments.get("code")
    if not isinstance(code, str) or not code.startswith(table_source()):
        return arguments
    return {**arguments, "code": f"# rows of tables are read by Plumbline\n{code[len(table_source()) :].lstrip()}"}


def shown_output(outcome: ToolOutcome) -> str:
    """Return what a call brought to light: what a program printed, without our own words about how it ended."""
    printed = outcome.data.get("stdout")
    return printed if isinstance(printed, str) else outcome.text
