"""Fetches a weights file from the official hub, continuing where an earlier download broke off."""

from collections.abc import AsyncIterator

import aiohttp
import anyio

from agent.domain.errors import ServiceError
from agent.models.embedded.partial import CHUNK, PartialFile
from agent.models.embedded.weights import Progress, Weights

_CONNECT_SECONDS = 5.0
"""Short, so that a machine without the hub turns to the other source at once."""
_SILENCE_SECONDS = 60.0


class HubFailed(Exception):
    """The hub could not deliver the file; the text says why, and another source may have it."""


async def fetch_from_hub(weights: Weights, partial: PartialFile, progress: Progress, hub: str) -> None:
    """Download what a partial file does not hold yet.

    Raises:
        HubFailed: the hub cannot be reached, does not have the file, or broke off.
        ServiceError: it sends more than the file's size.
    """
    have = partial.size
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=_SILENCE_SECONDS)
    headers = {"Range": f"bytes={have}-"} if have else {}
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.get(hub + weights.hub_path, headers=headers) as response,
        ):
            response.raise_for_status()
            # a server that ignores the range sends the file from its start
            start = have if response.status == 206 else 0
            await _write(response.content.iter_chunked(CHUNK), partial, start, weights, progress)
    except aiohttp.ClientResponseError as error:
        raise HubFailed(f"the hub answered {error.status} {error.message}") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise HubFailed(f"the hub cannot be reached ({str(error) or type(error).__name__})") from error
    if partial.size < weights.size:
        raise HubFailed("the download broke off")


async def _write(
    chunks: AsyncIterator[bytes], partial: PartialFile, start: int, weights: Weights, progress: Progress
) -> None:
    done = start
    async with await anyio.open_file(partial.path, "r+b") as file:
        await file.seek(start)
        await file.truncate()
        async for chunk in chunks:
            done += len(chunk)
            if done > weights.size:
                raise ServiceError(f"the hub sends more than the {weights.size} bytes of {weights.name}; stopped")
            await file.write(chunk)
            progress(done, weights.size)
