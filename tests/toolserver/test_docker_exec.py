"""A node that is reached through the engine, where no socket can be shared: on a real engine, also over TCP."""

import asyncio
import contextlib
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import docker
import pytest

from tests.toolserver.asking import ask, shell, under_way
from tests.toolserver.test_docker import containers
from toolserver.client import DockerSandbox, Sandbox, SandboxLost, SandboxUnavailable, open_sandbox
from toolserver.node import relay
from toolserver.protocol import RELAY_GREETING

THROUGH_ENGINE = DockerSandbox(control="exec", testing=True)


@asynccontextmanager
async def engine_over_tcp(
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[tuple[str, list[asyncio.StreamWriter]]]:
    """Give the address of a relay on the loopback interface that leads to the engine, and its connections."""
    connections: list[asyncio.StreamWriter] = []
    serving: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        serving.add(task)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        engine_reader, engine_writer = await asyncio.open_unix_connection("/var/run/docker.sock")
        connections.extend((writer, engine_writer))
        await asyncio.gather(_pass_on(reader, engine_writer), _pass_on(engine_reader, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", connections
    finally:
        server.close()
        for writer in connections:
            # one that is gone cannot be ended again, behind TLS in early versions of Python 3.11
            if not writer.is_closing():
                writer.transport.abort()
        await asyncio.gather(*serving)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        if writer.can_write_eof():
            writer.write_eof()
        else:
            writer.close()


def _certificates(folder: Path) -> None:
    """Make a certificate that is its own authority, for both sides."""
    made = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost")
    names = ("-addext", "subjectAltName=IP:127.0.0.1")
    files = ("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"))
    subprocess.run(["openssl", "req", *made, *names, *files], check=True, capture_output=True)
    (folder / "ca.pem").write_bytes((folder / "cert.pem").read_bytes())


@pytest.fixture
async def through_engine(engine_ready: None, new_id: str, tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A container that is reached through the engine."""
    opened = await open_sandbox(THROUGH_ENGINE, new_id, state_dir=tmp_path)
    yield opened
    await opened.close()


def test_both_sides_know_the_same_greeting() -> None:
    assert relay.GREETING == RELAY_GREETING


@pytest.mark.docker
async def test_calls_and_files_pass_through_the_engine(through_engine: Sandbox) -> None:
    large = bytes(range(256)) * 20_000
    await through_engine.upload("large", large)
    several = await asyncio.gather(*(shell(through_engine, f"sleep 0.1; echo {i}") for i in range(8)))

    assert await through_engine.download("large", max_bytes=len(large)) == large
    assert [one["stdout"] for one in several] == [f"{i}\n" for i in range(8)]


@pytest.mark.docker
async def test_nothing_of_the_host_is_mounted(through_engine: Sandbox, new_id: str) -> None:
    mounts = containers(new_id)[0].attrs["Mounts"]
    socket = await shell(through_engine, "stat -c '%a %U' /run/plumbline; touch /run/plumbline/x && echo own")

    assert [mount["Type"] for mount in mounts] == ["volume"]
    assert socket["stdout"].splitlines()[0] == "700 sandbox"


@pytest.mark.docker
async def test_a_broken_connection_does_not_run_a_call_twice(through_engine: Sandbox) -> None:
    running = asyncio.ensure_future(through_engine.call("once", "counter", {"seconds": 1.5}))
    await under_way(through_engine, "once")
    await through_engine.detach()
    first = await running
    again = await through_engine.call("once", "counter", {"seconds": 1.5})

    assert (first.text, again.text) == ("1", "1")
    assert await through_engine.download("counter", max_bytes=10) == b"1"


@pytest.mark.docker
async def test_a_call_can_be_cancelled(through_engine: Sandbox) -> None:
    command = {"command": "exec -a canary-exec sleep 600"}
    running = asyncio.ensure_future(through_engine.call("endless", "shell", command))
    await under_way(through_engine, "endless")
    await through_engine.cancel("endless")

    assert (await running).error == "cancelled"
    assert (await shell(through_engine, "pgrep -fc 'canary-[e]xec'"))["stdout"] == "0\n"


@pytest.mark.docker
async def test_a_connection_that_is_left_leaves_no_relay(through_engine: Sandbox) -> None:
    for _ in range(3):
        await ask(through_engine, "health")
        await through_engine.detach()
    async with asyncio.timeout(60):
        while (await shell(through_engine, "pgrep -fc 'node/[r]elay.py'"))["stdout"] != "1\n":  # noqa: ASYNC110 - relays set no events
            await asyncio.sleep(0.1)


@pytest.mark.docker
async def test_a_dead_container_is_told_and_replaced_on_its_files(
    engine_ready: None, new_id: str, tmp_path: Path
) -> None:
    first = await open_sandbox(THROUGH_ENGINE, new_id, state_dir=tmp_path)
    await first.call("done", "counter", {})
    containers(new_id)[0].kill()
    with pytest.raises(SandboxLost):
        await first.call("next", "counter", {})

    async with await open_sandbox(THROUGH_ENGINE, new_id, state_dir=tmp_path) as second:
        assert (await second.call("done", "counter", {})).text == "1"


@pytest.mark.docker
async def test_a_left_container_is_adopted(engine_ready: None, new_id: str, tmp_path: Path) -> None:
    first = await open_sandbox(THROUGH_ENGINE, new_id, state_dir=tmp_path)
    before = containers(new_id)[0].id
    await first.detach()

    async with await open_sandbox(THROUGH_ENGINE, new_id, state_dir=tmp_path) as second:
        assert (await second.call("one", "counter", {})).text == "1"
        assert containers(new_id)[0].id == before


@pytest.mark.docker
async def test_an_engine_behind_tcp_runs_calls_once_and_cancels_them(
    engine_ready: None, new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engine_over_tcp() as (address, connections):
        monkeypatch.setenv("DOCKER_HOST", address)
        async with await open_sandbox(DockerSandbox(testing=True), new_id, state_dir=tmp_path) as sandbox:
            assert "weaker than a disk of its own" in sandbox.description.isolation
            running = asyncio.ensure_future(sandbox.call("once", "counter", {"seconds": 2}))
            await under_way(sandbox, "once")
            for writer in connections:
                writer.transport.abort()
            assert (await running).text == "1"
            assert await sandbox.download("counter", max_bytes=10) == b"1"

            endless = asyncio.ensure_future(sandbox.call("endless", "counter", {"seconds": 60}))
            await under_way(sandbox, "endless")
            await sandbox.cancel("endless")
            assert (await endless).error == "cancelled"
        monkeypatch.delenv("DOCKER_HOST")
        assert containers(new_id) == []


@pytest.mark.docker
async def test_an_engine_behind_tls_is_reached_too(
    engine_ready: None, new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _certificates(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "ca.pem"))
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    large = bytes(range(256)) * 10_000
    async with engine_over_tcp(tls) as (address, _):
        monkeypatch.setenv("DOCKER_HOST", address)
        monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
        # these would take the place of the engine's own authority
        for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.delenv(variable, raising=False)
        monkeypatch.setenv("DOCKER_CERT_PATH", str(tmp_path))
        async with await open_sandbox(DockerSandbox(testing=True), new_id, state_dir=tmp_path / "s") as sandbox:
            await sandbox.upload("large", large)
            several = await asyncio.gather(*(shell(sandbox, f"sleep 0.1; echo {i}") for i in range(8)))
            assert await sandbox.download("large", max_bytes=len(large)) == large

    assert [one["stdout"] for one in several] == [f"{i}\n" for i in range(8)]


@pytest.mark.docker
async def test_an_engine_behind_tcp_cannot_share_a_socket(
    engine_ready: None, new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engine_over_tcp() as (address, _):
        monkeypatch.setenv("DOCKER_HOST", address)
        with pytest.raises(SandboxUnavailable, match="set control to exec or auto"):
            await open_sandbox(DockerSandbox(control="socket"), new_id, state_dir=tmp_path)


@pytest.mark.docker
async def test_an_unknown_runtime_is_named_with_those_that_are_known(
    engine_ready: None, new_id: str, tmp_path: Path
) -> None:
    client = docker.DockerClient.from_env()
    known = client.info()["Runtimes"]
    client.close()
    if "runsc" in known:
        pytest.skip("this engine knows runsc")

    with pytest.raises(SandboxUnavailable, match=r"does not know the runtime 'runsc', only .*runc"):
        await open_sandbox(DockerSandbox(runtime="runsc"), new_id, state_dir=tmp_path)
