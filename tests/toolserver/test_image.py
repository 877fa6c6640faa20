"""The image is made of pinned requirements and the node's sources, and its tag says of which."""

import io
import re
import tarfile
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import toolserver
from toolserver.client import AutoSandbox, SandboxUnavailable, open_sandbox
from toolserver.engine import Engine
from toolserver.images.context import browsing_context, browsing_tag, build_context, cad_context, cad_tag, image_tag

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.fixture(autouse=True)
def _no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(variable, raising=False)


ROOT = Path(toolserver.__path__[0]).parent


def lines_of(content: bytes) -> list[str]:
    return [line for line in content.decode().splitlines() if line and not line.startswith("#")]


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
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert toolserver.__version__ == project["project"]["version"]


def test_every_requirement_of_the_image_is_pinned_and_tested_here_in_that_version() -> None:
    required = lines_of(files()["requirements.txt"])
    pins = dict(line.split("==") for line in lines_of(files()["constraints.txt"]))
    tested = dict(line.split("==") for line in lines_of((ROOT / "constraints.txt").read_bytes()))

    assert {"ipykernel", "pypdfium2", "pillow"} <= set(required) <= set(pins)
    assert {name: tested.get(name) for name in pins} == pins


def test_local_sandboxes_can_get_what_the_image_has() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["sandbox"]]

    assert set(lines_of(files()["requirements.txt"])) <= {re.split(r"[<>=\[]", line)[0] for line in wanted}


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


def files_above(context: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(context)) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        return {member.name: (archive.extractfile(member) or io.BytesIO()).read() for member in members}


@pytest.mark.parametrize(
    ("kind", "extra", "context", "tag"),
    [("browsing", "browser", browsing_context, browsing_tag), ("cad", "cad", cad_context, cad_tag)],
)
def test_an_image_above_adds_its_program_and_pinned_requirements_to_the_other(
    kind: str, extra: str, context: Callable[[], bytes], tag: Callable[[], str]
) -> None:
    found = files_above(context())
    required = set(lines_of(found[f"{kind}.txt"]))
    pins = dict(line.split("==") for line in lines_of(found[f"{kind}-constraints.txt"]))
    below = dict(line.split("==") for line in lines_of(files()["constraints.txt"]))
    tested = dict(line.split("==") for line in lines_of((ROOT / "constraints.txt").read_bytes()))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    local = [*project["dependencies"], *project["optional-dependencies"][extra]]

    assert f"toolserver/{kind}/__main__.py" in found
    assert not any(name.startswith(("toolserver/node", "toolserver/deployment")) for name in found)
    assert required <= set(pins) | set(below)
    assert {name: tested.get(name) for name in pins} == pins
    # local sandboxes can get what the image has
    assert required <= {re.split(r"[<>=\[]", line)[0].replace("_", "-") for line in local}
    assert tag().startswith(f"plumbline-{kind}:")
