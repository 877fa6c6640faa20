"""Measure a knowledge base of synthetic triples: loading, memory, and the time of a lookup by names."""

import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from agent.domain.base import Fact
from agent.domain.claims import Statement
from agent.verification.knowledge.judging import judge_statement
from agent.verification.knowledge.loading import load
from agent.verification.knowledge.names import normalise
from agent.verification.knowledge.store import Store

RELATIONS = 50
THINGS_SHARE = 5
"""Triples for each thing."""
_SYLLABLES = ("ba", "den", "gor", "hal", "ki", "lum", "mar", "nor", "pel", "ri", "sto", "tan", "ul", "ver", "win", "zo")


class Timed(Fact):
    """Microseconds of one operation, called from Python with names as people write them."""

    what: str
    p50_us: float
    p95_us: float


class KnowledgeMeasured(Fact):
    """What was found.

    Attributes:
        load_seconds, cpu_seconds: reading the file and writing the knowledge base.
        memory_mb: by how much the process grew at most while loading, of which SQLite's caches are a part.
        size: of the knowledge base in bytes.
        right: whether all lookups gave what was put in.
    """

    triples: int
    duplicates: int
    things: int
    load_seconds: float
    cpu_seconds: float
    memory_mb: float
    size: int
    timed: tuple[Timed, ...]
    right: bool


def measure_knowledge(triples: int, lookups: int) -> KnowledgeMeasured:
    """Load synthetic triples, then look some of them up, in a random order that is the same each time."""
    things = max(triples // THINGS_SHARE, 10)
    sampled = _sample(triples, things, lookups)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facts.tsv"
        with path.open("w", encoding="utf-8") as file:
            file.writelines("\t".join(row) + "\n" for row in _rows(triples, things))
        store = Store(Path(folder) / "kb.db")
        before = _peak_mb()
        wall, cpu = time.perf_counter(), time.process_time()
        loaded = load(store, path)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        grown = _peak_mb() - before
        size = store.stats().size
        store.close()
        timed, right = _lookups(store, sampled)
        store.close()
    return KnowledgeMeasured(
        triples=loaded.triples,
        duplicates=loaded.duplicates,
        things=things,
        load_seconds=wall,
        cpu_seconds=cpu,
        memory_mb=grown,
        size=size,
        timed=timed,
        right=right and not loaded.bad,
    )


def thing(number: int) -> str:
    """Return the name of a thing: words of syllables, different for each number."""
    word = ""
    rest = number
    while rest or not word:
        rest, digit = divmod(rest, len(_SYLLABLES))
        word += _SYLLABLES[digit]
    return f"{word.capitalize()} {_SYLLABLES[number % 7].capitalize()}{_SYLLABLES[number % 11]}"


def _rows(triples: int, things: int) -> Iterator[tuple[str, str, str]]:
    choose = random.Random(0)  # noqa: S311
    for _ in range(triples):
        subject, value = choose.randrange(things), choose.randrange(things)
        yield thing(subject), f"relation {choose.randrange(RELATIONS)}", thing(value)


def _sample(triples: int, things: int, count: int) -> list[tuple[str, str, str]]:
    chosen = set(random.Random(1).sample(range(triples), min(count, triples)))  # noqa: S311
    rows = [row for number, row in enumerate(_rows(triples, things)) if number in chosen]
    random.Random(2).shuffle(rows)  # noqa: S311
    return rows


def _lookups(store: Store, rows: Sequence[tuple[str, str, str]]) -> tuple[tuple[Timed, ...], bool]:
    def holds(row: tuple[str, str, str]) -> bool:
        relation = store.relation_named(row[1])
        subjects, values = store.entities_named(normalise(row[0])), store.entities_named(normalise(row[2]))
        return relation is not None and bool(store.holds(subjects[0], relation, values[0]))

    def objects(row: tuple[str, str, str]) -> bool:
        relation = store.relation_named(row[1])
        return relation is not None and bool(store.objects(store.entities_named(normalise(row[0]))[0], relation))

    def judged(row: tuple[str, str, str]) -> bool:
        statement = Statement(subject=row[0], relation=row[1], object=row[2])
        return judge_statement(store, statement).verdict == "supported"

    def unknown(row: tuple[str, str, str]) -> bool:
        statement = Statement(subject=f"{row[0]}ax", relation=row[1], object=row[2])
        return judge_statement(store, statement).verdict == "not_found"

    few = rows[: max(len(rows) // 10, 1)]
    timed = [
        _timed("(s, r, o)", holds, rows),
        _timed("(s, r, ?)", objects, rows),
        _timed("judge, with evidence", judged, rows),
        _timed("judge, a misspelt name", unknown, few),
    ]
    return tuple(one for one, _ in timed), all(right for _, right in timed)


def _timed(
    what: str, work: Callable[[tuple[str, str, str]], bool], rows: Sequence[tuple[str, str, str]]
) -> tuple[Timed, bool]:
    times = []
    right = True
    for row in rows:
        begin = time.perf_counter()
        right &= work(row)
        times.append((time.perf_counter() - begin) * 1e6)
    times.sort()
    return Timed(what=what, p50_us=statistics.median(times), p95_us=times[int(0.95 * len(times))]), right


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
