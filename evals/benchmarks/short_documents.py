"""Short documents to be indexed and found again: paragraphs of installed Debian documentation, or generated ones."""

import gzip
import html
import itertools
import random
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from agent.verification.lexicon import CJK_STOP

Language = Literal["zh", "en"]

PACKAGES: dict[Language, tuple[str, ...]] = {
    "zh": ("manpages-zh", "debian-reference-zh-cn"),
    "en": ("python3.11-doc",),
}
"""Debian packages that the documents are cut from, where they are installed."""
SHORTEST, LONGEST = {"zh": 25, "en": 80}, 800
"""Characters of a document."""
COMMON = 0.01
"""A word that a larger part of a language's documents has is not distinctive."""
WORDS_ASKED = 3
RULE = (
    f"{WORDS_ASKED} words drawn by a fixed seed from those of the item that at most {COMMON:.0%} of the documents have;"
    " English words have four letters or more, Chinese ones are the pieces of 2 to 6 characters between punctuation"
    " and function characters"
)

_TAG = re.compile(r"<[^<>]*>")
_PARAGRAPH = re.compile(r"<(?:p|dd|li)\b[^<>]*>(.*?)</(?:p|dd|li)>", re.DOTALL)
_ROFF_ESCAPE = re.compile(r"\\(?:f(?:\(..|\[[^\]]*\]|.)|s[-+]?\d|\((..)|[&,/|^%:]|\[[^\]]*\])")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_CHINESE_RUN = re.compile("[\u4e00-\u9fff]+")
_ENGLISH_WORD = re.compile("[a-z]{4,}")
_FUNCTION = re.compile(f"[{''.join(sorted(CJK_STOP))}]")


class Item(NamedTuple):
    """A document with its name."""

    name: str
    language: Language
    text: str


class Asked(NamedTuple):
    """A query for a known document."""

    query: str
    name: str
    language: Language


class Source(NamedTuple):
    """Documents of one language and where they are from."""

    items: tuple[Item, ...]
    origin: str


def documents(language: Language, count: int, *, generated: bool = False) -> Source:
    """Return documents of a language: of the Debian packages, or generated where these give too few."""
    if not generated:
        texts = list(itertools.islice(_distinct(_installed(language), language), count))
        if len(texts) == count:
            return Source(_named(texts, language), f"paragraphs of {' and '.join(PACKAGES[language])}")
    texts = list(itertools.islice(_distinct(_generated(language), language), count))
    return Source(_named(texts, language), "generated from a vocabulary with Zipf's frequencies")


def known_items(items: Sequence[Item], count: int, *, seed: int = 0) -> tuple[Asked, ...]:
    """Return queries for documents by ``RULE``; documents with fewer distinctive words are not asked for."""
    rng = random.Random(seed)  # noqa: S311 - a fixed choice, no secret
    words = [words_of(item) for item in items]
    frequency = Counter(itertools.chain.from_iterable(words))
    most = max(COMMON * len(items), 1)
    asked: list[Asked] = []
    for index in rng.sample(range(len(items)), len(items)):
        distinctive = sorted(word for word in words[index] if frequency[word] <= most)
        if len(distinctive) >= WORDS_ASKED:
            item = items[index]
            asked.append(Asked(" ".join(rng.sample(distinctive, WORDS_ASKED)), item.name, item.language))
        if len(asked) == count:
            break
    return tuple(asked)


def words_of(item: Item) -> frozenset[str]:
    """Return the words of a document as ``RULE`` has them; the index cuts texts in another way."""
    if item.language == "en":
        return frozenset(_ENGLISH_WORD.findall(item.text.casefold()))
    runs = _CHINESE_RUN.findall(item.text)
    return frozenset(piece for run in runs for piece in _FUNCTION.split(run) if 2 <= len(piece) <= 6)


def _named(texts: Iterable[str], language: Language) -> tuple[Item, ...]:
    return tuple(Item(f"{language}{number}", language, text) for number, text in enumerate(texts))


def _distinct(texts: Iterable[str], language: Language) -> Iterator[str]:
    seen: set[str] = set()
    for text in texts:
        flat = " ".join(text.split())[:LONGEST]
        enough = len(flat) >= SHORTEST[language]
        if language == "zh":
            enough = len(_CHINESE.findall(flat)) >= SHORTEST[language]
        if enough and flat not in seen:
            seen.add(flat)
            yield flat


def _installed(language: Language) -> Iterator[str]:
    read: dict[str, Callable[[str], Iterator[str]]] = {".html": _of_html, ".gz": _of_manual}
    for package in PACKAGES[language]:
        for path in package_files(package):
            # a package's plain text says what its web pages say
            if path.suffix not in read or path.name.endswith(".txt.gz") or not path.is_file():
                continue
            data = path.read_bytes()
            text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode(errors="replace")
            yield from read[path.suffix](text)


def package_files(package: str) -> list[Path]:
    """Return the files of an installed Debian package; none where it, or dpkg, is not there."""
    try:
        listed = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True, check=False)
    except OSError:
        return []
    return sorted(Path(line) for line in listed.stdout.splitlines()) if listed.returncode == 0 else []


def _of_html(page: str) -> Iterator[str]:
    for paragraph in _PARAGRAPH.findall(page):
        yield html.unescape(_TAG.sub("", paragraph)).strip("\u00b6 \n")


def _of_manual(page: str) -> Iterator[str]:
    """Yield the paragraphs of a manual page in roff."""
    lines: list[str] = []
    for line in [*page.splitlines(), ".PP"]:
        if line.startswith((".B ", ".I ", ".BR ", ".IR ", ".RB ")):
            lines.append(line.partition(" ")[2])
        elif not line.startswith((".", "'")):
            lines.append(line)
        elif lines and not line.startswith((".\\", "'\\")):
            yield _ROFF_ESCAPE.sub(" ", " ".join(lines)).replace("\\-", "-").replace("\\", "")
            lines = []


def _generated(language: Language) -> Iterator[str]:
    """Yield texts without end: words of a shared vocabulary, the word of rank r with a frequency of 1/r."""
    rng = random.Random(1)  # noqa: S311 - filler, no secret
    if language == "zh":
        # the most frequent words of a text are its function words
        words = sorted(CJK_STOP) + [
            "".join(chr(0x4E00 + rng.randrange(2500)) for _ in range(rng.choice((1, 2, 2, 2, 3))))
            for _ in range(20_000)
        ]
        space, stop, comma = "", "\u3002", "\uff0c"
    else:
        words = ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(20_000)]
        space, stop, comma = " ", ". ", ", "
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(words) + 1)))
    while True:
        clauses = [space.join(rng.choices(words, cum_weights=weights, k=rng.randint(5, 15))) for _ in range(6)]
        yield stop.join(comma.join(clauses[at : at + 2]) for at in range(0, rng.choice((2, 4, 6)), 2)) + stop.strip()


_SYLLABLES = tuple(first + rest for first in "bcdfghklmnprstvwz" for rest in ("a", "e", "in", "o", "ul", "ar"))
