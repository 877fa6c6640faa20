"""A search service for tests: it speaks the languages of SearXNG, Brave and Tavily over real sockets."""

import asyncio
import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import h11

_LARGEST_REQUEST = 1024 * 1024


@dataclass(frozen=True)
class Found:
    """A page that the server finds."""

    title: str
    url: str
    snippet: str = ""


@dataclass(frozen=True)
class SearchRequest:
    """What was asked for. ``fields`` are the query's parameters or the body's."""

    method: str
    path: str
    headers: Mapping[str, str]
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """An answer that is given whatever is asked for.

    Attributes:
        body: JSON, or bytes that are sent as they are.
        delay: seconds before it.
        closes: end the connection instead of answering.
    """

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    closes: bool = False


class FakeSearchServer:
    """Answers on a port of loopback, from the ``async with`` on.

    SearXNG is asked by ``GET /search``, Tavily by ``POST /search``, Brave by ``GET /web/search``.

    Attributes:
        pages: what every search finds.
        key: what Brave's and Tavily's requests must carry; None takes any.
        formats: what SearXNG may answer in, as its ``search.formats`` says.
        unresponsive: its engines that did not answer, with the reason.
        script: answers that come before all others, in order.
        requests: what was asked for, in order.
        asked: set when a request has come.
    """

    def __init__(self, pages: Iterable[Found] = (), *, key: str | None = None, script: Iterable[Answer] = ()) -> None:
        self.pages = list(pages)
        self.key = key
        self.formats = ["html", "json"]
        self.unresponsive: list[tuple[str, str]] = []
        self.script = list(script)
        self.requests: list[SearchRequest] = []
        self.asked = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    @property
    def url(self) -> str:
        """The server's address."""
        if self._server is None:
            raise RuntimeError("the server has not been started; use it with 'async with'")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def answer(self, request: SearchRequest) -> Answer:
        """Return the answer to a request, as the service that it is meant for would give it."""
        if self.script:
            return self.script.pop(0)
        match request.method, request.path:
            case "GET", "/search":
                return self._searxng(request)
            case "POST", "/search":
                return self._tavily(request)
            case "GET", "/web/search":
                return self._brave(request)
        return Answer(404, {"error": "Not Found"})

    def _searxng(self, request: SearchRequest) -> Answer:
        if request.fields.get("format") not in self.formats:
            return Answer(403, b"<!doctype html><title>403 Forbidden</title>")
        results = [
            {"url": page.url, "title": page.title, "content": page.snippet, "engine": "fake", "score": 1.0}
            for page in self.pages
        ]
        return Answer(
            body={
                "query": request.fields.get("q"),
                "number_of_results": 0,
                "results": results,
                "answers": [],
                "unresponsive_engines": [list(pair) for pair in self.unresponsive],
            }
        )

    def _brave(self, request: SearchRequest) -> Answer:
        if self.key is not None and request.headers.get("x-subscription-token") != self.key:
            return Answer(401, {"type": "ErrorResponse", "error": {"code": "SUBSCRIPTION_TOKEN_INVALID"}})
        query = str(request.fields.get("q", ""))
        if not query or len(query) > 400 or len(query.split()) > 50 or int(request.fields.get("count", 20)) > 20:
            return Answer(422, {"type": "ErrorResponse", "error": {"code": "VALIDATION"}})
        results = [
            {"type": "search_result", "title": page.title, "url": page.url, "description": page.snippet}
            for page in self.pages
        ]
        # a search without results has no part "web"
        found = {"web": {"type": "search", "results": results}} if results else {}
        return Answer(body={"type": "search", "query": {"original": query}, **found})

    def _tavily(self, request: SearchRequest) -> Answer:
        if self.key is not None and request.headers.get("authorization") != f"Bearer {self.key}":
            return Answer(401, {"detail": {"error": "Unauthorized: missing or invalid API key."}})
        query = str(request.fields.get("query", ""))
        if not query or len(query) > 400 or not 0 <= request.fields.get("max_results", 5) <= 20:
            return Answer(400, {"detail": {"error": "Invalid request"}})
        results = [
            {"title": page.title, "url": page.url, "content": page.snippet, "score": 0.5, "raw_content": None}
            for page in self.pages
        ]
        return Answer(body={"query": query, "answer": None, "images": [], "results": results, "response_time": 0.1})

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_LARGEST_REQUEST)
        try:
            while (request := await _request(connection, reader)) is not None:
                self.requests.append(request)
                self.asked.set()
                answer = self.answer(request)
                await asyncio.sleep(answer.delay)
                if answer.closes:
                    return
                await _send(connection, writer, answer)
                if connection.our_state is not h11.DONE:
                    return
                connection.start_next_cycle()
        except (ConnectionError, h11.ProtocolError):
            # the client has gone, or is none
            return
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


async def _request(connection: h11.Connection, reader: asyncio.StreamReader) -> SearchRequest | None:
    head: h11.Request | None = None
    body = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            parts = urlsplit(head.target.decode())
            given = json.loads(body) if body else {name: value[-1] for name, value in parse_qs(parts.query).items()}
            headers = {name.decode().lower(): value.decode() for name, value in head.headers}
            return SearchRequest(head.method.decode(), parts.path, headers, given)
        else:
            return None


async def _send(connection: h11.Connection, writer: asyncio.StreamWriter, answer: Answer) -> None:
    body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **answer.headers}
    head = h11.Response(status_code=answer.status, headers=list(headers.items()))
    for event in (head, h11.Data(data=body), h11.EndOfMessage()):
        writer.write(connection.send(event) or b"")
    await writer.drain()
