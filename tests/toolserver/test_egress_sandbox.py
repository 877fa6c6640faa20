"""Sandboxes and the outside: nothing by default, what the profile allows through the proxy, and nothing of the host."""

import asyncio
import gzip
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import to_builtins

from tests.toolserver.asking import ask, eventually, shell
from tests.toolserver.proxying import answering, certificate, echo, index_or_skip, served
from toolserver.client import (
    AllowListEgress,
    EgressEvent,
    EgressGateway,
    HostRule,
    LocalSandbox,
    OpenEgress,
    PackagesEgress,
    Sandbox,
    Secret,
    SecretUnavailable,
    open_sandbox,
)
from toolserver.deployment.bubblewrap import Bubblewrap
from toolserver.egress.profiles import Reaching, default_index

CANARY = "canary-51c0ffee77"


class Let:
    """A local sandbox that is let out, with what was told of its requests."""

    def __init__(self, folder: Path, sandbox_id: str) -> None:
        self.told: list[EgressEvent] = []
        self.gateway = EgressGateway(
            {"KEY": Secret(env="CANARY", hosts=("localhost",))} if "CANARY" in os.environ else {}
        )
        self._folder = folder
        self._id = sandbox_id
        self._opened: list[Sandbox] = []

    async def out(self, egress: Reaching) -> Sandbox:
        config = LocalSandbox(egress=egress, require_isolation=True)
        sandbox = await open_sandbox(
            config, self._id, state_dir=self._folder, gateway=self.gateway, on_egress=self.told.append
        )
        self._opened.append(sandbox)
        return sandbox

    async def close(self) -> None:
        for sandbox in self._opened:
            await sandbox.close()
        await self.gateway.close()


@pytest.fixture
async def let(bubblewrap: Bubblewrap, new_id: str, tmp_path: Path) -> AsyncIterator[Let]:
    made = Let(tmp_path, new_id)
    yield made
    await made.close()


def here(port: int, host: str = "127.0.0.1") -> HostRule:
    return HostRule(host=host, ports=(port,), private=True)


async def test_18_without_a_profile_there_is_no_way_out_and_no_names(local: Sandbox) -> None:
    reached = await ask(local, "python", code="import socket\nsocket.create_connection(('1.1.1.1', 80), 2)")
    named = await ask(local, "python", code="import socket\nsocket.getaddrinfo('example.org', 80)")
    variables = await shell(local, "env | grep -i proxy; ls /run/plumbline")

    assert "ENETUNREACH" in reached.text or "Network is unreachable" in reached.text
    assert "gaierror" in named.text
    assert variables["stdout"].split() == ["node.sock"]
    assert not {"http", "http_send", "install_packages"} & {tool.name for tool in await local.tools()}
    assert local.description.network == "none"


async def test_19_an_allowed_host_works_and_others_are_refused(let: Let) -> None:
    async with served(answering(b"welcome")) as port:
        sandbox = await let.out(AllowListEgress(hosts=(here(port),)))
        allowed = await ask(sandbox, "http", url=f"http://127.0.0.1:{port}/x?token=hidden")
        refused = await ask(sandbox, "http", url="https://evil.example/")
        metadata = await ask(sandbox, "http", url="http://169.254.169.254/latest/meta-data/")

    assert allowed.data["text"] == "welcome"
    assert allowed.data["status"] == 200
    assert (refused.ok, refused.error) == (False, "egress_refused")
    assert "evil.example is not allowed; only these hosts are: 127.0.0.1" in refused.text
    assert metadata.error == "egress_refused"
    assert [(event.decision, event.host) for event in let.told] == [
        ("allowed", "127.0.0.1"),
        ("refused", "evil.example"),
        ("refused", "169.254.169.254"),
    ]
    assert "hidden" not in "".join(event.model_dump_json() for event in let.told)
    assert sandbox.description.network == "allow-list"
    assert "only 127.0.0.1 (private) can be reached" in sandbox.description.isolation


async def test_19_programs_go_the_same_way(let: Let) -> None:
    code = "import urllib.request as r\nprint(r.urlopen('http://127.0.0.9:{port}/').read())"
    async with served(answering(b"welcome"), host="127.0.0.9") as port:
        sandbox = await let.out(AllowListEgress(hosts=(here(port, "127.0.0.9"),)))
        python = await ask(sandbox, "python", code=code.format(port=port))
        around = await ask(
            sandbox, "python", code=f"import socket\nsocket.create_connection(('127.0.0.9', {port}), 2).recv(9)"
        )

    assert "welcome" in python.text
    assert "ConnectionRefused" in around.text


async def test_19_a_redirect_inwards_is_refused(let: Let) -> None:
    async with served(answering(b"inner")) as inner:
        target = f"location: http://127.0.0.1:{inner}/"
        async with served(answering(b"", target, status="302 Found"), host="127.0.0.9") as outer:
            sandbox = await let.out(AllowListEgress(hosts=(here(outer, "127.0.0.9"),)))
            answer = await ask(sandbox, "http", url=f"http://127.0.0.9:{outer}/")
            shown = await ask(sandbox, "http", url=f"http://127.0.0.9:{outer}/", redirects=0)

    assert answer.error == "egress_refused"
    assert "inner" not in answer.text
    assert shown.data["status"] == 302


async def test_20_a_service_of_the_host_is_not_reached_even_where_all_is_open(let: Let) -> None:
    """What counts is what arrives: some networks take a connection and drop it."""
    arrived = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.append(await reader.read(100))
        writer.write(b"payload of the host")

    async with served(note, host="0.0.0.0") as port:  # noqa: S104 - that is the attack
        sandbox = await let.out(OpenEgress(ports=(80, 443, port)))
        own = [entry[4][0] for entry in await asyncio.get_running_loop().getaddrinfo("localhost", port)]
        hosts = {*own, "127.0.0.1", "0.0.0.0", "172.17.0.1", "localhost", "[::ffff:127.0.0.1]"}  # noqa: S104
        answers = [await ask(sandbox, "http", url=f"http://{h}:{port}/") for h in sorted(hosts) if h != "::1"]
        direct = await ask(
            sandbox,
            "shell",
            command=f"for h in 127.0.0.1 172.17.0.1 10.0.2.2; do timeout 2 head -c 9 < /dev/tcp/$h/{port}; done",
        )

    assert arrived == []
    assert not any(answer.ok for answer in answers)
    assert "payload" not in direct.text


async def test_a_proxy_that_was_killed_is_started_again(let: Let) -> None:
    async with served(answering(b"welcome")) as port:
        sandbox = await let.out(AllowListEgress(hosts=(here(port),)))
        before = let.gateway.process_id
        assert before is not None
        os.kill(before, signal.SIGKILL)
        answer = await ask(sandbox, "http", url=f"http://127.0.0.1:{port}/")

    assert answer.data["text"] == "welcome"
    assert let.gateway.process_id not in (before, None)


async def test_the_proxy_ends_with_the_last_sandbox(let: Let) -> None:
    sandbox = await let.out(PackagesEgress())
    process = let.gateway.process_id
    assert process is not None

    await sandbox.close()

    assert not Path(f"/proc/{process}").exists()


async def test_another_profile_takes_effect_when_the_sandbox_is_opened_again(let: Let) -> None:
    async with served(answering(b"welcome")) as port:
        first = await let.out(PackagesEgress())
        refused = await ask(first, "http", url=f"http://127.0.0.1:{port}/")
        await first.detach()
        second = await let.out(AllowListEgress(hosts=(here(port),)))
        allowed = await ask(second, "http", url=f"http://127.0.0.1:{port}/")

    assert refused.error == "egress_refused"
    assert allowed.data["text"] == "welcome"


async def test_an_answer_that_is_no_text_becomes_a_file(let: Let) -> None:
    async with served(answering(b"\x89PNG\0\1", "content-type: image/png")) as port:
        sandbox = await let.out(AllowListEgress(hosts=(here(port),)))
        found = await ask(sandbox, "http", url=f"http://127.0.0.1:{port}/a/picture.png")
        named = await ask(sandbox, "http", url=f"http://127.0.0.1:{port}/", save_as="own/name.png")

    assert str(found.data["file"]).endswith("-picture.png")
    assert await sandbox.download(str(found.data["file"]), max_bytes=100) == b"\x89PNG\0\1"
    assert await sandbox.download("own/name.png", max_bytes=100) == b"\x89PNG\0\1"
    assert named.data["text"] is None


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused(let: Let) -> None:
    bomb = gzip.compress(bytes(300_000_000))
    async with served(answering(bomb, "content-encoding: gzip")) as port:
        sandbox = await let.out(AllowListEgress(hosts=(here(port),)))
        answer = await ask(sandbox, "http", url=f"http://127.0.0.1:{port}/", max_bytes=1_000_000)

    assert answer.error == "too_large"


async def test_a_value_is_sent_as_json(let: Let) -> None:
    async def show(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(8)
        text = head.split(b" ")[0] + b" " + body + (b" json" if b"application/json" in head else b"")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(text), text))

    async with served(show) as port:
        sandbox = await let.out(AllowListEgress(hosts=(here(port),)))
        answer = await sandbox.call(
            "one", "http_send", {"url": f"http://127.0.0.1:{port}/", "method": "POST", "json": {"a": 1}}
        )

    assert answer.data["text"] == 'POST {"a": 1} json'


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("http", {"url": "ftp://a.example/"}),
        ("http", {"url": "http://a b/"}),
        ("http", {"url": "http://a.example/", "headers": {"x": "a\r\nb: c"}}),
        ("http", {"url": "http://a.example/", "headers": {"x y": "a"}}),
        ("http", {"url": "http://a.example/", "method": "POST"}),
        ("http", {"url": "http://a.example/", "body": "a"}),
        ("http_send", {"url": "http://a.example/"}),
        ("http_send", {"url": "http://a.example/", "method": "GET"}),
        ("http_send", {"url": "http://a.example/", "method": "CONNECT"}),
        ("http_send", {"url": "http://a.example/", "method": "POST", "body": "a", "json": 1}),
    ],
)
async def test_a_request_that_makes_no_sense_is_not_made(let: Let, tool: str, arguments: dict[str, object]) -> None:
    sandbox = await let.out(PackagesEgress())

    assert (await sandbox.call("one", tool, arguments)).error == "invalid_arguments"
    assert let.told == []


async def test_what_may_change_something_outside_is_a_tool_of_its_own(let: Let) -> None:
    sandbox = await let.out(PackagesEgress())
    effects = {tool.name: tool.effects for tool in await sandbox.tools()}

    assert effects["http"] == ("reads", "network")
    assert effects["http_send"] == ("reads", "network", "outside")


@pytest.mark.parametrize(
    "name",
    ["--index-url=http://evil", "-r", "./here", "/etc", "git+https://a/b", "a @ https://b", "a;b", "a b", "a\n-e", ""],
)
async def test_only_names_of_packages_are_installed(let: Let, name: str) -> None:
    sandbox = await let.out(PackagesEgress())

    assert (await ask(sandbox, "install_packages", packages=[name])).error == "invalid_arguments"


async def test_35_installing_without_a_way_out_fails_cleanly_and_soon(local: Sandbox) -> None:
    began = time.monotonic()
    tried = await shell(local, "python -m pip install --target x reqeusts")

    assert tried["exit_code"] == 1
    assert "Traceback" not in tried["stderr"]
    assert time.monotonic() - began < 100


async def test_35_a_package_that_the_profile_does_not_reach_fails_with_the_reason(let: Let) -> None:
    sandbox = await let.out(AllowListEgress(hosts=(HostRule(host="a.example"),)))
    failed = await ask(sandbox, "install_packages", packages=["six"])

    assert failed.error == "install_failed"
    assert f"{default_index()[0].host} is not allowed" in failed.text


@pytest.mark.slow
async def test_a_package_is_installed_from_the_index_and_can_be_used(let: Let) -> None:
    await index_or_skip()
    hosts = tuple(rule.model_copy(update={"private": True}) for rule in default_index())
    sandbox = await let.out(PackagesEgress(hosts=hosts))

    done = await ask(sandbox, "install_packages", packages=["cowsay==6.1"])
    python = await ask(sandbox, "python", code="import cowsay\ncowsay.__file__")
    other = await shell(sandbox, "python3 -c 'import cowsay; print(cowsay.char_names[0])'; cowsay -t hello | head -2")
    missing = await ask(sandbox, "install_packages", packages=["plumbline-no-such-package-1f2e"])

    assert done.ok, done.text
    assert done.data["installed"] == ["cowsay-6.1"]
    assert "state/packages/cowsay" in python.text
    assert other["exit_code"] == 0
    assert "hello" in str(other["stdout"])
    assert missing.error == "install_failed"
    assert {event.host for event in let.told} == {rule.host for rule in default_index()}


async def test_17_a_secret_never_enters_the_sandbox(
    bubblewrap: Bubblewrap, new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by what is sent, not by what comes back, not by files, environment, arguments or events."""
    server, _, cert = certificate(tmp_path, "localhost")
    monkeypatch.setenv("CANARY", CANARY)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    let = Let(tmp_path, new_id)
    arguments: dict[str, object] = {"headers": {"authorization": "Bearer {secret:KEY}"}}
    try:
        async with served(echo, server) as port:
            sandbox = await let.out(AllowListEgress(hosts=(here(port, "localhost"), here(port, "127.0.0.1"))))
            used = await ask(sandbox, "http", url=f"https://localhost:{port}/", **arguments)
            other = await ask(sandbox, "http", url=f"https://127.0.0.1:{port}/", **arguments)
            seen = await shell(sandbox, "cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n'; env")
    finally:
        await let.close()

    assert "authorization: Bearer [redacted]" in str(used.data["text"])
    assert "Bearer [redacted]" in json.dumps(used.data["headers"])
    assert other.error == "egress_refused"
    assert "KEY may not be sent to 127.0.0.1" in other.text
    everything = [json.dumps(to_builtins([used, other])), *(event.model_dump_json() for event in let.told)]
    assert CANARY not in "".join(everything)
    assert CANARY not in str(seen)
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert kept == []
    await eventually(lambda: len(let.told) == 2)
    assert let.told[0].secrets == ("KEY",)


async def test_a_secret_without_a_value_is_told_when_the_sandbox_is_opened(
    bubblewrap: Bubblewrap, new_id: str, tmp_path: Path
) -> None:
    gateway = EgressGateway({"KEY": Secret(env="PLUMBLINE_TEST_UNSET", hosts=("a.example",))})

    with pytest.raises(SecretUnavailable, match="PLUMBLINE_TEST_UNSET is not set"):
        await open_sandbox(LocalSandbox(egress=PackagesEgress()), new_id, state_dir=tmp_path, gateway=gateway)
