"""Sends requests whose bodies are bytes already, over the connections of the official client and with its errors.

The client builds each request from options that it copies, merges and validates, which costs as much as sending it and
reading the answer. Address, headers and limits of our requests never change, so they are put together once.
"""

import asyncio
import json
import ssl

import httpx2
import openai


class Poster:
    """Posts to one path of a server.

    Args:
        client: gives address and headers.
        http: the client's own connections, which follow redirects and go through the proxies of the environment.
        path: below the client's base URL.
        timeout: limits of each step of a request.
    """

    def __init__(
        self, client: openai.AsyncOpenAI, http: httpx2.AsyncClient, path: str, timeout: httpx2.Timeout
    ) -> None:
        self._client = client
        self._http = http
        base = client.base_url
        self._url = base.copy_with(raw_path=base.raw_path.rstrip(b"/") + path.encode())
        self._timeout = timeout
        self._headers: httpx2.Headers | None = None

    async def post(self, body: bytes) -> httpx2.Response:
        """Return the whole answer to a request with a body of JSON.

        Raises:
            openai.APIError: as the client itself would: the server cannot be reached, or answers with another status
                than success.
        """
        if self._headers is None:
            # among them is what the system is, for which the client may ask other programs; it then remembers that
            await asyncio.to_thread(lambda: self._client.default_headers)
            self._headers = self._fixed_headers()
        request = httpx2.Request(
            "POST", self._url, headers=self._headers, content=body, extensions={"timeout": self._timeout.as_dict()}
        )
        try:
            response = await self._http.send(request)
        except httpx2.TimeoutException as error:
            raise openai.APITimeoutError(request=request) from error
        except (httpx2.RequestError, ssl.SSLError) as error:
            raise openai.APIConnectionError(request=request) from error
        if not response.is_success:
            raise _status_error(response)
        return response

    def _fixed_headers(self) -> httpx2.Headers:
        client = self._client
        told = {**client.default_headers, **client.auth_headers}
        headers = httpx2.Headers(self._http.headers)
        headers.update({name: value for name, value in told.items() if isinstance(value, str)})
        # what the client tells of each request; that is always the first of its kind, since it repeats none
        headers.update({"x-stainless-retry-count": "0", "x-stainless-read-timeout": str(self._timeout.read)})
        return headers


def _status_error(response: httpx2.Response) -> openai.APIStatusError:
    said = response.text.strip()
    try:
        body = json.loads(said)
        message = f"Error code: {response.status_code} - {body}"
    except (ValueError, RecursionError):
        # no JSON, or brackets within brackets without end: what a server sends is hostile
        body, message = said, said or f"Error code: {response.status_code}"
    kind = openai.NotFoundError if response.status_code == 404 else openai.APIStatusError
    return kind(message, response=response, body=body.get("error", body) if isinstance(body, dict) else body)
