"""The local corpus as a search backend and as the place where its documents are opened; it needs no network."""

from collections.abc import Callable
from datetime import UTC, datetime

from agent.browsing.corpus import Corpus
from agent.browsing.errors import FetchFailed, UnknownDocument
from agent.browsing.page import Page, make_page
from agent.browsing.passages import Passage
from agent.browsing.ports import SearchResult
from agent.browsing.ranking import Ranking

SCHEME = "corpus:"
_SNIPPET = 300


class CorpusSearch:
    """Finds passages of a corpus. Implements ``SearchBackend``.

    Args:
        corpus: what is searched.
        limit: most results; several passages of one document are one result, the best of them.
    """

    def __init__(self, corpus: Corpus, *, limit: int = 20) -> None:
        self._corpus = corpus
        self._limit = limit

    async def search(self, query: str) -> tuple[SearchResult, ...]:
        """Return the documents that hold the passages that fit best, each with where its passage says most.

        A document whose folder is served under a web address is a result with that address; where its passage begins
        in the text that the web gives is not known.
        """
        found: list[SearchResult] = []
        passages = await self._corpus.search(query, self._limit, one_a_document=True)
        for passage in passages:
            heading = f" — {passage.heading}" if passage.heading else ""
            snippet = " ".join(" ".join(text for _, text in passage.sentences).split())
            found.append(
                SearchResult(
                    title=f"{passage.title}{heading}",
                    url=f"{SCHEME}{passage.document}",
                    snippet=snippet[:_SNIPPET],
                    backend="corpus",
                    offset=_place(passage, query),
                )
            )
        addresses = await self._corpus.addresses([passage.location for passage in passages])
        return tuple(
            result if address is None else result.model_copy(update={"url": address, "offset": None})
            for result, address in zip(found, addresses, strict=True)
        )


def _place(passage: Passage, query: str) -> int:
    """Return where the sentence begins that fits a query best, so that the window with it is opened."""
    best = Ranking(text for _, text in passage.sentences).best(query, 1)
    return passage.offsets[best[0].position if best else 0]


class CorpusFetcher:
    """Opens documents of a corpus as pages. Implements ``Fetcher``.

    Args:
        corpus: where the documents are.
        clock: tells the time at which a page is opened.
    """

    def __init__(self, corpus: Corpus, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._corpus = corpus
        self._clock = clock

    async def fetch(self, url: str) -> Page:
        """Return the page of a document.

        The corpus keeps texts and not files, so a page's raw bytes are those of its text. Its address as evidence is
        the document's path or URL.

        Raises:
            FetchFailed: the address names no document of the corpus.
        """
        name = url.partition("#")[0].removeprefix(SCHEME)
        try:
            if not url.startswith(SCHEME):
                raise FetchFailed(
                    "refused_address", f"{url} is no document of the corpus, and nothing else can be read"
                )
            document = await self._corpus.document(name)
        except UnknownDocument as error:
            raise FetchFailed("not_found", str(error)) from error
        return make_page(
            document.text,
            url=url,
            final_url=document.location,
            title=document.title,
            fetched_at=self._clock(),
            tier="corpus",
            raw_sha256=document.text_sha256,
            by_line=document.by_line,
        )
