"""Tools a user adds: nothing is deleted that was not named, and no command leaves a sandbox behind."""

from pathlib import Path

import pytest

from tests.cli.conftest import Plumbline

FUNCTION = 'def {name}() -> str:\n    "Greet."\n    return "hello"\n'
API = """
openapi: 3.1.0
info: {title: Hello}
servers: [{url: https://hello.example}]
paths:
  /a: {get: {operationId: a, summary: A.}}
  /b: {get: {operationId: b, summary: B.}}
"""


@pytest.fixture
def api(folder: Path) -> str:
    """A document whose tools have the prefix hello."""
    (folder / "api.yaml").write_text(API)
    return "api.yaml"


@pytest.fixture
def add_function(plumbline: Plumbline, folder: Path) -> "AddFunction":
    """Adds a function of a name as a tool."""
    return AddFunction(plumbline, folder)


class AddFunction:
    """Adds functions as tools, looked at in a local sandbox."""

    def __init__(self, plumbline: Plumbline, folder: Path) -> None:
        self._plumbline = plumbline
        self._folder = folder

    def __call__(self, name: str) -> tuple[int, str]:
        """Return the exit code and what was said."""
        (self._folder / "mine.py").write_text(FUNCTION.format(name=name))
        done = self._plumbline("tools", "add", f"mine.py:{name}", "--sandbox", "local")
        return done.code, done.err


def names(plumbline: Plumbline) -> list[str]:
    return [tool["name"] for tool in plumbline("tools", "list", "--json").json]


def test_a_function_does_not_take_the_prefix_of_an_api(
    plumbline: Plumbline, api: str, add_function: AddFunction
) -> None:
    plumbline("tools", "add", api)
    code, said = add_function("hello")

    assert code == 2
    assert "hello is taken by the tools of an API" in said
    assert names(plumbline) == ["hello__a", "hello__b"]


def test_an_api_does_not_take_the_name_of_a_function(plumbline: Plumbline, api: str, add_function: AddFunction) -> None:
    assert add_function("hello")[0] == 0
    done = plumbline("tools", "add", api)

    assert done.code == 2
    assert names(plumbline) == ["hello"]
    assert "hello is a function of yours; give the API another --prefix" in done.err


def test_removing_an_api_names_its_tools_and_leaves_functions(
    plumbline: Plumbline, api: str, add_function: AddFunction
) -> None:
    plumbline("tools", "add", api)
    assert add_function("hello_mine")[0] == 0
    removed = plumbline("tools", "remove", "hello")

    assert removed.err.split("\n")[:-1] == ["removed hello__a", "removed hello__b"]
    assert names(plumbline) == ["hello_mine"]


def test_an_api_that_cannot_be_written_leaves_the_one_before(plumbline: Plumbline, folder: Path, api: str) -> None:
    plumbline("tools", "add", api, "--only", "a")
    # a folder in the place of a file cannot be replaced
    (folder / "home" / "tools" / "hello__b.new").mkdir()
    done = plumbline("tools", "add", api, "--only", "b")

    assert done.code == 2
    assert names(plumbline) == ["hello__a"]


def test_a_file_that_is_no_tool_is_told_starts_nothing_and_can_be_removed(
    plumbline: Plumbline, folder: Path, api: str
) -> None:
    plumbline("tools", "add", api)
    (folder / "home" / "tools" / "junk.json").write_text("{}")
    listed = plumbline("tools", "--sandbox", "local")
    began = (folder / "home" / "sandboxes").exists()
    one = plumbline("tools", "remove", "hello__a")
    junk = plumbline("tools", "remove", "junk")

    assert listed.code == 1
    assert "junk.json; delete it and add the tool again" in listed.err
    assert "internal error" not in listed.err
    assert not began
    assert (one.code, junk.code) == (0, 0)
    assert names(plumbline) == ["hello__b"]


def test_an_engine_that_does_not_answer_is_told_in_one_line(
    plumbline: Plumbline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent")
    done = plumbline("tools", "--sandbox", "docker")

    assert done.code == 1
    assert "internal error" not in done.err
    assert done.err.count("\n") == 1


def test_commands_of_one_sandbox_keep_none_warm(plumbline: Plumbline, folder: Path, add_function: AddFunction) -> None:
    (folder / "home").mkdir()
    (folder / "home" / "config.toml").write_text("pool_size = 1\nsandbox.kind = 'local'\n")
    assert plumbline("tools").code == 0
    assert add_function("hello")[0] == 0

    assert [*(folder / "home" / "sandboxes").glob("pool-*")] == []


def test_a_function_that_is_not_there_is_told_once(plumbline: Plumbline, folder: Path) -> None:
    (folder / "f.py").write_text(FUNCTION.format(name="f"))
    done = plumbline("tools", "add", "f.py:nofn", "--sandbox", "local")

    assert (done.code, done.err) == (2, "plumbline: f.py has no function nofn\n")


def test_a_damaged_record_of_acceptances_is_told_with_its_reason(plumbline: Plumbline, folder: Path) -> None:
    (folder / "home").mkdir()
    (folder / "home" / "config.toml").write_text("[mcp_servers.x]\ncommand = 'x'\n")
    (folder / "home" / "trusted-servers.json").write_text('{"x": {"digest": "short"}}')
    done = plumbline("tools", "trust", "x", "--forget")

    assert done.code == 1
    assert "mend or delete it: x.digest: String should match pattern" in done.err
    assert done.err.count("\n") == 1


def test_a_group_of_commands_without_arguments_shows_its_help_and_nothing_else(plumbline: Plumbline) -> None:
    done = plumbline("toolserver")

    assert done.code == 2
    assert "serve" in done.out + done.err
    assert "plumbline:" not in done.out + done.err
