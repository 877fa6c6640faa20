"""The proxy: what it passes on, what it refuses, and that neither floods nor slow clients stop it."""

import asyncio
import socket
from pathlib import Path

import pytest

from tests.toolserver.asking import eventually
from tests.toolserver.proxying import answering, certificate, door, echo, got, said, served
from toolserver.egress.profiles import EgressLimits, HostRule
from toolserver.hiding import Hider
from toolserver.secrets import Secret

CANARY = "canary-9b1c44e07d"
HELLO = answering(b"hello")


def here(port: int, host: str = "127.0.0.1") -> HostRule:
    return HostRule(host=host, ports=(port,), private=True)


async def to_loopback(_name: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


async def test_a_request_in_absolute_form_is_made_for_the_sandbox(tmp_path: Path) -> None:
    async with served(echo) as port, door(tmp_path, here(port)) as (path, told):
        status, answer = await got(path, f"http://127.0.0.1:{port}/a?b=secret", "proxy-authorization: x", "x-own: kept")

    assert status == 200
    assert b"GET /a?b=secret HTTP/1.1" in answer
    assert f"host: 127.0.0.1:{port}".encode() in answer
    assert b"x-own: kept" in answer
    assert b"ignored.example" not in answer
    assert b"proxy-authorization" not in answer
    assert [(event.decision, event.method, event.status) for event in told] == [("allowed", "GET", 200)]
    assert told[0].url == f"http://127.0.0.1:{port}/a"
    assert told[0].received > 0


async def test_a_body_is_passed_on(tmp_path: Path) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(300_000)
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n" + body[-3:] + b"\r\n0\r\n\r\n")
        await writer.drain()

    async with served(handle) as port, door(tmp_path, here(port)) as (path, told):
        status, answer = await got(path, f"http://127.0.0.1:{port}/", method="POST", body=b"x" * 299_997 + b"end")

    assert status == 200
    assert b"end" in answer
    assert told[0].sent == 300_000


async def test_a_tunnel_carries_bytes_both_ways(tmp_path: Path) -> None:
    async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readline()).upper())
        await writer.drain()

    async with served(shout) as port, door(tmp_path, here(port)) as (path, told):
        answer = await said(path, f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nhost: x\r\n\r\nearly words\n".encode())
        await eventually(lambda: told)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"EARLY WORDS\n")
    assert (told[0].method, told[0].sent, told[0].received, told[0].url) == ("CONNECT", 12, 12, None)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/", "http://2130706433:{port}/"]
)
async def test_19_a_server_of_this_machine_is_refused_without_the_users_word(tmp_path: Path, url: str) -> None:
    hosts = ("127.0.0.1", "localhost", "::1", "2130706433")
    async with served(HELLO) as port:
        rules = (HostRule(host=host, ports=(port,)) for host in hosts)
        async with door(tmp_path, *rules) as (path, told):
            status, answer = await got(path, url.format(port=port))
            tunnel = await said(path, f"CONNECT {url.format(port=port)[7:-1]} HTTP/1.1\r\nhost: x\r\n\r\n".encode())

    assert status == 403
    assert tunnel.startswith(b"HTTP/1.1 403 egress refused: ")
    assert b"hello" not in answer + tunnel
    assert [event.decision for event in told] == ["refused", "refused"]


async def test_19_a_name_that_changes_its_address_is_connected_to_as_it_was_looked_at(tmp_path: Path) -> None:
    """Rebinding: every look-up after the first gives an inner address, and is not used."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])

    async def rebinding(_name: str, _port: int) -> list[str]:
        return next(answers)

    async with served(HELLO) as port, door(tmp_path, here(port, "swing.example"), resolve=rebinding) as (path, _):
        first, _ = await got(path, f"http://swing.example:{port}/")
        second, answer = await got(path, f"http://swing.example:{port}/")

    assert (first, second) == (200, 403)
    assert b"metadata" in answer


async def test_a_refusal_names_its_reason_where_programs_show_it(tmp_path: Path) -> None:
    async with door(tmp_path, HostRule(host="api.example.org")) as (path, _):
        answer = await said(path, b"CONNECT evil.example:443 HTTP/1.1\r\nhost: x\r\n\r\n")

    expected = b"egress refused: evil.example is not allowed; only these hosts are: api.example.org"
    assert answer.startswith(b"HTTP/1.1 403 " + expected)
    assert answer.endswith(expected + b"\n")


async def test_a_server_cannot_answer_as_if_it_were_the_proxy(tmp_path: Path) -> None:
    handler = answering(b"no", "X-Plumbline-Egress: refused", status="403 Forbidden")
    async with served(handler) as port, door(tmp_path, here(port)) as (path, _):
        _, answer = await got(path, f"http://127.0.0.1:{port}/")

    assert b"plumbline" not in answer.lower()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
        b"GET ftp://a.example/ HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET http://a.example:99999/ HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET http://user:word@a.example/ HTTP/1.1\r\nhost: a\r\n\r\n",
        b"CONNECT a.example HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET http://a.example/ HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"GET http://a.example/ HTTP/1.1\r\nhost: a\r\nlong: " + b"x" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_proper_request_is_refused_at_once(tmp_path: Path, request_bytes: bytes) -> None:
    async with door(tmp_path, HostRule(host="a.example")) as (path, _):
        answer = await said(path, request_bytes)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize("tunnelled", [False, True])
async def test_a_client_that_reads_late_gets_the_end_of_the_answer_too(tmp_path: Path, *, tunnelled: bool) -> None:
    loop = asyncio.get_running_loop()

    async def late(path: Path, port: int, size: int) -> int:
        with socket.socket(socket.AF_UNIX) as client:
            client.setblocking(False)
            await loop.sock_connect(client, str(path))
            if tunnelled:
                await loop.sock_sendall(client, f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
                await loop.sock_recv(client, 1000)
            await loop.sock_sendall(client, f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\nhost: a\r\n\r\n".encode())
            await asyncio.sleep(0.2)
            arrived = bytearray()
            while piece := await loop.sock_recv(client, 10_000):
                arrived += piece
                if len(arrived.partition(b"\r\n\r\n")[2]) >= size:
                    break
        return len(arrived.partition(b"\r\n\r\n")[2])

    # somewhere among these the end is what the system has not taken from the proxy yet
    for size in range(150_000, 330_000, 20_000):
        async with served(answering(bytes(size))) as port, door(tmp_path, here(port)) as (path, _):
            assert await late(path, port, size) == size


async def test_an_answer_that_is_too_large_is_cut_off(tmp_path: Path) -> None:
    limits = EgressLimits(response_bytes=1000, request_bytes=1000)
    async with served(answering(b"x" * 5000)) as port, door(tmp_path, here(port), limits=limits) as (path, told):
        _, answer = await got(path, f"http://127.0.0.1:{port}/")
        status, _ = await got(path, f"http://127.0.0.1:{port}/", method="POST", body=b"x" * 5000)

    assert len(answer) < 5000
    assert "larger than the 1,000 bytes" in told[0].reason
    assert {event.decision for event in told} == {"failed"}
    assert status in (200, 504)


async def test_a_flood_of_connections_does_not_keep_others_out(tmp_path: Path) -> None:
    limits = EgressLimits(connections=5, head_seconds=1)
    async with served(HELLO) as port, door(tmp_path, here(port), limits=limits) as (path, told):
        flood = [await asyncio.open_unix_connection(path) for _ in range(60)]
        await asyncio.sleep(0.2)
        turned_away = await asyncio.gather(*(reader.read(200) for reader, _ in flood[5:]), return_exceptions=True)
        # each of the five that got in is dropped when its head has not come in time
        await asyncio.gather(*(reader.read() for reader, _ in flood[:5]))
        status, _ = await got(path, f"http://127.0.0.1:{port}/")
        for _, writer in flood:
            writer.close()

    assert status == 200
    assert all(answer == b"" or b" 503 " in answer for answer in turned_away if isinstance(answer, bytes))
    assert sum("connections at once" in event.reason for event in told) == 1


async def test_a_flood_of_requests_is_slowed_and_told_once(tmp_path: Path) -> None:
    limits = EgressLimits(requests_per_second=0.001, burst=3)
    async with served(HELLO) as port, door(tmp_path, here(port), limits=limits) as (path, told):
        statuses = [(await got(path, f"http://127.0.0.1:{port}/"))[0] for _ in range(8)]

    assert statuses == [200] * 3 + [429] * 5
    assert len(told) == 4


async def test_a_client_that_sends_its_head_slowly_is_dropped(tmp_path: Path) -> None:
    async with door(tmp_path, HostRule(host="a.example"), limits=EgressLimits(head_seconds=0.5)) as (path, _):
        reader, writer = await asyncio.open_unix_connection(path)
        answer = asyncio.ensure_future(reader.read())
        async with asyncio.timeout(60):
            while not answer.done():
                writer.write(b"G")
                await asyncio.sleep(0.05)
        writer.close()

    assert b"408" in answer.result()


async def test_a_server_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with (
        served(silent) as port,
        door(tmp_path, here(port), limits=EgressLimits(idle_seconds=0.5)) as (path, told),
    ):
        status, answer = await got(path, f"http://127.0.0.1:{port}/")

    assert status == 504
    assert b"nothing was received for 0.5 s" in answer
    assert told[0].decision == "failed"


async def test_a_client_that_takes_nothing_is_given_up(tmp_path: Path) -> None:
    limits = EgressLimits(idle_seconds=0.5)
    async with (
        served(answering(b"x" * 20_000_000)) as port,
        door(tmp_path, here(port), limits=limits) as (path, told),
    ):
        _, writer = await asyncio.open_unix_connection(path, limit=1024)
        writer.write(f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\nhost: a\r\n\r\n".encode())
        await eventually(lambda: told)
        writer.close()

    assert "nothing was taken" in told[0].reason


async def test_a_long_download_through_a_tunnel_is_not_idle(tmp_path: Path) -> None:
    async def slowly(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(11):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.2)

    limits = EgressLimits(idle_seconds=2)
    async with served(slowly) as port, door(tmp_path, here(port), limits=limits) as (path, told):
        answer = await said(path, f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        await eventually(lambda: told)

    assert answer.endswith(b"x" * 11)
    assert told[0].decision == "allowed"


async def test_a_secret_is_put_in_for_its_host_and_kept_out_of_all_that_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    seen = []
    server, client, _ = certificate(tmp_path)

    async def remember(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head)
        reader.feed_data(head)
        await echo(reader, writer)

    secrets = {"KEY": Secret(env="CANARY", hosts=("secure.example",))}
    async with (
        served(remember, server) as port,
        door(tmp_path, here(port, "secure.example"), resolve=to_loopback, secrets=secrets, tls=client) as (path, told),
    ):
        status, answer = await got(path, f"https://secure.example:{port}/", "authorization: Bearer {secret:KEY}")

    assert status == 200
    assert f"authorization: Bearer {CANARY}".encode() in seen[0]
    assert CANARY.encode() not in answer
    assert answer.count(b"Bearer [redacted]") == 2
    assert told[0].secrets == ("KEY",)
    assert CANARY not in told[0].model_dump_json()


@pytest.mark.parametrize(
    ("url", "header", "reason"),
    [
        ("https://other.example/", "{secret:KEY}", "may not be sent to other.example"),
        ("http://secure.example/", "{secret:KEY}", "over https only"),
        ("https://secure.example/", "{secret:NONE}", "no secret NONE; the secrets are: KEY"),
        ("https://secure.example/", "{secret:MCP}", "MCP may not be used by http"),
    ],
)
async def test_a_secret_goes_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, header: str, reason: str
) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    secrets = {
        "KEY": Secret(env="CANARY", hosts=("secure.example",)),
        "MCP": Secret(env="CANARY", hosts=("secure.example",), tools=("mcp",)),
    }
    rules = (HostRule(host="secure.example"), HostRule(host="other.example"))
    async with door(tmp_path, *rules, resolve=to_loopback, secrets=secrets) as (path, told):
        status, answer = await got(path, url, f"x-key: {header}")

    assert status == 403
    assert reason in answer.decode()
    assert told[0].decision == "refused"


async def test_a_certificate_for_another_name_is_not_trusted(tmp_path: Path) -> None:
    server, client, _ = certificate(tmp_path, "another.example")
    async with (
        served(HELLO, server) as port,
        door(tmp_path, here(port, "secure.example"), resolve=to_loopback, tls=client) as (path, _),
    ):
        status, answer = await got(path, f"https://secure.example:{port}/")

    assert status == 502
    assert b"not trusted" in answer
    assert b"hello" not in answer


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_a_secret_is_hidden_wherever_the_pieces_end(size: int) -> None:
    text = b"before " + CANARY.encode() + b" " + CANARY.encode() + CANARY.encode() + b" after " + CANARY.encode()[:-1]
    hider = Hider([CANARY])

    clean = b"".join(hider.feed(text[start : start + size]) for start in range(0, len(text), size)) + hider.end()

    assert clean == b"before [redacted] [redacted][redacted] after " + CANARY.encode()[:-1]


async def test_a_socket_that_another_manager_has_put_in_place_is_left_alone(tmp_path: Path) -> None:
    async with door(tmp_path, HostRule(host="a.example")), door(tmp_path, HostRule(host="b.example")) as (path, _):
        pass
    async with door(tmp_path, HostRule(host="a.example")) as (path, _):
        path.unlink()
        path.symlink_to(tmp_path / "elsewhere")

    assert path.is_symlink()
