"""A server runs programs in a local sandbox only where it was told that it may; else it says what to do."""

from pathlib import Path
from typing import Any

import pytest

from agent.domain.errors import ConfigurationError
from agent.domain.task import Task
from agent.ledger.filing import Filing
from agent.runtime.confinement import confinement_of
from agent.runtime.options import RunOptions
from agent.runtime.services import ConfiguredServices
from agent.runtime.settings import Settings
from tests.webui.processes import configured, served
from tests.webui.serving import Web, serving
from toolserver.client import AutoSandbox, DockerSandbox, LocalSandbox, SandboxUnavailable

WAYS_OUT = ("Docker", "--allow-local-sandbox", "sandbox none")
NO_ENGINE = "unix:///nonexistent/docker.sock"


async def asked(web: Web, path: str = "/api/runs", **fields: Any) -> tuple[int, str]:
    """Return the status of an answer, and what it says where it is a problem."""
    body = {"goal": "Count the words", **fields} if path == "/api/runs" else fields
    answer = await web.client.post(path, json=body)
    return answer.status_code, answer.json().get("message", "")


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name an engine that is not there."""
    monkeypatch.setenv("DOCKER_HOST", NO_ENGINE)


async def test_runs_that_need_a_sandbox_are_refused_in_one_line_and_others_begin(tmp_path: Path) -> None:
    async with serving(tmp_path, sandbox="local", local_sandboxes=False) as web:
        status, said = await asked(web)
        assert status == 422
        assert all(way in said for way in WAYS_OUT), said
        assert "\n" not in said
        assert await asked(web, build={"artefact": "program"}) == (422, said)
        assert (await web.get("/api/runs"))["runs"] == []
        confinement = (await web.get("/api/options"))["confinement"]
        assert confinement == {"place": "refused", "line": said}
        assert (await asked(web, options={"sandbox": "none"}))[0] == 202


async def test_neither_a_fork_nor_going_on_is_a_way_around(tmp_path: Path) -> None:
    async with serving(tmp_path, sandbox="local", local_sandboxes=False) as web:
        run_id = await web.ledger.create(Task(goal="of the terminal"), filing=Filing())
        for path, fields in ((f"/api/runs/{run_id}/resume", {}), (f"/api/runs/{run_id}/fork", {"seq": 1})):
            status, said = await asked(web, path, **fields)
            assert status == 422
            assert "--allow-local-sandbox" in said
        assert (await asked(web, f"/api/runs/{run_id}/fork", seq=1, resume=False))[0] == 201
        assert len((await web.get("/api/runs"))["runs"]) == 2


async def test_where_it_is_allowed_they_begin(tmp_path: Path) -> None:
    async with serving(tmp_path, sandbox="local") as web:
        assert (await asked(web, options={"sandbox": "local"}))[0] == 202
        assert (await web.get("/api/options"))["confinement"]["place"] == "local"


@pytest.mark.usefixtures("no_engine")
async def test_without_an_engine_what_is_chosen_automatically_is_local(tmp_path: Path) -> None:
    refused = await confinement_of(AutoSandbox(), local_sandboxes=False)
    assert refused.place == "refused"
    assert all(way in refused.line for way in WAYS_OUT)
    assert (await confinement_of(AutoSandbox(), local_sandboxes=True)).place == "local"
    assert (await confinement_of(DockerSandbox(), local_sandboxes=False)).place == "docker"
    async with serving(tmp_path, sandbox="none", local_sandboxes=False) as web:
        assert await asked(web) == (422, refused.line)
        assert await asked(web, options={"sandbox": "auto"}) == (422, refused.line)


@pytest.mark.usefixtures("no_engine")
async def test_no_local_sandbox_is_opened_even_when_the_engine_goes_later(tmp_path: Path) -> None:
    services = ConfiguredServices(Settings(pool_size=0), tmp_path, local_sandboxes=False)
    with pytest.raises(SandboxUnavailable, match="a local sandbox is not allowed here"):
        await services.open_sandbox(RunOptions(), "run-1")
    with pytest.raises(ConfigurationError, match="--allow-local-sandbox"):
        await services.open_sandbox(RunOptions(sandbox="local"), "run-1")
    await services.close()
    strict = ConfiguredServices(Settings(sandbox=LocalSandbox(), pool_size=0), tmp_path, local_sandboxes=False)
    with pytest.raises(ConfigurationError, match="--allow-local-sandbox"):
        await strict.open_sandbox(RunOptions(), "run-1")
    await strict.close()


async def test_the_server_says_at_its_start_how_programs_are_kept_in(tmp_path: Path) -> None:
    home = configured(tmp_path / "home", "http://127.0.0.1:1/v1")
    async with served(home, allow_local_sandbox=False) as server:
        async with server.client() as client:
            assert (await client.post("/api/runs", json={"goal": "x"})).status_code == 422
        await server.stop()
    assert len([line for line in server.said.splitlines() if "--allow-local-sandbox" in line]) == 1
