"""The Brave Search API."""

from agent.browsing.config import BraveConfig
from agent.browsing.ports import SearchResult
from agent.browsing.search.http import JsonService, listed, short_query
from agent.browsing.search.results import web_result

_MOST = 20
"""Results that one request can give."""


class BraveSearch:
    """Asks for web results. Implements ``SearchBackend``."""

    def __init__(self, config: BraveConfig, key: str) -> None:
        self._config = config
        self._service = JsonService(
            "Brave Search", config.base_url, seconds=config.seconds, headers={"X-Subscription-Token": key}
        )

    async def search(self, query: str) -> tuple[SearchResult, ...]:
        """Return results in the service's order.

        Raises:
            SearchFailed: it does not answer, or refuses.
        """
        config = self._config
        params = {
            "q": short_query(query),
            "count": str(min(config.limit, _MOST)),
            "country": config.country or "",
            "search_lang": config.language or "",
        }
        answer = await self._service.get("/web/search", {name: value for name, value in params.items() if value})
        results = [
            web_result(item.get("title"), item.get("url"), item.get("description"), config.backend)
            for item in listed(answer, "web", "results")
        ]
        return tuple(result for result in results if result is not None)[: config.limit]

    async def close(self) -> None:
        """Close all connections."""
        await self._service.close()
