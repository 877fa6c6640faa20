"""SearXNG: a metasearch engine that people run themselves."""

from agent.browsing.config import SearxngConfig
from agent.browsing.errors import SearchFailed
from agent.browsing.ports import SearchResult
from agent.browsing.search.http import JsonService, RefusedByService, listed, short_query
from agent.browsing.search.results import web_result


class SearxngSearch:
    """Asks an instance for JSON. Implements ``SearchBackend``."""

    def __init__(self, config: SearxngConfig) -> None:
        self._config = config
        self._service = JsonService("SearXNG", config.base_url, seconds=config.seconds)

    async def search(self, query: str) -> tuple[SearchResult, ...]:
        """Return results in the instance's order.

        Raises:
            SearchFailed: the instance does not answer, does not allow JSON, or none of its engines answered.
        """
        config = self._config
        params = {
            "q": short_query(query),
            "format": "json",
            "language": config.language or "",
            "engines": ",".join(config.engines),
            "categories": ",".join(config.categories),
        }
        try:
            answer = await self._service.get("/search", {name: value for name, value in params.items() if value})
        except RefusedByService as error:
            if error.status != 403:
                raise
            raise SearchFailed(
                "status", "the instance refuses JSON (403); add json to search.formats in its settings.yml"
            ) from error
        results = [
            web_result(item.get("title"), item.get("url"), item.get("content"), config.backend)
            for item in listed(answer, "results")
        ]
        found = tuple(result for result in results if result is not None)[: config.limit]
        # no results because no engine answered are not the same as no results
        silent = _silent(answer.get("unresponsive_engines"))
        if not found and silent:
            raise SearchFailed("unreachable", f"the instance's engines did not answer: {silent}")
        return found

    async def close(self) -> None:
        """Close all connections."""
        await self._service.close()


def _silent(engines: object) -> str:
    """Return which engines failed and why, as the instance tells it: pairs of name and reason."""
    if not isinstance(engines, list):
        return ""
    pairs = [pair for pair in engines if isinstance(pair, list) and len(pair) == 2]
    return ", ".join(f"{name} ({reason})" for name, reason in pairs)[:200]
