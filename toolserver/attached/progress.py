"""What an attached server tells of a call while it runs: hostile text, cleaned and passed on a few times a second."""

import asyncio
from collections.abc import Mapping
from typing import Final

from mcp.shared.dispatcher import ProgressFnT

from toolserver.attached.results import without_values
from toolserver.attached.schemas import cleaned_text
from toolserver.connection import LINE_SHOWN, Watch
from toolserver.protocol import Progress, ToolOutcome

SECONDS_BETWEEN: Final = 0.25
"""What a server tells sooner after what it told before is not passed on."""


def heard_progress(watch: Watch, values: Mapping[str, str]) -> ProgressFnT:
    """Return what the library calls with a server's progress.

    Args:
        watch: is told the time since now, which we measure, and the server's message.
        values: secrets, whose values are not shown.
    """
    clock = asyncio.get_running_loop().time
    began, told = clock(), float("-inf")

    async def heard(progress: float, total: float | None, message: str | None) -> None:
        nonlocal told
        if clock() - told < SECONDS_BETWEEN:
            return
        told = clock()
        text = " ".join((message or "").split())
        # cut last: half a secret would not be found
        line = without_values(ToolOutcome(text=cleaned_text(text, len(text))), values).text[:LINE_SHOWN]
        watch(Progress(seconds=told - began, line=line))

    return heard
