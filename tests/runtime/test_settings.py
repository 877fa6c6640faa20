"""The settings file: what is written in the documents is accepted, and a mistake is named as the user wrote it."""

import re
from pathlib import Path

import pytest

from agent.domain.errors import ConfigurationError
from agent.runtime.settings import load_settings
from toolserver.client import AutoSandbox, LocalSandbox

ROOT = Path(__file__).parents[2]
EXAMPLES = [
    pytest.param(block, id=f"{file.name}-{number}")
    for file in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for number, block in enumerate(
        re.findall(r"^```toml\n(.*?)^```$", file.read_text("utf-8"), re.DOTALL | re.MULTILINE), start=1
    )
]


def test_the_documents_have_examples() -> None:
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize("block", EXAMPLES)
def test_every_example_of_the_documents_is_a_settings_file(tmp_path: Path, block: str) -> None:
    (tmp_path / "config.toml").write_text(block, encoding="utf-8")

    load_settings(tmp_path, {})


def test_a_sandbox_without_kind_is_auto_and_keeps_what_was_set(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[sandbox.egress]\nprofile = 'packages'\n")

    for environment in ({}, {"PLUMBLINE_SANDBOX": "auto"}):
        found = load_settings(tmp_path, environment).sandbox
        assert isinstance(found, AutoSandbox)
        assert found.egress.profile == "packages"
    assert isinstance(load_settings(tmp_path, {"PLUMBLINE_SANDBOX": "local"}).sandbox, LocalSandbox)


@pytest.mark.parametrize(("line", "transport"), [("command = 'x'", "stdio"), ("url = 'https://x.example/'", "http")])
def test_a_server_without_transport_has_that_of_its_command_or_url(tmp_path: Path, line: str, transport: str) -> None:
    (tmp_path / "config.toml").write_text(f"[mcp_servers.x]\n{line}\n")

    assert load_settings(tmp_path, {}).mcp_servers["x"].transport == transport


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[sandbox.egress]\nprofile = 'foo'", "sandbox.egress: 'profile' is one of 'none', 'packages', 'allow-list'"),
        ("[sandbox]\nkind = 'cloud'", "sandbox: 'kind' is one of 'local', 'docker', 'auto', not 'cloud'"),
        ("[sandbox]\nkin = 'local'", "sandbox.kin: there is no such setting"),
        ("[sandbox.egress]\nhosts = []", "sandbox.egress: it lacks 'profile'"),
        ("[mcp_servers.x]\nargs = []", "mcp_servers.x.command: it is missing"),
        ("[mcp_servers.x]\nurl = 'ftp://x'", "mcp_servers.x.url: write http:// or https://"),
        ("[mcp_servers.x]\ntransport = 'http'\ncommand = 'x'", "mcp_servers.x.url: it is missing"),
        ("sandbox = 3", "sandbox: "),
    ],
)
def test_a_mistake_is_named_as_the_user_wrote_it(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "config.toml").write_text(text)

    with pytest.raises(ConfigurationError) as failure:
        load_settings(tmp_path, {})

    assert f"config.toml: {told}" in str(failure.value)
    assert "Value error" not in str(failure.value)


def test_a_settings_file_that_is_a_folder_is_told_without_numbers(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()

    with pytest.raises(ConfigurationError, match=r"cannot read .*config\.toml: Is a directory"):
        load_settings(tmp_path, {})
