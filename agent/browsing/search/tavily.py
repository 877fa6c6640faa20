"""The Tavily Search API."""

from agent.browsing.config import TavilyConfig
from agent.browsing.errors import SearchFailed
from agent.browsing.ports import SearchResult
from agent.browsing.search.http import JsonService, RefusedByService, listed, short_query
from agent.browsing.search.results import web_result

_MOST = 20
"""Results that one request can give."""
_SPENT = (432, 433)
"""Statuses that say that what the plan allows is used up."""


class TavilySearch:
    """Asks for results, without the answer that the service can write itself. Implements ``SearchBackend``."""

    def __init__(self, config: TavilyConfig, key: str) -> None:
        self._config = config
        self._service = JsonService(
            "Tavily", config.base_url, seconds=config.seconds, headers={"Authorization": f"Bearer {key}"}
        )

    async def search(self, query: str) -> tuple[SearchResult, ...]:
        """Return results in the service's order.

        Raises:
            SearchFailed: it does not answer, refuses, or the plan is used up.
        """
        config = self._config
        body = {
            "query": short_query(query),
            "max_results": min(config.limit, _MOST),
            "search_depth": config.depth,
            "include_answer": False,
        }
        try:
            answer = await self._service.post("/search", body)
        except RefusedByService as error:
            if error.status not in _SPENT:
                raise
            raise SearchFailed("rate_limited", f"the plan is used up ({error.status}); raise its limit") from error
        results = [
            web_result(item.get("title"), item.get("url"), item.get("content"), config.backend)
            for item in listed(answer, "results")
        ]
        return tuple(result for result in results if result is not None)[: config.limit]

    async def close(self) -> None:
        """Close all connections."""
        await self._service.close()
