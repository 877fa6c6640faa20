"""Which of very many tools a piece of work needs: by its words, and by its meaning where a model can tell it."""

import asyncio
import math
import re
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, Protocol

from pydantic import JsonValue

from agent.domain.base import Fact
from agent.domain.errors import ServiceError
from agent.domain.messages import ToolSpec

MOST_WORDS = 64
"""Distinct words of a query that count."""

LONGEST_TEXT = 2_000
"""Characters of a query or a tool that are embedded."""

_FUSION = 60
"""How fast the weight of a rank falls, as usual where rankings are fused."""

_FUSED = 50
"""Tools of each ranking that take part, so that one ranking alone can bring a tool to the front."""

_NAME_WEIGHT, _TEXT_WEIGHT, _PARAMETERS_WEIGHT = 4.0, 2.0, 1.0
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_COMMON = frozenset(
    {
        *("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "into", "is", "it", "its", "of", "on"),
        *("or", "that", "the", "their", "them", "this", "to", "was", "what", "which", "with"),
    }
)


class Embedder(Protocol):
    """A model that turns texts into vectors; texts of like meaning get vectors of like direction."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector for each text.

        Raises:
            ServiceError: the model cannot be reached, or rejects the request.
        """


class Ranking(Fact):
    """The names of the best tools, best first, and what they were found by.

    Attributes:
        note: why meaning was not used although it should have been; empty otherwise.
    """

    names: tuple[str, ...]
    by: Literal["words", "words and meaning"]
    note: str = ""


class ToolIndex:
    """Ranks the tools of a catalogue.

    By words it is BM25 over name, description and parameters; where there is an embedder, its ranking is fused with
    that one by reciprocal ranks. An embedder that fails once is not asked again by this index, so that not every search
    waits for it. It holds nothing but the catalogue and may be thrown away.
    """

    def __init__(self, tools: Sequence[ToolSpec], embedder: Embedder | None = None) -> None:
        self._tools = tuple(tools)
        self._embedder = embedder
        self._vectors: list[list[float]] | None = None
        self._embedding = asyncio.Lock()
        self._failure = ""
        self._words = sqlite3.connect(":memory:")
        self._words.execute("CREATE VIRTUAL TABLE tool USING fts5(name, text, parameters, tokenize='porter unicode61')")
        self._words.executemany(
            "INSERT INTO tool(rowid, name, text, parameters) VALUES (?, ?, ?, ?)",
            [
                (number, _CAMEL.sub(" ", tool.name), tool.description, _parameters(tool.parameters))
                for number, tool in enumerate(self._tools)
            ],
        )

    async def search(self, query: str, *, limit: int, besides: Collection[str] = ()) -> Ranking:
        """Return the ``limit`` best tools for what is described, without those of the names in ``besides``."""
        rankings, note = [self._by_words(query)], ""
        if self._embedder is not None:
            by_meaning = await self._by_meaning(self._embedder, query)
            if by_meaning is None:
                note = self._failure
            else:
                rankings.append(by_meaning)
        scores: dict[int, float] = {}
        for ranking in rankings:
            for rank, number in enumerate(ranking[: max(_FUSED, 2 * limit)], 1):
                scores[number] = scores.get(number, 0.0) + 1 / (_FUSION + rank)
        best = sorted(scores, key=lambda number: (-scores[number], number))
        names = [self._tools[number].name for number in best if self._tools[number].name not in besides]
        return Ranking(names=tuple(names[:limit]), by="words" if len(rankings) == 1 else "words and meaning", note=note)

    def _by_words(self, query: str) -> list[int]:
        words = dict.fromkeys(word for word in _WORD.findall(_CAMEL.sub(" ", query).lower()) if word not in _COMMON)
        asked = " OR ".join(f'"{word}"' for word in list(words)[:MOST_WORDS])
        if not asked:
            return []
        weights = (_NAME_WEIGHT, _TEXT_WEIGHT, _PARAMETERS_WEIGHT)
        rows = self._words.execute(
            "SELECT rowid FROM tool WHERE tool MATCH ? ORDER BY bm25(tool, ?, ?, ?), rowid", (asked, *weights)
        )
        return [number for (number,) in rows]

    async def _by_meaning(self, embedder: Embedder, query: str) -> list[int] | None:
        """Return the tools by likeness of meaning, best first; None where the embedder fails or has failed before."""
        # one after the other, so that searches at the same time do not each wait for a server that is down
        async with self._embedding:
            if self._failure:
                return None
            try:
                if self._vectors is None:
                    texts = [f"{tool.name}: {tool.description}"[:LONGEST_TEXT] for tool in self._tools]
                    self._vectors = [_unit(vector) for vector in await embedder.embed(texts)]
                (asked,) = await embedder.embed([query[:LONGEST_TEXT]])
            except ServiceError as error:
                self._failure = str(error)
                return None
        wanted = _unit(asked)
        near = [_product(vector, wanted) if len(vector) == len(wanted) else -1.0 for vector in self._vectors]
        return sorted(range(len(near)), key=lambda number: (-near[number], number))


def _unit(vector: Sequence[float]) -> list[float]:
    length = math.hypot(*vector) or 1.0
    return [value / length for value in vector]


def _product(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _parameters(schema: Mapping[str, JsonValue]) -> str:
    """Return the names and descriptions of a tool's arguments."""
    properties = schema.get("properties")
    told = []
    for name, argument in (properties if isinstance(properties, dict) else {}).items():
        told.append(_CAMEL.sub(" ", name))
        if isinstance(argument, dict) and isinstance(argument.get("description"), str):
            told.append(str(argument["description"]))
    return " ".join(told)
