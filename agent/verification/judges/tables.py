"""The judge that compares claims with the cells of tables."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import NamedTuple

from agent.domain.claims import Claim, Judgement, Tier
from agent.domain.evidence import Evidence, Quote, ToolResult
from agent.verification.chain.ports import TextOf
from agent.verification.claims import evidence_text
from agent.verification.tables.judging import Found, judge_by_table
from agent.verification.tables.linking import Links
from agent.verification.tables.reading import Table, read_tables

_LONGEST_DETAIL = 400
_KEPT = 8
"""Texts whose tables are kept between claims."""


class TableJudge:
    """Looks claims up in the tables that their evidence is from: CSV and TSV files, and tables in Markdown.

    A claim is linked to one row and one column word for word, or not at all. It is supported where it says nothing but
    what the cell says, and contradicted only where row and column are certain and the cell has another value of the
    same kind. Of a quote the whole stored text is read, so that the header is known.

    Args:
        text_of: gives the stored text of a source.
        readings: SHA-256 of the input file that a tool result shows unchanged, by the id of the result; its whole text
            is read. What other tools show may be the run's own words.
    """

    name = "tables"
    tier: Tier = "T1"

    def __init__(self, text_of: TextOf, readings: Mapping[str, str] = MappingProxyType({})) -> None:
        self._text_of = text_of
        self._readings = dict(readings)
        self._known: OrderedDict[tuple[str, str], tuple[Links, ...]] = OrderedDict()

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return a judgement for each table that the claim speaks of."""
        if claim.kind in ("opinion", "code"):
            return ()
        by_table: dict[tuple[str, int], _Seen] = {}
        for item in evidence:
            for links, title, source in await self._tables(item):
                known = by_table.setdefault((source, links.table.first), _Seen(links, title, []))
                known.items.append(item)
        judgements = []
        for links, title, items in by_table.values():
            found = await asyncio.to_thread(judge_by_table, claim.text, links, title)
            if found is not None:
                judgements.append(self._judgement(items, links.table, found))
        return judgements

    async def _tables(self, item: Evidence) -> list[tuple[Links, str, str]]:
        """Return the tables that a piece of evidence is from, with the title and the identity of their text."""
        if isinstance(item, Quote):
            sha256, location, title = item.source.text_sha256, item.source.location, item.source.title
        elif isinstance(item, ToolResult) and item.id in self._readings and item.ok:
            sha256, location, title = self._readings[item.id], _path_of(item), ""
        else:
            return []
        try:
            text = await self._text_of(sha256)
        except LookupError:
            return []
        known = await self._links(sha256, text, location)
        if isinstance(item, Quote):
            first, last = (text.count("\n", 0, place) + 1 for place in (item.start, item.end - 1))
            known = tuple(links for links in known if links.table.first <= last and first <= links.table.last)
        named = f"{title} {PurePosixPath(location.split('?')[0]).name}"
        return [(links, named, sha256) for links in known]

    async def _links(self, key: str, text: str, location: str) -> tuple[Links, ...]:
        place = (key, location)
        if place not in self._known:
            tables = await asyncio.to_thread(read_tables, text, location)
            self._known[place] = tuple(Links(table) for table in tables)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(place)
        return self._known[place]

    def _judgement(self, items: Sequence[Evidence], table: Table, found: Found) -> Judgement:
        """Return the judgement; it quotes the row that decides where a piece of evidence shows it."""
        unread = f"; {len(table.bad)} rows cannot be read, the first in line {table.bad[0]}" if table.bad else ""
        detail = " ".join(f"{found.detail}{unread}".split())[:_LONGEST_DETAIL]
        cells = next((row.cells for row in table.rows if found.lines == (row.line,)), ())
        shown = [(item, line) for item in items for line in evidence_text(item).splitlines() if _shows(line, cells)]
        item, quote = shown[0] if shown else (items[0], "")
        return Judgement(
            judge=self.name, tier=self.tier, verdict=found.verdict, detail=detail, evidence=(item.id,), quote=quote
        )


class _Seen(NamedTuple):
    links: Links
    title: str
    items: list[Evidence]


def _shows(line: str, cells: Sequence[str]) -> bool:
    """Whether a line has all cells of a row in order."""
    at = 0
    for cell in cells:
        at = line.find(cell, at)
        if at < 0:
            return False
        at += len(cell)
    return bool(cells)


def _path_of(item: ToolResult) -> str:
    try:
        arguments = json.loads(item.arguments)
    except ValueError:
        return ""
    return str(arguments.get("path", "")) if isinstance(arguments, dict) else ""
