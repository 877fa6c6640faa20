"""The application over each kind of database that its ledger can be in."""

import asyncio
from pathlib import Path

from agent.ledger.audit import Audit
from agent.models.testing.script import call
from agent.runtime.web_settings import WebSettings
from tests.webui.serving import serving
from tests.webui.streams import Follower

ASK = call("ask_person", question="Which port?")


async def test_runs_are_submitted_followed_found_shared_and_deleted(home: Path, database_url: str | None) -> None:
    async with serving(home, database_url=database_url, web=WebSettings(hold_seconds=0)) as web:
        run_id = await web.submit("Open a \0 port", ASK, title="The port", tags=["net", "work"])
        body = {"goal": "Count", "tags": ["work"]}
        same = await asyncio.gather(
            *(web.client.post("/api/runs", json=body, headers={"Idempotency-Key": "k"}) for _ in range(4))
        )
        assert {answer.status_code for answer in same} == {202}
        assert len({answer.json()["id"] for answer in same}) == 1
        other = same[0].json()["id"]
        assert (await web.stopped(run_id))["status"] == "waiting"
        asked = (await web.get(f"/api/runs/{run_id}/view"))["question"]["key"]
        answer = {"command": {"op": "answer", "question": asked, "text": "443 \0"}}
        assert (await web.client.post(f"/api/runs/{run_id}/commands", json=answer)).status_code == 200
        follower = Follower(web.client, run_id)
        await follower.until_status("finished")
        assert follower.seqs == list(range(1, len(follower.seqs) + 1))
        events = (await web.get(f"/api/runs/{run_id}/events"))["events"]
        assert [event["seq"] for event in events] == follower.seqs

        found = {words: await web.get("/api/runs", search=words) for words in ("PORT", "100%", other)}
        assert [[run["id"] for run in page["runs"]] for page in found.values()] == [[run_id], [], [other]]
        assert [run["id"] for run in (await web.get("/api/runs", tag="net"))["runs"]] == [run_id]
        assert [(tag["tag"], tag["runs"]) for tag in await web.get("/api/tags")] == [("work", 2), ("net", 1)]
        changed = await web.client.patch(f"/api/runs/{run_id}", json={"tags": ["work"], "title": "A port"})
        assert (changed.json()["title"], changed.json()["tags"]) == ("A port", ["work"])
        first = await web.get("/api/runs", limit=1)
        then = await web.get("/api/runs", limit=1, before=first["more"])
        assert {page["runs"][0]["id"] for page in (first, then)} == {run_id, other}

        links = await asyncio.gather(*(web.client.post(f"/api/runs/{run_id}/share", json={}) for _ in range(4)))
        assert len({link.json()["token"] for link in links}) == 1
        assert (await web.client.get(links[0].json()["url"])).status_code == 200
        fork = await web.client.post(f"/api/runs/{run_id}/fork", json={"seq": 3, "resume": False})
        assert fork.status_code == 201, fork.text
        assert (await web.client.delete(f"/api/runs/{run_id}")).status_code == 204
        assert (await web.client.get(links[0].json()["url"])).status_code == 404
        done = [entry.what for entry in await Audit(web.ledger).entries(run_id=run_id)]
    assert done[0] == "delete_run"
    assert {"submit_run", "command_run", "change_run", "share_run", "fork_run"} <= set(done)


async def test_an_address_that_no_database_could_look_for_is_refused(home: Path, database_url: str | None) -> None:
    async with serving(home, database_url=database_url) as web:
        run_id = await web.submit("Count")
        await web.stopped(run_id)
        for path in ("runs?tag=%00", "runs?search=%00", "runs/%00/events", f"runs/{run_id}/files/%00", "shared/%00"):
            assert (await web.client.get(f"/api/{path}")).status_code == 404, path
        for number in (10**30, 2**63):
            for path in ("events?after={}", "events?until={}", "events/{}", "view?at={}", "stream?after={}"):
                answer = await web.client.get(f"/api/runs/{run_id}/{path.format(number)}")
                assert answer.status_code == 422, path


async def test_a_record_with_halves_of_characters_is_shown_and_followed(home: Path) -> None:
    async with serving(home) as web:
        run_id = await web.submit("Count")
        await web.stopped(run_id)
        await web.ledger.append(run_id, None, "retry", None, "fact", {"reason": "y" * 4_500 + "\ud800"})
        shown = (await web.get(f"/api/runs/{run_id}/events"))["events"][-1]
        assert shown["cut"]
        assert shown["payload"]["reason"].endswith("y\ufffd")
        follower = Follower(web.client, run_id)
        await follower.until(shown["seq"])
        assert follower.seqs == list(range(1, shown["seq"] + 1))
