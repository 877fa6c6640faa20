"""A person as a search backend: whoever is at hand is asked for addresses."""

import re
from collections.abc import Awaitable, Callable

from agent.browsing.errors import SearchFailed
from agent.browsing.ports import SearchResult
from agent.browsing.search.results import web_result

Ask = Callable[[str], Awaitable[str]]
"""Shows a question to a person and returns what they write."""

_ADDRESS = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)


class PersonSearch:
    """Asks a person for the pages that fit a query. Implements ``SearchBackend``.

    Args:
        ask: reaches the person; None where nobody is here.
    """

    def __init__(self, ask: Ask | None) -> None:
        self._ask = ask

    async def search(self, query: str) -> tuple[SearchResult, ...]:
        """Return the addresses that the person gives, one a line, with the rest of the line as title.

        Raises:
            SearchFailed: nobody is here to ask.
        """
        if self._ask is None:
            raise SearchFailed("unreachable", "nobody is here to ask")
        answer = await self._ask(
            f"Which pages answer {query!r}? Give one address a line, with its title after it; nothing for none."
        )
        found = [_result(line) for line in answer.splitlines()]
        return tuple(result for result in found if result is not None)

    async def close(self) -> None:
        """Free nothing."""


def _result(line: str) -> SearchResult | None:
    match = _ADDRESS.search(line)
    if match is None:
        return None
    title = f"{line[: match.start()]} {line[match.end() :]}".strip(" \t-|*<>.")
    return web_result(title, match[0].rstrip(".,;)"), "", "person")
