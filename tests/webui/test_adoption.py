"""What a server does with runs that nobody works on, beside what happens to it."""

import asyncio
from pathlib import Path

from agent.domain.events import Answer, Pause
from agent.domain.task import Task
from agent.ledger.filing import Filing
from agent.ledger.looking import fruitless_starts
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.runtime.web_settings import WebSettings
from tests.webui import canal
from tests.webui.serving import DONE, serving
from tests.webui.streams import Follower

ASK = call("ask_person", question="Which port?")


async def test_a_pause_that_a_killed_process_did_not_hear_holds_for_the_next_one(home: Path) -> None:
    ledger = await Ledger.open(home)
    run_id = await ledger.create(Task(goal="x"), filing=Filing(owner="ann"))
    lease = await ledger.leases.claim(run_id, "somebody")
    running = {"status": "running", "reason": ""}
    await ledger.append(run_id, lease.fence, "run", None, "fact", running, status="running")
    await ledger.command(run_id, Pause())
    await ledger.leases.release(lease, active_seconds=0)
    await ledger.close()
    async with serving(home) as web:
        await Follower(web.client, run_id).until_status("paused")


async def killed(ledger: Ledger, run_id: str) -> None:
    """Leave a run as a process does that is killed as soon as it works on it."""
    lease = await ledger.leases.claim(run_id, "somebody")
    running = {"status": "running", "reason": ""}
    await ledger.append(run_id, lease.fence, "run", None, "fact", running, status="running")
    await ledger.leases.release(lease, active_seconds=0)


async def test_a_run_whose_process_ended_three_times_without_progress_waits_for_a_person(home: Path) -> None:
    ledger = await Ledger.open(home)
    poison, unlucky, slow = [await ledger.create(Task(goal="x"), filing=Filing(owner="ann")) for _ in range(3)]
    for _ in range(3):
        await killed(ledger, poison)
    for run_id, kind, key, phase in (
        (unlucky, "model", "root/plan", "started"),
        (unlucky, "model", "root/plan", "done"),
        (slow, "run", None, "fact"),
    ):
        payload = {"status": "queued", "reason": "the server was stopped"} if kind == "run" else {}
        for _ in range(2):
            await killed(ledger, run_id)
        await ledger.append(run_id, None, kind, key, phase, payload)
    assert [await fruitless_starts(ledger, run_id) for run_id in (poison, unlucky, slow)] == [3, 0, 0]
    await killed(ledger, unlucky)
    await ledger.append(unlucky, None, "sandbox", None, "fact", {"lost": "it"})
    assert await fruitless_starts(ledger, unlucky) == 1, "what was under way is no progress, and what came of it is"
    await ledger.close()
    async with serving(home) as web:
        await Follower(web.client, poison).until_status("paused")
        card = await web.get(f"/api/runs/{poison}")
        assert "three times in a row" in card["reason"]
        assert "resume it" in card["reason"]
        assert not card["worked_here"]
        assert (await web.client.post(f"/api/runs/{poison}/resume", json={})).status_code == 200
        await Follower(web.client, poison).until_status("finished")


async def test_a_damaged_run_keeps_no_other_from_being_taken_up(home: Path) -> None:
    ledger = await Ledger.open(home)
    damaged, sound = [await ledger.create(Task(goal="x"), filing=Filing(owner="ann")) for _ in range(2)]
    waiting = {"status": "waiting", "reason": "the run asks"}
    await ledger.append(damaged, None, "run", None, "fact", waiting, status="waiting")
    await ledger.append(damaged, None, "person", "root/ask", "started", {"not": "as it should be"})
    await ledger.close()
    async with serving(home) as web:
        await Follower(web.client, sound).until_status("finished")
        assert (await web.get(f"/api/runs/{damaged}"))["status"] == "waiting"


async def test_an_answer_that_came_while_no_server_ran_is_taken_by_the_next_one(home: Path) -> None:
    async with serving(home, [ASK], web=WebSettings(hold_seconds=0)) as web:
        run_id, deleted = await web.submit("Open a port"), await web.submit("Open another port", ASK)
        for each in (run_id, deleted):
            assert (await web.stopped(each))["status"] == "waiting"
        asked = (await web.get(f"/api/runs/{run_id}/view"))["question"]["key"]
    ledger = await Ledger.open(home)
    await ledger.command(run_id, Answer(question=asked, text="443"))
    await ledger.close()
    async with serving(home, [DONE]) as web:
        await asyncio.gather(
            Follower(web.client, run_id).until_status("finished"), web.client.delete(f"/api/runs/{deleted}")
        )
        assert "443" in str(web.model.asked[0]["messages"][-1])


async def test_an_action_of_the_seat_is_done_though_its_run_stops_waiting_for_it_in_that_moment(
    home: Path, tmp_path: Path
) -> None:
    await canal.fill(home, tmp_path / "docs")
    async with serving(home, web=WebSettings(hold_seconds=0)) as web:
        run_id = await canal.seat(web)
        card = await web.stopped(run_id)
        assert card["status"] == "waiting"
        # as it is before its process, which holds it no longer, has let go of it
        lease = await web.ledger.leases.claim(run_id, "somebody")
        acting = asyncio.create_task(canal.act(web, run_id, 0, "search", {"query": "locks"}))
        sent = card["last_seq"] + 1
        await Follower(web.client, run_id).until(sent)
        await web.ledger.leases.release(lease, active_seconds=0)
        await acting
        await Follower(web.client, run_id, last=sent).until_status("waiting")
        assert (await web.get(f"/api/runs/{run_id}/seat"))["step"] == 1
