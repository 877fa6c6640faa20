"""Shared pages of runs, made once for each state of a run and kept while they are asked for."""

import asyncio
from collections import OrderedDict
from typing import Final, cast

from fastapi import Request

from agent.cli.sharing.page import SharedPage, shared_page
from agent.ledger.store import Ledger

_KEPT: Final = 8
"""Pages that are kept; each may take twenty megabytes."""


class SharedPages:
    """Makes the pages of shared runs, one at a time, whoever asks how often."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._turn = asyncio.Lock()
        self._kept: OrderedDict[tuple[str, int], SharedPage] = OrderedDict()

    async def page(self, run_id: str) -> SharedPage:
        """Return the page of a run as it stands.

        Raises:
            UnknownRun: it was deleted.
            LedgerUnavailable: its record is damaged.
        """
        async with self._turn:
            key = (run_id, await self._ledger.last_seq(run_id))
            if key not in self._kept:
                self._kept[key] = await shared_page(self._ledger, run_id)
                if len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]


def shared_pages_of(request: Request) -> SharedPages:
    """Return the shared pages of the application that a request came to; a dependency of routes."""
    return cast("SharedPages", request.app.state.shared_pages)
