"""A run is followed as it goes on: every event once, in order, whoever writes it and whenever one comes."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from agent.domain.events import Guide
from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.models.testing.script import Paced, call, say
from agent.runtime.web_settings import WebSettings
from tests.webui.serving import DONE, Web, serving
from tests.webui.streams import Follower
from webui.live.watcher import MOST_WAITING, Watcher

STEP = Paced(call("recall", id="E1"), first=0.2)


async def test_whoever_comes_at_any_time_has_every_event_once(web: Web) -> None:
    run_id = await web.submit("Think three times", STEP, STEP, STEP, DONE)
    early, other = Follower(web.client, run_id), Follower(web.client, run_id)
    following = [asyncio.create_task(each.until("gone")) for each in (early, other)]
    await web.stopped(run_id)
    last = (await web.get(f"/api/runs/{run_id}"))["last_seq"]
    late = Follower(web.client, run_id, last=3)
    await late.until(last)
    await web.client.delete(f"/api/runs/{run_id}")
    await asyncio.gather(*following)
    assert early.seqs == other.seqs == list(range(1, last + 1))
    assert late.seqs == list(range(4, last + 1))
    assert early.openings == 1


async def test_events_of_other_processes_come_as_well(web: Web) -> None:
    run_id = await web.ledger.create(Task(goal="x"))
    follower = Follower(web.client, run_id)
    following = asyncio.create_task(follower.until(4))
    other = await Ledger.open(web.home)
    try:
        for text in ("one", "two", "three"):
            await other.command(run_id, Guide(text=text))
    finally:
        await other.close()
    await following
    assert follower.seqs == [1, 2, 3, 4]


async def test_one_follows_so_many_runs_at_a_time(tmp_path: Path) -> None:
    """A stream too many is refused with when to come back, others are not concerned, and a page that is closed counts
    no more."""
    async with serving(tmp_path, web=WebSettings(streams_per_user=2)) as web:
        run_id = await web.ledger.create(Task(goal="x"))
        ada = {"Authorization": f"Bearer {web.access.add_user('ada', 'admin')}"}
        path = f"/api/runs/{run_id}/stream"
        async with web.client.stream("GET", path) as first, AsyncExitStack() as pages:
            second = await pages.enter_async_context(web.client.stream("GET", path))
            assert [first.status_code, second.status_code] == [200, 200]
            refused = await web.client.get(path)
            assert (refused.status_code, refused.json()["error"]) == (429, "TooManyRequests")
            assert int(refused.headers["retry-after"]) > 0
            assert (await web.client.get(f"/api/runs/{run_id}")).status_code == 200
            async with web.client.stream("GET", path, headers=ada) as other:
                assert other.status_code == 200
            await pages.aclose()
            await Follower(web.client, run_id).until(1)


async def test_a_deleted_run_tells_those_who_watch_it(web: Web) -> None:
    run_id = await web.ledger.create(Task(goal="x"))
    follower = Follower(web.client, run_id)
    following = asyncio.create_task(follower.until("gone"))
    await follower.heard.wait()
    await web.ledger.delete(run_id)
    await following
    assert (await web.client.get(f"/api/runs/{run_id}/stream")).status_code == 404


async def test_replies_come_as_they_are_written_and_are_not_stored(web: Web) -> None:
    text = "A sentence that takes its time. " * 20
    ask = call("ask_person", question="Shall I?")
    run_id = await web.submit("Tell me", ask, Paced(say(text), between=0.01), DONE)
    follower = Follower(web.client, run_id)
    following = asyncio.create_task(follower.until_status("finished"))
    # it is written only when somebody is there to see it
    while "waiting" not in follower.statuses:
        follower.heard.clear()
        await follower.heard.wait()
    question = (await web.get(f"/api/runs/{run_id}/view"))["question"]["key"]
    answer = {"command": {"op": "answer", "question": question, "text": "yes"}}
    assert (await web.client.post(f"/api/runs/{run_id}/commands", json=answer)).status_code == 200
    await following
    pieces = [message.data["text"] for message in follower.messages if message.event == "text"]
    assert "".join(pieces).strip() in text
    assert len("".join(pieces)) > 50
    assert not any(message.id for message in follower.messages if message.event)


async def test_a_server_that_stops_ends_its_streams_and_the_next_one_goes_on_with_them(web: Web) -> None:
    run_id = await web.ledger.create(Task(goal="x"))
    follower = Follower(web.client, run_id)
    await follower.until(1)
    async with serving(web.home, authenticate=False) as another:
        follower.client = another.client
        following = asyncio.create_task(follower.until(3))
        await web.ledger.command(run_id, Guide(text="one"))
        await web.ledger.command(run_id, Guide(text="two"))
        await following
        left_open = Follower(another.client, run_id)
        open_stream = asyncio.create_task(left_open.until("never"))
        await left_open.heard.wait()
    open_stream.cancel()
    await asyncio.gather(open_stream, return_exceptions=True)
    assert follower.seqs == [1, 2, 3]


async def test_a_watcher_that_does_not_read_is_cut_off_and_costs_no_more_than_the_bound() -> None:
    watcher, size = Watcher(), 100_000
    offered = 0
    while not watcher.ended:
        watcher.offer(offered + 1, offered + 1, b"x" * size)
        offered += 1
    assert offered == MOST_WAITING // size + 1
    assert await watcher.take() == []


async def test_a_watcher_that_was_cut_off_comes_back_without_a_gap(web: Web) -> None:
    run_id = await web.ledger.create(Task(goal="x"))
    slow = web.client.stream("GET", f"/api/runs/{run_id}/stream")
    text, written = "x" * 3_000, 3_000
    async with slow as answer:
        assert answer.status_code == 200
        # nobody reads while more is written than the network and the bound hold
        for _ in range(written):
            await web.ledger.command(run_id, Guide(text=text))
        body = await answer.aread()
    assert len(body) < written * len(text)
    follower = Follower(web.client, run_id)
    await follower.until(written + 1)
    assert follower.seqs == list(range(1, written + 2))


async def test_five_megabytes_of_output_reach_a_page_cut_and_are_there_whole(web: Web) -> None:
    run_id = await web.ledger.create(Task(goal="x"))
    output = "line\x1b[31m <script>alert(1)</script> ⚠ \u202e\n" * 120_000
    follower = Follower(web.client, run_id)
    following = asyncio.create_task(follower.until(2))
    await web.ledger.append(run_id, None, "tool", "root/tool/0.0", "done", {"result": {"ok": True, "text": output}})
    await following
    event = follower.messages[-1].data[-1]
    assert event["cut"]
    assert len(event["payload"]["result"]["text"]) < 4_000
    assert event["payload"]["result"]["text"].startswith("line\x1b[31m <script>")
    whole = await web.get(f"/api/runs/{run_id}/events/2")
    assert whole["payload"]["result"]["text"] == output
