"""Runs are submitted, found, filed and deleted over HTTP."""

import asyncio

from agent.models.testing.script import Paced, call
from tests.webui.serving import DONE, Web


async def test_a_submitted_run_is_worked_on_and_found_again(web: Web) -> None:
    run_id = await web.submit("Say hello", DONE, tags=["greeting"], title="A greeting")
    card = await web.stopped(run_id)
    assert (card["status"], card["title"], card["tags"], card["owner"]) == (
        "finished",
        "A greeting",
        ["greeting"],
        "local",
    )
    assert (card["outcome"], card["model"], card["worked_here"]) == ("unverified", "scripted", False)
    listed = await web.get("/api/runs", search="hello", tag="greeting")
    assert [run["id"] for run in listed["runs"]] == [run_id]
    assert await web.get("/api/tags") == [{"tag": "greeting", "runs": 1}]


async def test_a_double_click_submits_one_run(web: Web) -> None:
    body, key = {"goal": "Say hello"}, {"Idempotency-Key": "one click"}
    answers = await asyncio.gather(*(web.client.post("/api/runs", json=body, headers=key) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    another = await web.client.post("/api/runs", json={"goal": "Say goodbye"}, headers=key)
    assert (another.status_code, another.json()["error"]) == (409, "CommandConflict")
    assert len((await web.get("/api/runs"))["runs"]) == 1


async def test_a_file_that_nobody_uploaded_is_refused(web: Web) -> None:
    missing = {"path": "a.txt", "sha256": "0" * 64, "size": 3}
    answer = await web.client.post("/api/runs", json={"goal": "Read it", "files": [missing]})
    assert (answer.status_code, answer.json()["message"]) == (
        422,
        "a.txt was not uploaded; upload it, then submit again",
    )


async def test_title_and_tags_are_changed(web: Web) -> None:
    run_id = await web.submit("Say hello", tags=["a"])
    changed = await web.client.patch(f"/api/runs/{run_id}", json={"tags": ["b", "c"], "title": "Hello"})
    assert (changed.json()["title"], changed.json()["tags"]) == ("Hello", ["b", "c"])
    changed = await web.client.patch(f"/api/runs/{run_id}", json={"title": ""})
    assert (changed.json()["title"], changed.json()["tags"]) == ("", ["b", "c"])
    assert (await web.client.patch(f"/api/runs/{run_id}", json={"title": "two\nlines"})).status_code == 422


async def test_a_run_is_deleted_also_while_it_is_worked_on(web: Web) -> None:
    run_id = await web.submit("Think long", Paced(call("submit", answer="late"), first=60))
    assert (await web.client.delete(f"/api/runs/{run_id}")).status_code == 204
    gone = await web.client.get(f"/api/runs/{run_id}")
    assert (gone.status_code, gone.json()["error"]) == (404, "UnknownRun")


async def test_events_come_in_pages_and_whole(web: Web) -> None:
    long = "x" * 50_000
    run_id = await web.submit("Say a lot", call("submit", answer=long))
    await web.stopped(run_id)
    page = await web.get(f"/api/runs/{run_id}/events")
    assert [event["seq"] for event in page["events"]] == list(range(1, page["last_seq"] + 1))
    cut = [event for event in page["events"] if event["cut"] and "46,500 characters left out" in str(event)]
    assert cut
    assert long not in str(page)
    whole = await web.get(f"/api/runs/{run_id}/events/{cut[0]['seq']}")
    assert long in str(whole)
    some = await web.get(f"/api/runs/{run_id}/events", after=2, until=4, limit=1)
    assert [event["seq"] for event in some["events"]] == [3]
    view = await web.get(f"/api/runs/{run_id}/view", at=1)
    assert (view["seq"], view["task"]["goal"]) == (1, "Say a lot")
    assert (await web.client.get(f"/api/runs/{run_id}/events/999")).status_code == 404
