"""Measure the local index: building it, the time of a query, and whether known documents are found."""

import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from agent.browsing.actions import Find, Open, Search
from agent.browsing.corpus import Corpus
from agent.browsing.search.corpus import CorpusFetcher, CorpusSearch
from agent.browsing.session import Session
from agent.browsing.testing import MemoryEffects
from agent.domain.base import Fact
from agent.domain.errors import UsageError
from evals.benchmarks.pdf import handbook
from evals.benchmarks.short_documents import RULE, Asked, Item, documents, known_items
from evals.rows import json_rows

DEPTH = 10
FACT = "The emergency coolant pump of unit seven was given a ceramic rotor in March 2019."
ABOUT = "ceramic rotor coolant pump of unit seven"


class Searched(Fact):
    """Queries for known documents: the share that is found first and among the first ten, and milliseconds a query."""

    what: str
    queries: int
    hit_1: float
    hit_10: float
    p50_ms: float
    p95_ms: float


class IndexMeasured(Fact):
    """What was found.

    Attributes:
        sources: where the documents are from.
        cpu_seconds, wall_seconds: reading all files and indexing them.
        again_seconds: CPU, when nothing has changed.
        size: of the index in bytes, with the texts.
    """

    documents: int
    characters: int
    sources: tuple[str, ...]
    rule: str = RULE
    cpu_seconds: float
    wall_seconds: float
    again_seconds: float
    size: int
    searched: tuple[Searched, ...]


class LongMeasured(Fact):
    """A PDF document of many pages, in seconds of CPU: reading and indexing it, then the actions of a session.

    Attributes:
        right: whether the page that is opened, and what is found on it by its subject, show the fact.
    """

    pages: int
    characters: int
    index_seconds: float
    search_seconds: float
    open_seconds: float
    find_seconds: float
    right: bool


async def measure_index(
    count: int, queries: int, *, generated: bool = False, cmrc: Path | None = None
) -> IndexMeasured:
    """Index documents, half of them Chinese and half English, and ask for some of both.

    Args:
        count: documents.
        queries: for each language.
        generated: take generated documents even where real ones are installed.
        cmrc: passages and questions of CMRC 2018, one JSON object a line; its questions are asked of its passages.
    """
    half = {
        "zh": documents("zh", count // 2, generated=generated),
        "en": documents("en", count - count // 2, generated=generated),
    }
    items = [item for source in half.values() for item in source.items]
    passages = _read(cmrc) if cmrc else None
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(folder) / "texts"
        write(texts, items)
        async with Corpus(Path(folder) / "index.db") as corpus:
            wall, cpu = time.perf_counter(), time.process_time()
            await corpus.add([texts])
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            again = time.process_time()
            await corpus.add([texts])
            again = time.process_time() - again
            searched = [
                await searched_for(name, corpus, known_items(source.items, queries)) for name, source in half.items()
            ]
            stats = await corpus.stats()
        if passages:
            searched.append(await _questions(Path(folder), *passages))
    return IndexMeasured(
        documents=len(items),
        characters=stats.characters,
        sources=tuple(f"{len(source.items):,} {name}: {source.origin}" for name, source in half.items()),
        cpu_seconds=cpu,
        wall_seconds=wall,
        again_seconds=again,
        size=stats.size,
        searched=tuple(searched),
    )


def write(folder: Path, items: Iterable[Item]) -> None:
    """Write each document to a file of its own, named after it."""
    folder.mkdir(parents=True)
    for item in items:
        (folder / f"{item.name}.txt").write_text(item.text, encoding="utf-8")


async def searched_for(what: str, corpus: Corpus, asked: Sequence[Asked]) -> Searched:
    """Ask for known documents, one query after the other."""
    milliseconds: list[float] = []
    ranks: list[int] = []
    for one in asked:
        begin = time.perf_counter()
        found = await corpus.search(one.query, DEPTH, one_a_document=True)
        milliseconds.append((time.perf_counter() - begin) * 1000)
        names = [Path(passage.location).stem for passage in found]
        ranks.append(names.index(one.name) if one.name in names else DEPTH)
    return Searched(
        what=what,
        queries=len(asked),
        hit_1=sum(rank == 0 for rank in ranks) / len(ranks),
        hit_10=sum(rank < DEPTH for rank in ranks) / len(ranks),
        p50_ms=statistics.median(milliseconds),
        p95_ms=sorted(milliseconds)[int(0.95 * len(milliseconds))],
    )


async def measure_long(pages: int) -> LongMeasured:
    """Index a generated PDF document and look for a fact on one of its pages."""
    data = handbook(pages, {pages * 3 // 4: FACT})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "handbook.pdf"
        path.write_bytes(data)
        async with Corpus(Path(folder) / "index.db") as corpus:
            begin = time.process_time()
            await corpus.add([path])
            indexed = time.process_time() - begin
            session = Session(
                ABOUT, fetcher=CorpusFetcher(corpus), search=CorpusSearch(corpus), effects=MemoryEffects()
            )
            seconds: list[float] = []
            shown: list[bool] = []
            for action in (Search(query=ABOUT), Open(result=1), Find(text=f"{ABOUT} given in March")):
                begin = time.process_time()
                await session.do(action)
                seconds.append(time.process_time() - begin)
                shown.append(session.state.page is not None and FACT in " ".join(session.state.page.text.split()))
            characters = (await corpus.stats()).characters
    return LongMeasured(
        pages=pages,
        characters=characters,
        index_seconds=indexed,
        search_seconds=seconds[0],
        open_seconds=seconds[1],
        find_seconds=seconds[2],
        right=all(shown[1:]),
    )


def _read(path: Path) -> tuple[list[Item], list[Asked]]:
    rows = json_rows(path)
    try:
        items = [Item(row["passage_id"], "zh", row["text"]) for row in rows]
        asked = [Asked(entry["question"], row["passage_id"], "zh") for row in rows for entry in row["questions"]]
    except (KeyError, TypeError) as error:
        raise UsageError(f"{path} does not hold passages and questions, one JSON object a line: {error}") from error
    if not asked:
        raise UsageError(f"{path} holds no questions; give a file of passages with their questions")
    return items, asked


async def _questions(folder: Path, items: list[Item], asked: list[Asked]) -> Searched:
    write(folder / "passages", items)
    async with Corpus(folder / "passages.db") as corpus:
        await corpus.add([folder / "passages"])
        return await searched_for("zh, questions of CMRC 2018", corpus, asked)
