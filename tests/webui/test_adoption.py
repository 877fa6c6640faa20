"""What a server does with runs that nobody works on, beside what happens to it."""

import asyncio
from pathlib import Path

from agent.domain.events import Answer, Pause
from agent.domain.task import Task
from agent.ledger.filing import Filing
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.runtime.web_settings import WebSettings
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
