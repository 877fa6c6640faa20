"""What took a node's place."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.toolserver.node_process import short_folder
from tests.toolserver.relay import Behind
from toolserver.sandbox import Sandbox


@asynccontextmanager
async def impostor(answer: Callable[[dict[str, Any]], bytes]) -> AsyncIterator[Sandbox]:
    """A sandbox whose socket was taken over by something that answers as it likes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(answer(json.loads(line)))
        writer.close()

    async with short_folder() as folder:
        server = await asyncio.start_unix_server(serve, folder / "s")
        sandbox = Sandbox("impostor", Behind(folder / "s"))
        try:
            yield sandbox
        finally:
            await sandbox.detach()
            server.close()
