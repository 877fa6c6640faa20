"""The library ddgs: public search pages without a key, best effort."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from agent.browsing.config import DdgsConfig
from agent.browsing.errors import SearchFailed
from agent.browsing.ports import SearchResult
from agent.browsing.search.http import short_query
from agent.browsing.search.results import web_result
from agent.domain.errors import ConfigurationError

Finder = Callable[[str], Sequence[dict[str, Any]]]
"""Does a search in the calling thread, as ``ddgs.DDGS().text`` does."""


class DdgsSearch:
    """Asks public search pages in a thread. Implements ``SearchBackend``.

    Args:
        config: its settings.
        finder: does the search; by default the library.

    Raises:
        ConfigurationError: the library is not installed.
    """

    def __init__(self, config: DdgsConfig, *, finder: Finder | None = None) -> None:
        self._config = config
        self._finder = finder or _library(config)
        self._free = asyncio.Semaphore(1)

    async def search(self, query: str) -> tuple[SearchResult, ...]:
        """Return results in the library's order.

        The library does not tell pages that refuse to answer from pages that found nothing; both give no results.

        Raises:
            SearchFailed: it was refused, took too long, or failed.
        """
        import ddgs.exceptions as errors

        config = self._config
        try:
            async with asyncio.timeout(2 * config.seconds):
                found = await self._found(short_query(query))
        except (TimeoutError, errors.TimeoutException) as error:
            raise SearchFailed("timeout", f"no answer within {config.seconds:g} s") from error
        except errors.RatelimitException as error:
            raise SearchFailed("rate_limited", "rate-limited by the search page") from error
        except errors.DDGSException as error:
            raise _failure(error) from error
        except Exception as error:
            # the library reads pages that change without notice
            raise SearchFailed("unreachable", f"the library ddgs failed: {type(error).__name__}") from error
        results = [web_result(item.get("title"), item.get("href"), item.get("body"), config.backend) for item in found]
        return tuple(result for result in results if result is not None)[: config.limit]

    async def _found(self, query: str) -> Sequence[dict[str, Any]]:
        # a thread cannot be stopped: the next search waits until the last one's has ended, so that they do not pile up
        await self._free.acquire()
        running = asyncio.ensure_future(asyncio.to_thread(self._finder, query))
        running.add_done_callback(self._ended)
        return await asyncio.shield(running)

    def _ended(self, running: "asyncio.Future[Sequence[dict[str, Any]]]") -> None:
        self._free.release()
        if not running.cancelled():
            # whoever waited may have given up and does not look at it any more
            running.exception()

    async def close(self) -> None:
        """Free nothing: the library keeps no connections."""


def _library(config: DdgsConfig) -> Finder:
    try:
        from ddgs import DDGS
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "the search backend ddgs needs its library; run: pip install 'plumbline-agent[browser]'"
        ) from error

    def find(query: str) -> list[dict[str, Any]]:
        searcher = DDGS(timeout=max(1, round(config.seconds)))
        try:
            return searcher.text(query, region=config.region, max_results=config.limit, backend=config.engines)
        except Exception as error:
            # that nothing was found is an answer, which this library tells by an error of no kind
            if str(error) == "No results found.":
                return []
            raise

    return find


def _failure(error: Exception) -> SearchFailed:
    text = (str(error).splitlines() or [""])[0][:200]
    if "202" in text or "429" in text or "ratelimit" in text.lower():
        return SearchFailed("rate_limited", "rate-limited by the search page")
    return SearchFailed("unreachable", f"the library ddgs failed: {text}")
