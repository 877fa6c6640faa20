"""What previews are made with: a few processes that draw, and one CAD sandbox at a time, shared by all requests."""

import asyncio
from typing import Final, cast

from fastapi import Request

from agent.runtime.drawing import Drawing, pdf_page
from agent.runtime.options import RunOptions
from webui.context import Context
from webui.files.previews.models import Converter

_AT_ONCE: Final = 2
"""Processes that draw at the same time; who asks for more waits."""


class Workbench:
    """Draws pages and turns solids into what a viewer loads, never more at once than the machine bears."""

    def __init__(self, context: Context) -> None:
        self._free = asyncio.Semaphore(_AT_ONCE)
        self.converter = Converter(context.home / "previews", lambda name: context.services.benches(RunOptions(), name))

    async def pdf_page(self, data: bytes, page: int, *, width: int) -> Drawing:
        """Return a page of a PDF document as a picture; see ``agent.runtime.drawing.pdf_page``."""
        async with self._free:
            return await pdf_page(data, page, width=width)


def workbench_of(request: Request) -> Workbench:
    """Return the workbench of the application that a request came to; a dependency of routes."""
    return cast("Workbench", request.app.state.workbench)
