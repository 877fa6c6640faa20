"""``plumbline serve`` says where it serves, and in one line why it does not."""

import asyncio
import socket
from pathlib import Path

import pytest

from agent.domain.task import Task
from agent.ledger.filing import Filing
from agent.ledger.library import Library
from agent.ledger.store import Ledger
from agent.models.testing.scripted_server import ScriptedServer
from tests.webui.processes import configured, served
from tests.webui.serving import DONE, serving
from tests.webui.streams import Follower


async def refused(home: Path, *arguments: str, port: int = 0) -> str:
    with pytest.raises(RuntimeError) as said:
        async with served(home, *arguments, port=port):
            pass
    return str(said.value)


async def test_what_cannot_be_listened_on_is_told_in_one_line(tmp_path: Path) -> None:
    home = configured(tmp_path / "home", "http://127.0.0.1:1/v1")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = await asyncio.gather(refused(home, port=port), refused(home, "--host", "192.0.2.1"))
    for text, part in zip(told, (f"port {port}: Address already in use", "192.0.2.1"), strict=True):
        assert part in text
        assert len(text.splitlines()) == 1
        assert "Traceback" not in text


async def test_it_prints_a_link_and_answers(tmp_path: Path) -> None:
    async with ScriptedServer([DONE]) as model:
        home = configured(tmp_path / "home", model.base_url)
        async with served(home) as server:
            assert f"{server.url}/api/enter?token=" in server.said
            assert (home / "web.token").stat().st_mode & 0o077 == 0
            async with server.client() as client:
                assert (await client.get("/api/health")).json() == {"ok": True}
                assert (await client.get("/api/me")).json()["name"] == "local"
            assert await server.stop() == 0


async def test_runs_that_lost_their_process_are_taken_up_and_those_of_the_terminal_are_not(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ledger = await Ledger.open(home)
    theirs = await ledger.create(Task(goal="of a server"), filing=Filing(owner="ann"))
    terminal = await ledger.create(Task(goal="of the terminal"))
    held = await ledger.create(Task(goal="held by a live process"), filing=Filing(owner="ann"))
    await ledger.leases.claim(held, "elsewhere/boot/1/2/3/4", seconds=600)
    await ledger.close()
    async with serving(home) as web:
        await Follower(web.client, theirs).until_status("finished")
        lost = await web.ledger.create(Task(goal="lost while a server runs"), filing=Filing(owner="ann"))
        await Follower(web.client, lost).until_status("finished")
        library = Library(web.ledger)
        assert [(await library.find(run)).status for run in (terminal, held)] == ["queued", "queued"]
