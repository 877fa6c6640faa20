"""People steer runs over HTTP: pause, answer, edit the plan, fork, raise the budget; what is stale is refused."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from agent.models.testing.script import Hang, Paced, call
from agent.runtime.web_settings import WebSettings
from tests.webui.serving import DONE, Web, serving

ASK = call("ask_person", question="Which port?", options=["80", "443"])
PLAN = call(
    "make_plan",
    subtasks=[
        {"id": "look", "goal": "Look around"},
        {"id": "write", "goal": "Write it down", "depends_on": ["look"]},
    ],
)


async def order(web: Web, run_id: str, command: dict[str, Any], *, key: str = "", **fields: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"command": command, **fields}
    return await web.client.post(f"/api/runs/{run_id}/commands", json=body, headers=headers)


async def until(web: Web, address: str, reached: Callable[[Any], bool]) -> Any:
    """Look at an address until it is as wanted, as a page that looks now and then."""
    async with asyncio.timeout(30):
        while True:
            found = await web.get(address)
            if reached(found):
                return found
            await asyncio.sleep(0.05)


async def has(web: Web, run_id: str, status: str) -> Any:
    """Wait until a run has a status and return its card."""
    return await until(web, f"/api/runs/{run_id}", lambda card: card["status"] == status)


async def planned(web: Web) -> tuple[str, int]:
    """Start a run whose plan has one subtask under way and another one to come; return its plan's version as well."""
    run_id = await web.submit("Look and write", PLAN, Paced(DONE, first=600))
    view = await until(web, f"/api/runs/{run_id}/view", lambda view: bool(view["plan"]["subtasks"]))
    return run_id, view["plan"]["version"]


async def test_a_run_is_paused_and_goes_on(web: Web) -> None:
    run_id = await web.submit("Think", Paced(DONE, first=1))
    assert (await order(web, run_id, {"op": "pause"})).status_code == 200
    assert (await web.stopped(run_id))["status"] == "paused"
    assert (await order(web, run_id, {"op": "pause"})).status_code == 200
    resumed = await web.client.post(f"/api/runs/{run_id}/resume", json={})
    assert resumed.json()["worked_here"]
    assert (await web.stopped(run_id))["status"] == "finished"
    assert (await web.client.post(f"/api/runs/{run_id}/resume", json={})).status_code == 422


async def test_a_run_that_asks_is_held_for_the_answer(web: Web) -> None:
    run_id = await web.submit("Open a port", ASK, DONE)
    card = await has(web, run_id, "waiting")
    assert card["waiting"]
    assert card["alive"]
    question = (await web.get(f"/api/runs/{run_id}/view"))["question"]
    answer = {"op": "answer", "question": question["key"], "text": "443"}
    assert (await order(web, run_id, answer)).status_code == 200
    assert (await order(web, run_id, answer)).status_code == 200
    late = await order(web, run_id, {**answer, "text": "80"})
    assert (late.status_code, late.json()["error"]) == (409, "CommandConflict")
    assert (await web.stopped(run_id))["status"] == "finished"
    assert web.model.asked[1]["messages"][-1]["content"] == "443"
    statuses = [
        event["payload"]["status"]
        for event in (await web.get(f"/api/runs/{run_id}/events"))["events"]
        if event["kind"] == "run" and "status" in event["payload"]
    ]
    assert statuses == ["running", "waiting", "running", "finished"]


async def test_a_run_that_is_held_is_paused_at_once(web: Web) -> None:
    run_id = await web.submit("Open a port", ASK, DONE)
    await has(web, run_id, "waiting")
    await order(web, run_id, {"op": "pause"})
    assert (await web.stopped(run_id))["status"] == "paused"


@pytest_asyncio.fixture(loop_scope="session")
async def impatient(tmp_path: Path) -> AsyncIterator[Web]:
    """A server that does not hold runs that ask."""
    async with serving(tmp_path / "home", web=WebSettings(hold_seconds=0)) as one:
        yield one


async def test_an_answer_that_comes_late_has_the_run_go_on(web: Web, impatient: Web) -> None:
    del web
    run_id = await impatient.submit("Open a port", ASK, DONE)
    card = await impatient.stopped(run_id)
    assert (card["status"], card["alive"]) == ("waiting", False)
    question = (await impatient.get(f"/api/runs/{run_id}/view"))["question"]
    await order(impatient, run_id, {"op": "answer", "question": question["key"], "text": "443"})
    await has(impatient, run_id, "finished")


async def test_a_plan_that_two_tabs_edit_is_changed_by_the_first(web: Web) -> None:
    run_id, version = await planned(web)
    add = {"op": "add", "subtask": {"id": "check", "goal": "Check it"}}
    edit = {"op": "edit_plan", "version": version, "edits": [add]}
    remove = {**edit, "edits": [{"op": "remove", "target": "write"}]}
    answers = await asyncio.gather(order(web, run_id, edit, key="a"), order(web, run_id, remove, key="b"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    first = edit if answers[0].status_code == 200 else remove
    key = "a" if first is edit else "b"
    again = await order(web, run_id, first, key=key)
    assert again.status_code == 200, "the same click sent twice is one edit"
    old = await order(web, run_id, {**edit, "version": version - 1})
    assert (old.status_code, old.json()["error"]) == (409, "StalePlan")
    impossible = {"op": "edit_plan", "version": version, "edits": [{"op": "remove", "target": "nobody"}]}
    seen = (await web.get(f"/api/runs/{run_id}"))["last_seq"]
    assert (await order(web, run_id, impossible, seen=seen)).status_code == 422
    third = {**edit, "edits": [{"op": "update", "target": "write", "goal": "Write it down well"}]}
    if first is edit:
        assert (await order(web, run_id, third, seen=seen)).status_code == 200, "who has seen the first may add to it"
    commands = [e for e in (await web.get(f"/api/runs/{run_id}/events"))["events"] if e["kind"] == "command"]
    assert len(commands) == (2 if first is edit else 1)


async def test_a_running_run_is_forked_and_both_go_on(web: Web) -> None:
    run_id = await web.submit("Think", Paced(call("recall", id="E1"), first=0.2), Paced(DONE, first=2))
    await until(web, f"/api/runs/{run_id}", lambda card: card["last_seq"] >= 6)
    body, key = {"seq": 5, "title": "Another way"}, {"Idempotency-Key": "fork"}
    answers = [await web.client.post(f"/api/runs/{run_id}/fork", json=body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    fork = answers[0].json()
    assert (fork["parent"], fork["forked_at"], fork["title"]) == (run_id, 5, "Another way")
    assert answers[1].json()["id"] == fork["id"]
    assert (await web.stopped(fork["id"]))["status"] == "finished"
    assert (await web.stopped(run_id))["status"] == "finished"
    beyond = await web.client.post(f"/api/runs/{run_id}/fork", json={"seq": 9_999})
    assert beyond.status_code == 422


async def test_a_run_that_stopped_for_its_budget_goes_on_with_a_larger_one(web: Web) -> None:
    steps = [call("recall", id=f"E{number}") for number in range(3)]
    run_id = await web.submit("Think", *steps, DONE, budget={"steps": 1})
    card = await web.stopped(run_id)
    assert (card["status"], card["outcome"]) == ("paused", "budget_exhausted")
    await web.client.post(f"/api/runs/{run_id}/resume", json={"budget": {"steps": 50}})
    card = await web.stopped(run_id)
    assert (card["status"], card["outcome"]) == ("finished", "unverified")


async def test_guidance_is_heard_and_cancelling_ends_a_run(web: Web) -> None:
    run_id = await web.submit("Think", Paced(call("recall", id="E1"), first=0.5), DONE)
    assert (await order(web, run_id, {"op": "guide", "text": "Be brief."}, key="g")).status_code == 200
    assert (await order(web, run_id, {"op": "guide", "text": "Be brief."}, key="g")).status_code == 200
    await web.stopped(run_id)
    assert str(web.model.asked[1]).count("Be brief.") == 1
    other = await web.submit("Think", Hang())
    assert (await order(web, other, {"op": "cancel"})).status_code == 200
    assert (await web.stopped(other))["status"] == "cancelled"
    assert (await order(web, other, {"op": "cancel"})).status_code == 200
