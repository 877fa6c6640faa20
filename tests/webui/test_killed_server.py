"""A server that is killed in the middle of a run goes on with it when it is started again, and so do open pages."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from agent.models.testing.script import Paced, Step, call
from agent.models.testing.scripted_server import ScriptedServer
from tests.webui.browser import Stage
from tests.webui.processes import Served, configured, served
from tests.webui.streams import Follower

TURNS = 8
KILL_AT = (7, 18)
"""Events after which the server is killed."""

SHELL = call("shell", command="printf x >> count; wc -c count", session="main")

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


def turn(request: dict[str, Any], _number: int) -> Step:
    """Write one letter in each turn; what the model says depends on what it is shown alone."""
    done = sum(message["role"] == "assistant" for message in request["messages"])
    return Paced(SHELL if done < TURNS else call("submit", answer="There are eight."), first=0.15)


@pytest_asyncio.fixture(loop_scope="session")
async def model() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer(turn) as one:
        yield one


async def submit(client: httpx.AsyncClient) -> str:
    body = {"goal": "Write eight letters into a file", "options": {"sandbox": "local"}}
    answer = await client.post("/api/runs", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def ended(server: Served, run_id: str) -> dict[str, Any]:
    """Wait until a run has ended and return its card."""
    async with server.client() as client, asyncio.timeout(120):
        while True:
            card: dict[str, Any] = (await client.get(f"/api/runs/{run_id}")).json()
            if card["status"] in ("finished", "failed"):
                return card
            await asyncio.sleep(0.2)


async def recorded(server: Served, run_id: str) -> list[dict[str, Any]]:
    async with server.client() as client:
        page = (await client.get(f"/api/runs/{run_id}/events")).json()
    events: list[dict[str, Any]] = page["events"]
    return events


async def test_followers_and_open_pages_have_every_event_once_though_the_server_is_killed_twice(
    model: ScriptedServer, browser: Browser, tmp_path: Path
) -> None:
    home = configured(tmp_path / "home", model.base_url)
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(served(home))
        client = await stack.enter_async_context(server.client())
        stage = Stage(browser, server.url, tmp_path / "screenshots")
        stack.push_async_callback(stage.close)
        # while nobody answers, requests fail, and the page says so itself
        for expected in ("net::ERR_", "Failed to load resource"):
            stage.expect(expected)
        page = await stage.page(server.link())
        run_id = await submit(client)
        follower = Follower(client, run_id)
        await page.goto(f"{server.url}/runs/{run_id}")
        await page.evaluate("window.neverLoadedAgain = true")
        heard = await heard_by(page, server.url, run_id)
        for seq in KILL_AT:
            await follower.until(seq)
            await server.kill()
            await expect(page.get_by_text("The server cannot be reached")).to_be_visible()
            await stage.shot(page, f"run-server-killed-at-{seq}")
            server = await stack.enter_async_context(served(home, port=server.port))
        card = await ended(server, run_id)
        await follower.until(card["last_seq"])
        events = await recorded(server, run_id)
        await page.wait_for_function("(last) => window.heard.at(-1) >= last", arg=card["last_seq"])
        seqs = await page.evaluate("window.heard")
        assert await page.evaluate("window.neverLoadedAgain")
        # the client itself has come as far, and is at the end of what it knows
        moment = page.get_by_role("slider")
        await expect(moment).to_have_attribute("max", str(card["last_seq"]))
        await expect(moment).to_have_value(str(card["last_seq"]))
        await stage.shot(page, "run-after-the-server-was-killed")
    assert heard
    assert card["status"] == "finished"
    assert follower.seqs == seqs == list(range(1, card["last_seq"] + 1))
    assert follower.openings >= len(KILL_AT) + 1
    ends = [event for event in events if event["phase"] == "done" and str(event["key"]).startswith("root/tool/")]
    assert Counter(event["key"] for event in ends) == {f"root/tool/{number}.0": 1 for number in range(TURNS)}
    assert f"{TURNS} count" in str(ends[-1]["payload"]), "no call was carried out twice"


async def test_a_server_that_is_stopped_sets_its_runs_aside_and_the_next_one_ends_them(
    model: ScriptedServer, tmp_path: Path
) -> None:
    home = configured(tmp_path / "home", model.base_url)
    async with served(home) as server, server.client() as client:
        run_id = await submit(client)
        await Follower(client, run_id).until(8)
        assert await server.stop() == 0
    async with served(home) as again:
        card = await ended(again, run_id)
        events = await recorded(again, run_id)
    statuses = [event["payload"]["status"] for event in events if event["kind"] == "run" and event["key"] is None]
    assert statuses == ["running", "queued", "running", "finished"]
    assert card["status"] == "finished"


async def heard_by(page: Page, url: str, run_id: str) -> bool:
    """Have a page keep the numbers of all events that the browser's own EventSource tells it."""
    return bool(
        await page.evaluate(
            """(address) => {
                window.heard = [];
                const source = new EventSource(address);
                const keep = (event) => window.heard.push(event.seq);
                source.onmessage = (message) => JSON.parse(message.data).forEach(keep);
                return true;
            }""",
            f"{url}/api/runs/{run_id}/stream",
        )
    )
