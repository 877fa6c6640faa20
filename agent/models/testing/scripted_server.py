"""A scripted OpenAI-compatible server on loopback, for tests and benchmarks.

In a process: ``async with ScriptedServer([say("hello")]) as server: ...`` and point a model at ``server.base_url``.
As a process: ``python -m agent.models.testing.scripted_server --turns 20``, which prints one JSON line with its
``base_url`` and answers with the session of ``benchmark_turns`` until it is terminated.

``GET /stats`` returns counters: requests by path and by SHA-256 of their body, and the server's CPU seconds.
"""

import argparse
import asyncio
import base64
import hashlib
import json
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from agent.domain.messages import Reply, wire_json
from agent.models.testing import benchmark_turns
from agent.models.testing.rendering import completion, pieces
from agent.models.testing.script import (
    Drip,
    Hang,
    NoDone,
    Paced,
    Payload,
    Raw,
    Reset,
    Script,
    Step,
    Truncated,
    error,
)

CHAT = "/v1/chat/completions"


@dataclass(frozen=True)
class Request:
    """A request as it arrived; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body as JSON."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    @property
    def pictures(self) -> list[bytes]:
        """The pictures of a chat, in order, as the model would see them."""
        urls = [
            part["image_url"]["url"]
            for message in self.json["messages"]
            if isinstance(message.get("content"), list)
            for part in message["content"]
            if part["type"] == "image_url"
        ]
        return [base64.b64decode(url.partition(";base64,")[2], validate=True) for url in urls]


class ScriptedServer:
    """Answers chat completions from a script and keeps what it was asked.

    Args:
        script: steps in order, or a function of request and number; None plays a benchmark session.
        models: names that ``GET /v1/models`` lists.
        port: port on 127.0.0.1; 0 lets the system choose.
        latency: seconds before each answer of the benchmark session.
        turns: tool turns of the benchmark session.
        embed: makes the vectors that ``POST /v1/embeddings`` answers with.

    Attributes:
        requests: scripted requests in order of arrival; those of benchmark sessions are only counted.
        by_path: number of requests by path.
        by_digest: number of chat requests by the SHA-256 of their body.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        models: Sequence[str] = ("scripted",),
        port: int = 0,
        latency: float = 0.0,
        turns: int = 20,
        embed: Callable[[str], list[float]] | None = None,
    ) -> None:
        self.embed = embed
        self.requests: list[Request] = []
        self.by_path: Counter[str] = Counter()
        self.by_digest: Counter[str] = Counter()
        self.models = tuple(models)
        self._session = benchmark_turns.Session(latency, turns)
        self._next_step = None if script is None else _stepper(script)
        self._port = port
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._failures: list[BaseException] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None  # noqa: S101 - entered before
        self._server.close()
        for connection in tuple(self._connections):
            connection.close()
        await self._server.wait_closed()
        if self._failures:
            raise self._failures[0]

    @property
    def origin(self) -> str:
        """Address without a path."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """Address for an OpenAI client."""
        return f"{self.origin}/v1"

    def session_url(self, *, latency_ms: int = 0, turns: int = 20) -> str:
        """Return the address, for an OpenAI client, of a benchmark session."""
        return f"{self.origin}/l{latency_ms}/n{turns}/v1"

    def stats(self) -> dict[str, Any]:
        """Return the counters as JSON values."""
        return {
            "requests": self.by_path.total(),
            "by_path": dict(self.by_path),
            "by_digest": dict(self.by_digest),
            "cpu_seconds": time.process_time(),
        }

    def step_for(self, request: Request) -> Step:
        """Return what the script says to a chat request."""
        self.requests.append(request)
        assert self._next_step is not None  # noqa: S101 - only scripted requests come here
        return self._next_step(request.json, len(self.requests) - 1)

    def session_for(self, path: str) -> benchmark_turns.Session | None:
        """Return the benchmark session that a chat path asks for, or None where the script answers."""
        selected = benchmark_turns.session_of(path)
        if selected is not None:
            return selected[0]
        return self._session if self._next_step is None else None

    def opened(self, connection: "_Connection") -> None:
        """Keep a connection, to close it with the server."""
        self._connections.add(connection)

    def closed(self, connection: "_Connection") -> None:
        """Forget a connection."""
        self._connections.discard(connection)

    def failed(self, failure: BaseException) -> None:
        """Keep an error of the script itself; leaving the server's context raises it."""
        self._failures.append(failure)


def _stepper(script: Script) -> Callable[[dict[str, Any], int], Step]:
    if callable(script):
        return script
    steps = tuple(script)

    def step(_: dict[str, Any], index: int) -> Step:
        if index < len(steps):
            return steps[index]
        return error(400, f"the script has {len(steps)} steps, and request {index + 1} arrived")

    return step


class _Connection(asyncio.Protocol):
    """One connection: splits bytes into requests and answers them one after another."""

    def __init__(self, server: ScriptedServer) -> None:
        self._server = server
        self._transport: asyncio.Transport
        self._buffer = bytearray()
        self._busy: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP
        self._transport = transport
        self._server.opened(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._server.closed(self)
        if self._busy is not None:
            self._busy.cancel()

    def close(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._busy is None:
            self._serve_next()

    def _serve_next(self) -> None:
        while self._busy is None and (request := _take_request(self._buffer)) is not None:
            self._answer(request)

    def _answer(self, request: Request) -> None:
        server = self._server
        server.by_path[request.path] += 1
        if not request.path.endswith(CHAT):
            self._transport.write(_other_answer(server, request))
            return
        server.by_digest[hashlib.sha256(request.body).hexdigest()] += 1
        session = server.session_for(request.path)
        if session is None:
            self._run(self._play(request))
            return
        stream = b'"stream":true' in request.body
        turn = benchmark_turns.turn_of(request.body)
        answer = benchmark_turns.answer(turn, session.turns, stream=stream, ends_by=session.ends_by)
        if session.latency:
            asyncio.get_running_loop().call_later(session.latency, self._transport.write, answer)
        else:
            self._transport.write(answer)

    def _run(self, work: Any) -> None:
        self._busy = asyncio.get_running_loop().create_task(work)
        self._busy.add_done_callback(self._played)

    def _played(self, task: asyncio.Task[None]) -> None:
        self._busy = None
        if task.cancelled():
            return
        if (failure := task.exception()) is not None:
            self._server.failed(failure)
            self._transport.abort()
            return
        self._serve_next()

    async def _play(self, request: Request) -> None:
        step = self._server.step_for(request)
        stream = bool(request.json.get("stream"))
        match step:
            case Reply() | Paced() | NoDone() | Truncated() if stream:
                await self._stream(step)
            case Reply():
                self._transport.write(_json_answer(completion(step)))
            case Paced(reply, first):
                await asyncio.sleep(first + step.writing)
                self._transport.write(_json_answer(completion(reply)))
            case NoDone(reply):
                self._transport.write(_json_answer(completion(reply)))
            case Truncated(reply, share):
                answer = _json_answer(completion(reply))
                self._transport.write(answer[: int(len(answer) * share)])
                self._transport.close()
            case Payload(value, status, headers):
                self._transport.write(_json_answer(value, status, headers))
            case Raw(body, status, content_type):
                self._transport.write(_answer(body, status, content_type))
            case Drip(reply, seconds):
                await self._drip(reply, seconds, stream=stream)
            case Hang():
                await asyncio.Event().wait()
            case Reset():
                _reset(self._transport)

    async def _stream(self, step: Reply | Paced | NoDone | Truncated) -> None:
        reply = step if isinstance(step, Reply) else step.reply
        events = list(pieces(reply, ending=not isinstance(step, NoDone)))
        pause = step.between + step.writing / len(events) if isinstance(step, Paced) else 0.0
        if isinstance(step, Paced):
            await asyncio.sleep(step.first)
        if isinstance(step, Truncated):
            events = events[: int(len(events) * step.share)]
        self._transport.write(_head("text/event-stream", {"Transfer-Encoding": "chunked"}))
        for event in events:
            self._transport.write(_chunk(event))
            if pause:
                await asyncio.sleep(pause)
        if isinstance(step, Truncated) and step.abrupt:
            self._transport.close()
        else:
            self._transport.write(_chunk(b""))

    async def _drip(self, reply: Reply, seconds: float, *, stream: bool) -> None:
        body = b"".join(pieces(reply)) if stream else wire_json(completion(reply))
        kind = "text/event-stream" if stream else "application/json"
        self._transport.write(_head(kind, {"Content-Length": str(len(body))}))
        for byte in body:
            self._transport.write(bytes((byte,)))
            await asyncio.sleep(seconds)


def _take_request(buffer: bytearray) -> Request | None:
    """Cut one whole request off the front of a buffer, or return None if it has not arrived yet."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    first, *lines = buffer[:end].decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", 0))
    if len(buffer) < end + 4 + length:
        return None
    body = bytes(buffer[end + 4 : end + 4 + length])
    del buffer[: end + 4 + length]
    method, path, _ = first.split(" ", 2)
    return Request(method, path, headers, body)


def _other_answer(server: ScriptedServer, request: Request) -> bytes:
    if request.path == "/stats":
        return _json_answer(server.stats())
    if request.path.endswith("/v1/embeddings") and server.embed is not None:
        vectors = [{"index": n, "embedding": server.embed(text)} for n, text in enumerate(request.json["input"])]
        return _json_answer({"object": "list", "data": vectors, "model": request.json["model"]})
    if request.path.endswith("/v1/models"):
        return _json_answer({"object": "list", "data": [{"id": name, "object": "model"} for name in server.models]})
    return _json_answer({"error": {"message": f"there is no {request.path}"}}, 404)


def _head(content_type: str, headers: Mapping[str, str], status: int = 200) -> bytes:
    return "".join(_head_lines(content_type, headers, status)).encode("latin-1")


def _head_lines(content_type: str, headers: Mapping[str, str], status: int) -> Iterator[str]:
    yield f"HTTP/1.1 {status} Scripted\r\nContent-Type: {content_type}\r\n"
    for name, value in headers.items():
        yield f"{name}: {value}\r\n"
    yield "\r\n"


def _answer(body: bytes, status: int, content_type: str, headers: Mapping[str, str] | None = None) -> bytes:
    return _head(content_type, {**(headers or {}), "Content-Length": str(len(body))}, status) + body


def _json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    return _answer(wire_json(value), status, "application/json", headers)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _reset(transport: asyncio.Transport) -> None:
    connection: socket.socket = transport.get_extra_info("socket")
    # a linger time of zero makes the system send RST instead of FIN
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _serve(server: ScriptedServer) -> None:
    async with server:
        sys.stdout.write(json.dumps({"base_url": server.base_url}) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Serve the benchmark session until the process is terminated."""
    parser = argparse.ArgumentParser(description="Scripted OpenAI-compatible server on loopback")
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose")
    parser.add_argument("--latency-ms", type=int, default=0, help="time before each answer")
    parser.add_argument("--turns", type=int, default=20, help="tool calls before the final answer")
    chosen = parser.parse_args()
    server = ScriptedServer(port=chosen.port, latency=chosen.latency_ms / 1000, turns=chosen.turns)
    try:
        asyncio.run(_serve(server))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
