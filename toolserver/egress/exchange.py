"""One request of a sandbox: understood, decided, carried out, told.

Two kinds are served: ``CONNECT``, a tunnel of which we see nothing but its length, and requests in absolute form, which
we make ourselves, with TLS where the address says ``https``. Only in the latter can secrets be put in. Every connection
serves one request, so nothing of one can be mistaken for a part of the next.
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import h11

from toolserver.egress.events import Decision, EgressEvent
from toolserver.egress.policy import Policy, Refused, Resolve
from toolserver.egress.streams import CutOff, Line, Pulse, Tally
from toolserver.hiding import Hider
from toolserver.secrets import references

REFUSAL: Final = "x-plumbline-egress"
"""Header that marks an answer as the proxy's own; it is dropped from what servers answer."""

_HOP_BY_HOP: Final = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    b"upgrade host expect".split()
)


class Exchange:
    """Serves the one request of a connection.

    Args:
        policy: what the sandbox may reach.
        resolve: finds addresses of names.
        tls: how servers are trusted.
        tell: is given the event at the end.
        admit: returns why no further request is taken just now; None when it is.
    """

    def __init__(
        self,
        policy: Policy,
        resolve: Resolve,
        tls: Callable[[], ssl.SSLContext],
        tell: Callable[[EgressEvent], None],
        admit: Callable[[], str | None],
    ) -> None:
        self._policy = policy
        self._limits = policy.limits
        self._resolve = resolve
        self._tls = tls
        self._tell = tell
        self._admit = admit
        self._tally = Tally()
        self._pulse = Pulse(self._limits.idle_seconds)
        self._facts: dict[str, Any] = {}
        self._began = time.monotonic()
        self._answering = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve the request to its end, whatever that is."""
        client = Line(reader, writer, self._pulse)
        try:
            async with asyncio.timeout(self._limits.total_seconds):
                await self._serve(client)
        except Refused as refusal:
            await self._end(client, "refused", str(refusal), refusal.status)
        except CutOff as cut:
            await self._end(client, "failed", str(cut), 504)
        except TimeoutError:
            await self._end(client, "failed", f"not done after {self._limits.total_seconds:g} s", 504)
        except h11.RemoteProtocolError as error:
            await self._end(client, "failed", f"not HTTP: {error}", 502 if self._facts else 400)
        except (OSError, ssl.SSLError, h11.LocalProtocolError) as error:
            await self._end(client, "failed", _why(error, self._facts.get("host", "")), 502)
        except asyncio.CancelledError:
            self._report("failed", "the sandbox was closed")
            raise
        finally:
            client.close()

    async def _serve(self, client: Line) -> None:
        incoming = h11.Connection(h11.SERVER, max_incomplete_event_size=self._limits.header_bytes)
        request = await self._head(incoming, client)
        if request is None:
            return
        if (busy := self._admit()) is not None:
            raise Refused(busy, 429)
        if request.method == b"CONNECT":
            await self._tunnel(incoming, request, client)
        else:
            await self._forward(incoming, request, client)
        # closing drops what was not taken yet
        await client.flush()
        self._report("allowed", "")

    async def _head(self, incoming: h11.Connection, client: Line) -> h11.Request | None:
        """Return the request's head; None when the client left without one."""
        try:
            async with asyncio.timeout(self._limits.head_seconds):
                while (event := incoming.next_event()) is h11.NEED_DATA:
                    incoming.receive_data(await client.read())
        except TimeoutError as error:
            raise Refused(f"the request's head did not arrive within {self._limits.head_seconds:g} s", 408) from error
        self._began = time.monotonic()
        return event if isinstance(event, h11.Request) else None

    async def _tunnel(self, incoming: h11.Connection, request: h11.Request, client: Line) -> None:
        host, _, port = request.target.decode("ascii").rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not host or not port.isdecimal() or len(port) > 5:
            raise Refused("CONNECT needs a host and a port", 400)
        self._facts = {"host": host[:255], "port": int(port), "method": "CONNECT"}
        server = await self._connect(host, int(port), None)
        try:
            self._answering = True
            await client.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            # what came along with the head belongs to the tunnel
            early = incoming.trailing_data[0]
            self._tally.add_sent(len(early), self._limits)
            await server.write(early)
            ways = (
                asyncio.ensure_future(self._pour(client, server, self._tally.add_sent)),
                asyncio.ensure_future(self._pour(server, client, self._tally.add_received)),
            )
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_EXCEPTION)
            finally:
                for way in ways:
                    way.cancel()
                ended = await asyncio.gather(*ways, return_exceptions=True)
            for cut in ended:
                if isinstance(cut, CutOff):
                    raise cut
            # that either side hangs up is how tunnels end
        finally:
            server.close()

    async def _pour(self, source: Line, target: Line, count: Callable[[int, Any], None]) -> None:
        while piece := await source.read():
            count(len(piece), self._limits)
            await target.write(piece)
        target.end()

    async def _forward(self, incoming: h11.Connection, request: h11.Request, client: Line) -> None:
        host, port, encrypted, path = self._understood(request)
        headers, named = self._headers(request, host, encrypted=encrypted)
        hider = Hider(self._policy.values_for(host) if encrypted else ())
        if hider.active:
            # what is compressed could not be searched
            headers = [(name, value) for name, value in headers if name != b"accept-encoding"]
            headers.append((b"accept-encoding", b"identity"))
        outgoing = h11.Connection(h11.CLIENT, max_incomplete_event_size=self._limits.header_bytes)
        shown = f"[{host}]" if ":" in host else host
        default = port == (443 if encrypted else 80)
        head = outgoing.send(
            h11.Request(
                method=request.method,
                target=path,
                headers=[
                    (b"host", f"{shown}{'' if default else f':{port}'}".encode()),
                    *headers,
                    (b"connection", b"close"),
                ],
            )
        )
        server = await self._connect(host, port, self._tls() if encrypted else None)
        self._facts["secrets"] = named
        try:
            await server.write(head)
            sending = asyncio.ensure_future(self._send_body(incoming, outgoing, client, server))
            answer = asyncio.ensure_future(self._pass_answer(incoming, outgoing, client, server, hider))
            try:
                await asyncio.wait({sending, answer}, return_when=asyncio.FIRST_EXCEPTION)
                if sending.done() and not isinstance(sending.exception(), OSError):
                    sending.result()
                await answer  # a server may answer without taking all that is sent
            finally:
                for task in (sending, answer):
                    task.cancel()
                await asyncio.gather(sending, answer, return_exceptions=True)
        finally:
            server.close()

    def _understood(self, request: h11.Request) -> tuple[str, int, bool, bytes]:
        target = request.target.decode("ascii")
        try:
            parts = urlsplit(target)
            port = parts.port
        except ValueError as error:
            raise Refused("the address cannot be read", 400) from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused("this is an HTTP proxy; requests name a whole http:// or https:// address", 400)
        if parts.username is not None or parts.password is not None:
            raise Refused("an address with a user or a password is refused; put a secret into a header", 400)
        encrypted = parts.scheme == "https"
        host, port = parts.hostname, port if port is not None else 443 if encrypted else 80
        self._facts = {
            "host": host[:255],
            "port": port,
            "method": request.method.decode("ascii")[:32],
            "url": f"{parts.scheme}://{parts.netloc}{parts.path}"[:2000],
        }
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return host.removesuffix("."), port, encrypted, path.encode()

    def _headers(
        self, request: h11.Request, host: str, *, encrypted: bool
    ) -> tuple[list[tuple[bytes, bytes]], tuple[str, ...]]:
        """Return the headers to send with their secrets put in, and the secrets' names."""
        kept, named = [], dict[str, None]()
        for name, value in _end_to_end(request.headers):
            text = value.decode("latin-1")
            named.update(dict.fromkeys(references(text)))
            kept.append((name, self._policy.with_secrets(text, host, encrypted=encrypted).encode("latin-1")))
        chunked = any(name == b"transfer-encoding" for name, _ in request.headers)
        return [*kept, *([(b"transfer-encoding", b"chunked")] if chunked else [])], tuple(named)

    async def _send_body(self, incoming: h11.Connection, outgoing: h11.Connection, client: Line, server: Line) -> None:
        while True:
            if incoming.they_are_waiting_for_100_continue:
                await client.write(incoming.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            event = incoming.next_event()
            if event is h11.NEED_DATA:
                incoming.receive_data(await client.read())
            elif isinstance(event, h11.Data):
                self._tally.add_sent(len(event.data), self._limits)
                await server.write(outgoing.send(event) or b"")
            elif isinstance(event, h11.EndOfMessage):
                await server.write(outgoing.send(h11.EndOfMessage()) or b"")
                return
            else:
                raise ConnectionError("the client left in the middle of its request")

    async def _pass_answer(
        self, incoming: h11.Connection, outgoing: h11.Connection, client: Line, server: Line, hider: Hider
    ) -> None:
        while True:
            event = outgoing.next_event()
            if event is h11.NEED_DATA:
                outgoing.receive_data(await server.read())
            elif isinstance(event, h11.Response):
                response = _answered(event, hider)
                self._facts["status"] = event.status_code
                self._answering = True
                await client.write(incoming.send(response) or b"")
            elif isinstance(event, h11.Data):
                self._tally.add_received(len(event.data), self._limits)
                await self._pass_piece(incoming, client, hider.feed(bytes(event.data)))
            elif isinstance(event, h11.EndOfMessage):
                await self._pass_piece(incoming, client, hider.end())
                await client.write(incoming.send(h11.EndOfMessage()) or b"")
                return
            elif not isinstance(event, h11.InformationalResponse):
                raise ConnectionError("the server left without an answer")

    @staticmethod
    async def _pass_piece(incoming: h11.Connection, client: Line, piece: bytes) -> None:
        if piece:
            await client.write(incoming.send(h11.Data(data=piece)) or b"")

    async def _connect(self, host: str, port: int, tls: ssl.SSLContext | None) -> Line:
        """Connect to one of the addresses that were looked at, so that the name cannot mean another in between."""
        try:
            async with asyncio.timeout(self._limits.head_seconds):
                addresses = await self._policy.addresses(host, port, self._resolve)
                name = host.lower().removesuffix(".") if tls is not None else None
                failure: OSError = OSError("the name has no address")
                for address in addresses:
                    try:
                        streams = await asyncio.open_connection(address, port, ssl=tls, server_hostname=name)
                        return Line(*streams, self._pulse)
                    except OSError as error:
                        failure = error
                raise failure
        except TimeoutError as error:
            raise CutOff(f"{host} could not be connected to within {self._limits.head_seconds:g} s") from error

    async def _end(self, client: Line, decision: Decision, reason: str, status: int) -> None:
        self._report(decision, reason)
        if self._answering:
            return  # the client sees that the answer breaks off
        text = f"egress {decision}: {reason}"
        body = f"{text}\n".encode("utf-8", "replace")
        head = f"HTTP/1.1 {status} {_phrase(text)}\r\ncontent-type: text/plain; charset=utf-8\r\n"
        rest = f"content-length: {len(body)}\r\n{REFUSAL}: {decision}\r\nconnection: close\r\n\r\n"
        try:
            await client.write((head + rest).encode() + body)
        except (CutOff, OSError):
            return  # it does not want to know

    def _report(self, decision: Decision, reason: str) -> None:
        event = EgressEvent(
            **self._facts,
            at=datetime.now(UTC),
            decision=decision,
            reason=reason[:500],
            sent=self._tally.sent,
            received=self._tally.received,
            seconds=round(time.monotonic() - self._began, 3),
        )
        self._tell(event)


def _end_to_end(headers: Any) -> list[tuple[bytes, bytes]]:
    """Return the headers that are meant for the other end and not for us."""
    pairs = [(bytes(name).lower(), bytes(value)) for name, value in headers]
    named = {part.strip().lower() for name, value in pairs if name == b"connection" for part in value.split(b",")}
    return [(name, value) for name, value in pairs if name not in _HOP_BY_HOP and name not in named]


def _answered(event: h11.Response, hider: Hider) -> h11.Response:
    """Return a server's answer as the client shall see it."""
    headers = [(name, value) for name, value in _end_to_end(event.headers) if name != REFUSAL.encode()]
    if hider.active:
        encodings = [value.lower() for name, value in headers if name == b"content-encoding"]
        if any(encoding != b"identity" for encoding in encodings):
            raise ConnectionError("the server compressed its answer although it must not where secrets are used")
        # what is hidden changes the length
        headers = [(name, hider.clean(value)) for name, value in headers if name != b"content-length"]
    return h11.Response(
        status_code=event.status_code,
        headers=[*headers, (b"connection", b"close")],
        reason=hider.clean(bytes(event.reason)),
    )


def _why(error: Exception, host: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of {host} is not trusted: {error.verify_message}"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"{host}: {text}" if host else text


def _phrase(text: str) -> str:
    """Return a text as it may stand in a status line, where programs show it."""
    return "".join(character if " " <= character <= "~" else "?" for character in text)[:300]
