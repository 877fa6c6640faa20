"""MCP servers of others, as a user attaches them: accepted once, then used by a run."""

import asyncio
import os
import pty
import subprocess
from pathlib import Path

import pytest

from agent.models.testing.script import call
from tests.cli.conftest import Plumbline, Serve, command
from tests.toolserver.proxying import index_or_skip
from toolserver.deployment.bubblewrap import find
from toolserver.egress.profiles import default_index

WILD = Path(__file__).parents[1] / "toolserver" / "servers"


@pytest.fixture
def attached(folder: Path) -> Path:
    """A data folder whose settings name a server."""
    found = find(drop_to=1_900_000_000)
    if isinstance(found, str):
        pytest.skip(found)
    home = folder / "home"
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(
        f"""
        [mcp_servers.wild]
        transport = "stdio"
        command = "python"
        args = ["{WILD}/wild.py", "mild"]
        tools = ["poem"]
        sandbox = {{ kind = "local", require_isolation = true, shown = ["{WILD}"] }}
        """
    )
    return home


def test_a_server_is_shown_and_accepted_before_its_tools_are_listed(plumbline: Plumbline, attached: Path) -> None:
    before = plumbline("tools", "--sandbox", "local", "--json").json
    looked = plumbline("tools", "trust", "wild")
    accepted = plumbline("tools", "trust", "wild", "--yes")
    after = plumbline("tools", "--sandbox", "local", "--json").json
    plumbline("tools", "trust", "wild", "--forget")
    forgotten = plumbline("tools", "--sandbox", "local", "--json").json

    assert looked.code == 1
    assert "wild__poem" in looked.out
    assert "Does poem." in looked.out
    assert accepted.code == 0
    names = [[tool["spec"]["name"] for tool in listed] for listed in (before, after, forgotten)]
    assert ["wild__poem" in listed for listed in names] == [False, True, False]
    assert list((attached / "sandboxes").iterdir()) == []


def test_a_run_uses_its_tools(plumbline: Plumbline, serve: Serve, attached: Path) -> None:
    plumbline("tools", "trust", "wild", "--yes")
    model = serve([call("wild__poem", text="spring"), call("submit", answer="Done.", success=False)])
    done = plumbline("run", "Write a poem", "--model", model, "--sandbox", "local", "--json")
    shown = plumbline("show", done.json["run_id"], "--json")

    assert 'poem {"text": "spring"}' in shown.out.replace('\\"', '"')


@pytest.mark.parametrize(("answer", "offered"), [(b"yes\n", True), (b"no\n", False)])
def test_a_person_at_the_terminal_is_asked_before_the_run_begins(
    plumbline: Plumbline, serve: Serve, attached: Path, answer: bytes, offered: bool
) -> None:
    model = serve([call("submit", answer="Done.", success=False)])
    ours, terminal = pty.openpty()
    try:
        os.write(ours, answer)
        done = subprocess.run(
            command("run", "Write a poem", "--model", model, "--sandbox", "local"),
            stdin=terminal, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(terminal)
    listed = plumbline("tools", "--sandbox", "local", "--json").json
    run = plumbline("show", "last", "--json").out

    assert "Does poem." in done.stdout
    assert "wild" in done.stderr
    assert "offer these tools to models?" in done.stderr
    assert ("wild__poem" in run) == offered
    assert ("wild__poem" in [tool["spec"]["name"] for tool in listed]) == offered


def test_nobody_is_asked_where_nobody_sits(plumbline: Plumbline, serve: Serve, attached: Path) -> None:
    model = serve([call("submit", answer="Done.", success=False)])
    done = plumbline("run", "Write a poem", "--model", model, "--sandbox", "local", "--json")

    assert "offer these tools" not in done.err
    assert "wild__poem" not in plumbline("show", "last", "--json").out


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["local", pytest.param("docker", marks=pytest.mark.docker)])
def test_a_server_from_pypi_is_installed_into_a_sandbox_of_its_own_and_used_by_a_run(
    plumbline: Plumbline, serve: Serve, folder: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    asyncio.run(index_or_skip())
    request.getfixturevalue("engine_ready" if kind == "docker" else "attached")
    home = folder / "home"
    home.mkdir(exist_ok=True)
    # private: where tests run, a mirror may stand for the index
    hosts = ", ".join(f'{{ host = "{rule.host}", private = true }}' for rule in default_index())
    (home / "config.toml").write_text(
        f"""
        [mcp_servers.time]
        transport = "stdio"
        command = "mcp-server-time"
        args = ["--local-timezone", "UTC"]
        packages = ["mcp-server-time>=2025.1"]
        index.hosts = [{hosts}]
        effects = ["reads"]
        sandbox = {{ kind = "{kind}" }}
        """
    )
    trusted = plumbline("tools", "trust", "time", "--yes")
    listed = plumbline("tools", "--sandbox", kind, "--json").json
    asked = {"source_timezone": "Asia/Tokyo", "time": "12:00", "target_timezone": "UTC"}
    model = serve([call("time__convert_time", **asked), call("submit", answer="Done.", success=False)])
    done = plumbline("run", "When is noon in Tokyo?", "--model", model, "--sandbox", kind, "--json")
    steps = plumbline("show", done.json["run_id"], "--json").json["view"]["steps"]

    assert trusted.code == 0, trusted.err
    offered = {tool["spec"]["name"]: tool["where"] for tool in listed}
    assert offered["time__convert_time"] == offered["time__get_current_time"] == "server"
    assert "T12:00:00+09:00" in steps["root/tool/0.0"]["detail"]
    assert [path for path in (home / "sandboxes").iterdir() if not path.name.startswith(".")] == []


def test_an_unknown_server_is_told_in_one_line(plumbline: Plumbline, attached: Path) -> None:
    done = plumbline("tools", "trust", "tame")

    assert done.code == 2
    assert "there is no server 'tame' in mcp_servers" in done.err
    assert os.linesep not in done.err.strip()


def test_a_function_of_the_user_becomes_a_tool_until_it_is_removed(
    plumbline: Plumbline, serve: Serve, folder: Path
) -> None:
    (folder / "mine.py").write_text(
        'def twice(x: int) -> str:\n    "Double a number."\n    return f"twice is {2 * x}"\n'
    )
    added = plumbline("tools", "add", "mine.py:twice", "--effects", "executes", "--sandbox", "local")
    listed = plumbline("tools", "list", "--json").json
    model = serve([call("twice", x=21), call("submit", answer="Done.", success=False)])
    done = plumbline("run", "Double 21", "--model", model, "--sandbox", "local", "--json")
    shown = plumbline("show", done.json["run_id"], "--json")
    removed = plumbline("tools", "remove", "twice")
    unknown = plumbline("tools", "remove", "twice")

    assert added.code == 0, added.err
    assert [(tool["name"], tool["effects"]) for tool in listed] == [("twice", ["executes"])]
    assert "twice is 42" in shown.out
    assert removed.code == 0
    assert unknown.code == 2


def test_what_cannot_be_a_tool_is_told_in_one_line(plumbline: Plumbline, folder: Path) -> None:
    (folder / "mine.py").write_text("def twice(x): ...\n")

    assert plumbline("tools", "add", "mine.py").code == 2
    assert plumbline("tools", "add", "mine.py:twice", "--effects", "magic").code == 2
    done = plumbline("tools", "add", "mine.py:twice", "--sandbox", "local")
    assert done.code == 2
    assert "x: give it a type" in done.err


API = """
openapi: 3.1.0
info: {title: Pets}
servers: [{url: https://pets.example/v1}]
security: [{token: []}]
paths:
  /pets:
    get: {operationId: list, summary: List pets.}
    post: {operationId: add, summary: Add a pet.}
components: {securitySchemes: {token: {type: http, scheme: bearer}}}
"""


def test_operations_of_an_api_become_tools_until_they_are_removed(plumbline: Plumbline, folder: Path) -> None:
    (folder / "pets.yaml").write_text(API)
    (folder / "home").mkdir()
    (folder / "home" / "config.toml").write_text('[secrets.PETS]\nenv = "PETS"\nhosts = ["pets.example"]\n')
    added = plumbline("tools", "add", "pets.yaml", "--secret", "token=PETS")
    again = plumbline("tools", "add", "pets.yaml", "--secret", "token=PETS", "--only", "list", "--json")
    listed = plumbline("tools", "list", "--json").json
    removed = plumbline("tools", "remove", "pets")

    assert added.code == 0, added.err
    assert "added pets__add: reads, network, outside" in added.err
    assert "the sandbox may not reach pets.example" in added.err
    assert [tool["name"] for tool in again.json] == ["pets__list"]
    assert [(tool["name"], tool["effects"]) for tool in listed] == [("pets__list", ["reads", "network"])]
    assert listed[0]["headers"] == {"authorization": "Bearer {secret:PETS}"}
    assert removed.code == 0
    assert plumbline("tools", "list", "--json").json == []


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ((), "give --secret token=NAME"),
        (("--secret", "token=PETS"), "there is no secret 'PETS'"),
        (("--secret", "token"), "--secret is SCHEME=NAME"),
        (("--secret", "token=FAR"), "may not be sent to pets.example; put it into secrets.FAR.hosts"),
        (("--secret", "token=OTHER"), "put http into secrets.OTHER.tools"),
        (("--secret", "token=FAR", "--prefix", "A__b"), "give --prefix"),
        (("--effects", "reads"), "--effects is not for this kind of tool"),
        (("--sandbox", "local"), "--sandbox is not for this kind of tool"),
        (("--secret", "token=OTHER", "--secret", "nope=FAR"), "has no security scheme 'nope'; it has token"),
        (("--secret", "token=GOOD", "--secret", "nope=NOPE"), "there is no secret 'NOPE' in the settings (there is "),
        (("--secret", "token=GOOD", "--secret", "nope=FAR"), "has no security scheme 'nope'; it has token"),
    ],
)
def test_an_api_whose_secret_is_not_for_it_is_not_added(
    plumbline: Plumbline, folder: Path, options: tuple[str, ...], why: str
) -> None:
    (folder / "pets.yaml").write_text(API)
    (folder / "home").mkdir()
    (folder / "home" / "config.toml").write_text(
        '[secrets.FAR]\nenv = "FAR"\nhosts = ["far.example"]\n'
        '[secrets.OTHER]\nenv = "FAR"\nhosts = ["pets.example"]\ntools = ["mcp:other"]\n'
        '[secrets.GOOD]\nenv = "FAR"\nhosts = ["pets.example"]\n'
    )
    done = plumbline("tools", "add", "pets.yaml", *options)

    assert done.code == 2
    assert why in done.err
    assert plumbline("tools", "list", "--json").json == []


def test_a_server_that_cannot_be_started_is_told_in_its_own_words(plumbline: Plumbline, attached: Path) -> None:
    (attached / "config.toml").write_text('[mcp_servers.x]\ncommand = "/nonexistent"\nsandbox = { kind = "local" }\n')
    done = plumbline("tools", "trust", "x")

    assert done.code == 1
    assert "it said: /nonexistent" in done.err


def test_the_doctor_tells_of_servers_secrets_and_the_way_out(
    plumbline: Plumbline, attached: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (attached / "config.toml").open("a") as settings:
        settings.write(
            "\n[sandbox.egress]\nprofile = 'allow-list'\nhosts = ['api.example.org']\n"
            "[secrets.GOOD]\nenv = 'GOOD_VALUE'\ntools = ['http', 'mcp:wild']\n"
            "[secrets.GONE]\nenv = 'GONE_VALUE'\ntools = ['htp']\n"
        )
    monkeypatch.setenv("GOOD_VALUE", "canary-5512-doctor")
    before = plumbline("doctor", "--json")
    plumbline("tools", "trust", "wild", "--yes")
    after = plumbline("doctor", "--json")
    rows, later = ({row["part"]: row for row in done.json} for done in (before, after))

    assert rows["egress"]["found"] == "profile allow-list: api.example.org"
    assert (rows["mcp_servers"]["state"], rows["mcp_servers"]["found"]) == ("warning", "wild: not accepted")
    assert rows["mcp_servers"]["fix"] == "plumbline tools trust wild"
    assert (later["mcp_servers"]["state"], later["mcp_servers"]["found"]) == ("ok", "wild: accepted")
    assert rows["secrets"]["state"] == "warning"
    assert "GOOD: value there" in rows["secrets"]["found"]
    assert "GONE_VALUE" in rows["secrets"]["found"]
    assert "GONE: there is no tool htp" in rows["secrets"]["found"]
    assert "canary-5512" not in before.out + before.err
