"""The image is made of what is installed here, and its tag says of what."""

import io
import tarfile
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import toolserver
from toolserver.client import AutoSandbox, SandboxUnavailable, open_sandbox
from toolserver.engine import Engine
from toolserver.images.context import build_context, image_tag, pinned_requirements

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.fixture(autouse=True)
def _no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(variable, raising=False)


def files() -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(build_context())) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        return {member.name: (archive.extractfile(member) or io.BytesIO()).read() for member in members}


def test_the_context_holds_the_node_and_nothing_that_manages_it() -> None:
    names = set(files())

    assert {"Dockerfile", "requirements.txt", "constraints.txt", "toolserver/node/__main__.py"} <= names
    assert {"toolserver/protocol.py", "toolserver/errors.py", "toolserver/__init__.py"} <= names
    assert {"toolserver/node/workers/session.bash"} <= names
    assert not any(
        name.startswith(("toolserver/deployment", "toolserver/client", "toolserver/engine")) for name in names
    )
    assert not any(name.endswith(".pyc") for name in names)


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((Path(toolserver.__path__[0]).parent / "pyproject.toml").read_text())

    assert toolserver.__version__ == project["project"]["version"]


def test_requirements_are_pinned_to_what_is_installed_here() -> None:
    lines = files()["constraints.txt"].decode().split()

    assert f"pydantic=={version('pydantic')}" in lines
    assert f"pydantic-core=={version('pydantic-core')}" in lines
    assert files()["requirements.txt"].decode() == f"pydantic=={version('pydantic')}\n"


def test_what_an_extra_needs_is_pinned_when_the_extra_is_asked_for() -> None:
    pins = pinned_requirements("mcp")

    assert "cryptography" in pins
    assert "pytest" not in pins


def test_the_hosts_certificates_are_taken_only_where_it_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.pem").write_text(CERTIFICATE)
    assert "extra-ca/host.crt" not in files()

    monkeypatch.setenv("PIP_CERT", str(tmp_path / "ca.pem"))

    assert files()["extra-ca/host.crt"].decode() == CERTIFICATE


def test_the_tag_does_not_depend_on_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = image_tag()
    (tmp_path / "ca.pem").write_text(CERTIFICATE)
    monkeypatch.setenv("PIP_CERT", str(tmp_path / "ca.pem"))

    assert image_tag() == before
    assert image_tag().startswith("plumbline-toolserver:")


async def test_auto_falls_back_to_local_and_says_why(
    new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no-engine.sock")

    async with await open_sandbox(AutoSandbox(), new_id, state_dir=tmp_path) as sandbox:
        assert sandbox.description.kind == "local"
        assert "no Docker engine answers" in (sandbox.description.reason or "")


async def test_a_remote_engine_is_refused_in_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")

    with pytest.raises(SandboxUnavailable) as caught:
        async with Engine.connect(2):
            pass

    assert "\n" not in str(caught.value)
