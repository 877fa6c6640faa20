"""Search services that answer a request with JSON."""

import asyncio
import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from agent.browsing.errors import SearchFailed

LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes, after decompression; a longer answer is no list of results."""
LONGEST_QUERY = 400
"""Characters; the shortest limit among the services."""
MOST_WORDS = 50


class JsonService:
    """Asks a search service. Redirects are not followed, since the key would go along.

    Args:
        name: of the backend, for messages.
        base_url: the service's address.
        seconds: longest time for an answer as a whole.
        headers: sent with every request; what they hold is never part of a message.
    """

    def __init__(self, name: str, base_url: str, *, seconds: float, headers: dict[str, str] | None = None) -> None:
        self._name = name
        self._base_url = base_url
        self._seconds = seconds
        self._headers = {"Accept": "application/json", **(headers or {})}
        self._client: httpx2.AsyncClient | None = None

    async def close(self) -> None:
        """Close all connections; the service may be asked again afterwards."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def get(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        """Ask by GET; see ``post``."""
        return await self._ask("GET", path, params=params)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask by POST and return the answer, which is a JSON object.

        Raises:
            SearchFailed: there is no such answer; ``status`` where the service refuses us, with its number in the
                message.
        """
        return await self._ask("POST", path, json=body)

    async def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        if self._client is None:
            self._client = httpx2.AsyncClient(headers=self._headers, timeout=self._seconds)
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._client.stream(method, f"{self._base_url}{path}", **request) as response,
            ):
                if response.status_code != 200:
                    raise self._refusal(response)
                return self._parsed(await self._body(response))
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise SearchFailed("timeout", f"no answer within {self._seconds:g} s") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise SearchFailed("unreachable", f"{self._base_url} cannot be reached: {_reason(error)}") from error

    async def _body(self, response: httpx2.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise SearchFailed("too_large", f"the answer has more than {LARGEST_ANSWER // 1024**2} MiB")
        return bytes(body)

    def _parsed(self, body: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise SearchFailed(
                "status", f"the answer is no JSON; check that {self._base_url} is a {self._name} service"
            ) from error
        if not isinstance(answer, dict):
            raise SearchFailed("status", f"the answer is no JSON object; check that {self._base_url} is the service")
        return answer

    def _refusal(self, response: httpx2.Response) -> SearchFailed:
        status = response.status_code
        if status in (202, 429):
            return SearchFailed("rate_limited", f"rate-limited ({status})", retry_after=retry_after(response))
        if status in (401, 403):
            return RefusedByService(status, f"refused ({status}); check the key")
        if status >= 500:
            rest = retry_after(response) if status == 503 else None
            return SearchFailed(
                "unreachable" if rest is None else "rate_limited", f"the service failed ({status})", retry_after=rest
            )
        return RefusedByService(status, f"the request was refused ({status})")


class RefusedByService(SearchFailed):
    """A service refused a request, and repeating it is of no use. ``status`` is its HTTP status."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__("status", detail)
        self.status = status


def short_query(query: str) -> str:
    """Return a query without line breaks and within the limits of services: ``LONGEST_QUERY`` and ``MOST_WORDS``.

    It is cut between words where it has any.
    """
    words = query.split()[:MOST_WORDS]
    text = " ".join(words)
    if len(text) <= LONGEST_QUERY:
        return text
    cut = text[: LONGEST_QUERY + 1]
    return (cut.rpartition(" ")[0] or cut)[:LONGEST_QUERY]


def listed(answer: Any, *path: str) -> list[dict[str, Any]]:
    """Return the objects of a list inside an answer; what is not as documented is left out."""
    for name in path:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return [item for item in answer if isinstance(item, dict)] if isinstance(answer, list) else []


def retry_after(response: httpx2.Response) -> float | None:
    """Return how long a service is not to be asked again: by ``Retry-After``, else by ``X-RateLimit-Reset``.

    The latter, which Brave sends, lists a reset for each window; those of exhausted windows count.
    """
    text = response.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text[:9])
    if text:
        try:
            when = parsedate_to_datetime(text)
        except ValueError:
            return None
        return max((when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.0)
    resets = _numbers(response.headers.get("X-RateLimit-Reset", ""))
    left = _numbers(response.headers.get("X-RateLimit-Remaining", ""))
    if resets and len(left) == len(resets):
        resets = [reset for reset, remaining in zip(resets, left, strict=True) if remaining <= 0] or resets[:1]
    return max(resets) if resets else None


def _numbers(text: str) -> list[float]:
    parts = [part.strip() for part in text.split(",")]
    return [float(part) for part in parts] if all(part.isdecimal() and len(part) < 10 for part in parts) else []


def _reason(error: Exception) -> str:
    """Return the cause of a failure in a few words; messages of the library may have several lines."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200] or type(error).__name__
