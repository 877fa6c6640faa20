"""Runs are filed and found again; what came with a key comes once; a ledger of the first version is taken over."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from agent.domain.errors import CommandConflict, UnknownRun, UsageError
from agent.domain.events import Guide
from agent.domain.task import Task
from agent.ledger.audit import Audit
from agent.ledger.filing import DuplicateSubmission, Filing, submission_digest
from agent.ledger.library import Library, Search
from agent.ledger.redaction import Redactor
from agent.ledger.shares import Shares
from agent.ledger.store import Ledger

GOLDEN = Path(__file__).parent / "golden"


async def test_runs_are_found_by_words_status_tag_and_owner(any_ledger: Ledger) -> None:
    library = Library(any_ledger)
    await any_ledger.create(Task(goal="Count the files"), run_id="a", filing=Filing(owner="ann", tags=("work", "data")))
    await any_ledger.create(Task(goal="数一数文件"), run_id="b", filing=Filing(owner="bo", title="100% FILES"))
    await any_ledger.create(Task(goal="say hello"), run_id="c")

    async def found(**wanted: object) -> set[str]:
        return {run.id for run in (await library.search(Search.model_validate(wanted))).runs}

    assert await found() == {"a", "b", "c"}
    assert await found(words="files") == {"a", "b"}
    assert await found(words="files count") == {"a"}
    assert await found(words="一数") == {"b"}
    assert await found(words="100%") == {"b"}
    assert await found(words="%") == {"b"}
    assert await found(tag="data") == {"a"}
    assert await found(owner="bo") == {"b"}
    assert await found(status="finished") == set()
    assert await found(status="queued", owner="ann", tag="work") == {"a"}


async def test_pages_of_runs_follow_each_other_without_gap_or_repetition(any_ledger: Ledger) -> None:
    library, seen, before = Library(any_ledger), list[str](), None
    made = [await any_ledger.create(Task(goal=f"{number}")) for number in range(7)]
    while True:
        page = await library.search(Search(limit=3, before=before))
        seen += [run.id for run in page.runs]
        if (before := page.more) is None:
            break
    assert seen == made[::-1]
    for bad in ("", "no page", "AAAA", "ÿ"):
        with pytest.raises(UsageError, match="begin with the first"):
            await library.search(Search(before=bad))


async def test_title_and_tags_are_changed_apart_from_each_other(any_ledger: Ledger) -> None:
    library = Library(any_ledger)
    run_id = await any_ledger.create(Task(goal="x"), filing=Filing(tags=("b", "a", "b")))
    assert (await library.find(run_id)).tags == ("a", "b")
    await library.change(run_id, title="A title")
    await library.change(run_id, tags=["c"])
    run = await library.find(run_id)
    assert (run.title, run.tags) == ("A title", ("c",))
    assert [tag.tag for tag in await library.tags()] == ["c"]
    with pytest.raises(UnknownRun):
        await library.find(run_id[:-1])


async def test_a_submission_sent_many_times_at_once_is_one_run(any_ledger: Ledger) -> None:
    library, task, filing = Library(any_ledger), Task(goal="x"), Filing(owner="ann", key="k")
    digest = submission_digest(task, {})
    made = await asyncio.gather(*(any_ledger.create(task, filing=filing) for _ in range(5)), return_exceptions=True)
    runs = [run for run in made if isinstance(run, str)]
    assert len(runs) == 1
    assert sum(isinstance(each, DuplicateSubmission) for each in made) == 4
    assert await library.submitted(filing, digest) == runs[0]
    assert await library.submitted(Filing(owner="bo", key="k"), digest) is None
    with pytest.raises(CommandConflict, match="something else"):
        await library.submitted(filing, submission_digest(Task(goal="y"), {}))


async def test_a_deleted_run_takes_tags_and_links_with_it_and_leaves_what_was_done(any_ledger: Ledger) -> None:
    shares, audit = Shares(any_ledger), Audit(any_ledger)
    run_id = await any_ledger.create(Task(goal="x"), filing=Filing(tags=("t",), key="k"))
    share = await shares.make(run_id, "ann")
    await audit.note("ann", "share", run_id)
    assert await shares.run_of(share.token) == run_id
    assert await shares.of(run_id) == (share,)
    await any_ledger.delete(run_id)
    assert await shares.run_of(share.token) is None
    assert await Library(any_ledger).tags() == ()
    assert [(entry.who, entry.what) for entry in await audit.entries(run_id=run_id)] == [("ann", "share")]


async def test_a_run_has_one_link_however_many_ask_for_it_at_once(any_ledger: Ledger) -> None:
    shares = Shares(any_ledger)
    run_id, other = [await any_ledger.create(Task(goal="x")) for _ in range(2)]
    made = await asyncio.gather(*(shares.make(run_id, name) for name in ("ann", "bo", "cy", "di")))
    assert len({share.token for share in made}) == 1
    assert await shares.of(run_id) == (made[0],)
    assert (await shares.make(other, "ann")).token != made[0].token
    with pytest.raises(UnknownRun):
        await shares.make("gone", "ann")


async def test_what_a_database_cannot_hold_and_secrets_do_not_come_into_its_columns(
    home: Path, database_url: str | None
) -> None:
    ledger = await Ledger.open(home, url=database_url, redactor=Redactor(["hush-hush-hush"]))
    key = "sk-" + "a1B2" * 12
    filing = Filing(owner="ann", title=f"Rotate {key} today")
    run_id = await ledger.create(Task(goal="half a \0 line"), filing=filing)
    fork_id = await ledger.fork(run_id, 1, filing=filing)
    library, audit = Library(ledger), Audit(ledger)
    assert (await library.find(run_id)).goal == "half a \ufffd line"
    for each in (run_id, fork_id):
        assert key not in (await library.find(each)).title
    await library.change(run_id, title=f"Say hush-hush-hush, or {key}")
    title = (await library.find(run_id)).title
    assert title.startswith("Say ")
    assert "hush-hush" not in title
    assert key not in title
    await audit.note("ann", "command_run", run_id, f"answer: hush-hush-hush \0 {key} \ud800")
    detail = (await audit.entries())[0].detail
    assert detail.startswith("answer: ")
    assert "hush-hush" not in detail
    assert key not in detail
    fence = (await ledger.leases.claim(run_id, "somebody")).fence
    reason = "the model said \0"
    payload = {"status": "paused", "reason": reason}
    await ledger.append(run_id, fence, "run", None, "fact", payload, status="paused", reason=reason)
    assert (await library.find(run_id)).reason == "the model said \ufffd"
    await ledger.close()


async def test_links_are_taken_back(any_ledger: Ledger) -> None:
    shares = Shares(any_ledger)
    run_id = await any_ledger.create(Task(goal="x"))
    token = (await shares.make(run_id, "ann")).token
    assert await shares.take_back(run_id) == 1
    assert await shares.run_of(token) is None


async def test_the_outcome_stands_with_the_status_that_tells_it(any_ledger: Ledger) -> None:
    library = Library(any_ledger)
    run_id = await any_ledger.create(Task(goal="x"), options={"roles": {"executor": "small"}})
    fence = (await any_ledger.leases.claim(run_id, "somebody")).fence
    ended = {"status": "finished", "reason": "verified"}
    await any_ledger.append(
        run_id, fence, "run", None, "fact", ended, status="finished", reason="verified", outcome="verified"
    )
    run = await library.find(run_id)
    assert (run.outcome, run.model) == ("verified", "small")
    await any_ledger.append(run_id, fence, "run", None, "fact", {"status": "running"}, status="running")
    assert (await library.find(run_id)).outcome is None


async def test_a_ledger_of_the_first_version_is_taken_over(home: Path) -> None:
    home.mkdir()
    with sqlite3.connect(home / "ledger.db") as old:
        old.executescript((GOLDEN / "0001.sql").read_text())
    old.close()
    ledger = await Ledger.open(home)
    try:
        ended, queued = (await Library(ledger).search(Search())).runs[::-1]
        assert (ended.id, ended.status, ended.outcome, ended.model) == (
            "261101-0a1b2c3d", "finished", "verified", "embedded",
        )  # fmt: skip
        assert (queued.status, queued.owner, queued.title, queued.tags) == ("queued", None, "", ())
        assert [event.seq async for event in ledger.events(ended.id)] == [1, 2, 3, 4]
        assert await ledger.command(queued.id, Guide(text="go on")) == 2
    finally:
        await ledger.close()
