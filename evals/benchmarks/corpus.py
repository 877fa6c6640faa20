"""Measure the local corpus: indexing, search latency, and whether known items are found.

    python -m evals.benchmarks.corpus [--cmrc DEV.JSONL] [--documents 20000] [--keep FOLDER]

The English documents are paragraphs from the docstrings and comments of Python's own standard library, so nothing has
to be fetched. With ``--cmrc`` (squad-style lines with title, text and questions), half of the documents are pieces of
its passages, and its questions are asked of its whole passages.
"""

import argparse
import asyncio
import json
import random
import re
import statistics
import sysconfig
import tempfile
import time
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from agent.browsing.corpus import Corpus
from agent.verification.sentences import split_sentences

QUERIES = 400
_PROSE = re.compile(r'(?s:""".*?""")|(?m:(?:^[ \t]*#[^\n]*\n){2,})')


class Item(NamedTuple):
    """A document to be found again by words taken from it."""

    name: str
    text: str
    query: str


def main() -> None:
    """Read the arguments, run the measurements and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cmrc", type=Path, help="CMRC 2018 passages and questions, one JSON object a line")
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--keep", type=Path, help="folder for the documents and the index; a temporary one by default")
    arguments = parser.parse_args()
    passages = _passages(arguments.cmrc) if arguments.cmrc else []
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        asyncio.run(_measure(folder, arguments.documents, passages))


async def _measure(folder: Path, count: int, passages: list[dict[str, Any]]) -> None:
    rng = random.Random(0)  # noqa: S311 - a fixed choice of queries, no secret
    items = _items(count, passages, rng)
    _write(folder / "short", {item.name: item.text for item in items})
    async with Corpus(folder / "short.db") as corpus:
        await _measure_indexing(corpus, folder / "short")
        known = rng.sample(items, min(QUERIES, len(items)))
        await _measure_search("known items", corpus, [(item.query, item.name) for item in known])
    if passages:
        _write(folder / "cmrc", {row["passage_id"]: f"# {row['title']}\n\n{row['text']}\n" for row in passages})
        _write(folder / "untitled", {row["passage_id"]: row["text"] for row in passages})
        asked = [(entry["question"], row["passage_id"]) for row in passages for entry in row["questions"]]
        for name in ("cmrc", "untitled"):
            async with Corpus(folder / f"{name}.db") as corpus:
                await corpus.add([folder / name])
                await _measure_search(f"CMRC questions, {name} passages", corpus, asked)


async def _measure_indexing(corpus: Corpus, folder: Path) -> None:
    for label in ("first", "nothing changed"):
        wall, cpu = time.perf_counter(), time.process_time()
        summary = await corpus.add([folder])
        print(
            f"indexing ({label}): {summary.added} added, {summary.unchanged} unchanged, {len(summary.skipped)} skipped;"
            f" {time.process_time() - cpu:.2f} s CPU, {time.perf_counter() - wall:.2f} s wall"
        )
    stats = await corpus.stats()
    print(
        f"corpus: {stats.documents} documents, {stats.passages} passages, {stats.characters} characters,"
        f" {stats.size / 1e6:.1f} MB"
    )


async def _measure_search(label: str, corpus: Corpus, asked: list[tuple[str, str]]) -> None:
    milliseconds: list[float] = []
    ranks: list[int | None] = []
    for query, wanted in asked:
        begin = time.perf_counter()
        found = await corpus.search(query, 10)
        milliseconds.append((time.perf_counter() - begin) * 1000)
        names = [Path(passage.location).stem for passage in found]
        ranks.append(names.index(wanted) if wanted in names else None)
    milliseconds.sort()
    print(
        f"search ({label}): n {len(asked)}, hit@1 {_share(ranks, 1):.3f}, hit@5 {_share(ranks, 5):.3f},"
        f" hit@10 {_share(ranks, 10):.3f}; p50 {statistics.median(milliseconds):.2f} ms,"
        f" p95 {milliseconds[int(0.95 * len(milliseconds))]:.2f} ms"
    )


def _share(ranks: list[int | None], depth: int) -> float:
    return sum(rank is not None and rank < depth for rank in ranks) / len(ranks)


def _passages(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _write(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def _items(count: int, passages: list[dict[str, Any]], rng: random.Random) -> list[Item]:
    chinese = [_chinese(number, text, rng) for number, text in enumerate(_pieces(passages))][: count // 2]
    english: list[Item] = []
    for number, text in enumerate(_paragraphs()):
        if len(english) + len(chinese) >= count:
            break
        words = sorted(set(re.findall(r"[A-Za-z]{4,}", text)))
        english.append(Item(f"en{number}", text, " ".join(rng.sample(words, min(5, len(words))))))
    return english + chinese


def _chinese(number: int, text: str, rng: random.Random) -> Item:
    runs = re.findall(r"[\u4e00-\u9fff]{4,}", text) or [text]
    starts = [(run, rng.randrange(max(1, len(run) - 3))) for run in rng.sample(runs, min(2, len(runs)))]
    return Item(f"zh{number}", text, " ".join(run[start : start + 4] for run, start in starts))


def _pieces(passages: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the passages sentence by sentence, as short documents."""
    for row in passages:
        for start, end in split_sentences(row["text"]):
            if end - start >= 20:
                yield row["text"][start:end]


def _paragraphs() -> Iterator[str]:
    """Yield different paragraphs of prose from the standard library's sources, 80 to 800 characters long."""
    seen: set[str] = set()
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        if "site-packages" in path.parts:
            continue
        try:
            with tokenize.open(path) as file:
                source = file.read()
        except (SyntaxError, UnicodeDecodeError):
            continue
        prose = re.findall(r'"""(.*?)"""', source, re.DOTALL) + re.findall(
            r"(?:^[ \t]*#[^\n]*\n){2,}", source, re.MULTILINE
        )
        for block in prose:
            for paragraph in re.split(r"\n\s*#?\s*\n", block):
                text = " ".join(line.strip(' \t#"') for line in paragraph.splitlines()).strip()
                if 80 <= len(text) <= 800 and text not in seen and len(set(re.findall(r"[A-Za-z]{4,}", text))) >= 5:
                    seen.add(text)
                    yield text


if __name__ == "__main__":
    main()
