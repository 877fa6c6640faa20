"""Verifying the quotes of runs: of reports and of sessions, by kept texts and by pages as they are now."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from agent.browsing.config import BrowsingConfig
from agent.browsing.corpus import Corpus
from agent.browsing.errors import FetchFailed
from agent.browsing.page import Element, Page
from agent.browsing.ports import World
from agent.browsing.testing import FakeSearch, FakeWeb, page_of
from agent.domain.errors import RunCancelled, UnknownRun
from agent.domain.messages import Reply
from agent.domain.task import Task
from agent.ledger.cassette import export_run, import_run
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.browsing import open_pages
from agent.runtime.settings import Settings
from agent.runtime.verifying import QuoteTrouble, TextNow, texts_of_pages, verify_kept, verify_now
from tests.runtime import test_pipeline_runs as pipeline_runs
from tests.runtime.test_research import (
    BOTH,
    BRIDGE,
    GOAL,
    HEIGHT,
    LENGTH,
    SUBMIT,
    TOWER,
    browsing,
    researcher,
    world_of,
)
from tests.studio import StudioServices, studio
from toolserver.client import BrowsingSettings, LocalSandbox
from toolserver.testing_web import hostile_web, page


async def researched(ledger: Ledger, folder: Path) -> str:
    world, _ = world_of(TOWER, BRIDGE)
    async with studio(ledger, StudioServices(researcher(BOTH, SUBMIT), folder, browsed=world)) as runner:
        run_id = await runner.start(Task(goal=GOAL, web=True))
        await runner.wait(run_id)
    return run_id


def blob_of(home: Path, digest: str) -> Path:
    (found,) = home.rglob(f"{digest[:2]}/{digest[2:]}")
    return found


async def test_all_quotes_of_a_run_are_valid_here_and_in_an_imported_cassette(
    ledger: Ledger, folder: Path, tmp_path: Path
) -> None:
    run_id = await researched(ledger, folder)
    (tmp_path / "run.jsonl").write_bytes(b"".join([line async for line in export_run(ledger, run_id)]))
    other = await Ledger.open(tmp_path / "other")
    await import_run(other, tmp_path / "run.jsonl")

    for place in (ledger, other):
        found = await verify_kept(place, run_id)
        assert {check.text: check.state for check in found.checks} == {HEIGHT: "valid", LENGTH: "valid"}
        assert found.good
    await other.close()


async def test_quotes_of_sessions_that_no_claim_cites_are_verified_too(ledger: Ledger, folder: Path) -> None:
    world, _ = world_of(TOWER, BRIDGE)
    nothing_cited = call("submit", answer="I do not know.", success=False)
    async with studio(ledger, StudioServices(researcher(BOTH, nothing_cited), folder, browsed=world)) as runner:
        run_id = await runner.start(Task(goal=GOAL, web=True))
        report = await runner.wait(run_id)

    assert not [item for item in report.evidence if item.kind == "quote"]
    assert {check.text for check in (await verify_kept(ledger, run_id)).checks} == {HEIGHT, LENGTH}


async def test_a_kept_text_that_was_lost_or_forged_is_told(ledger: Ledger, home: Path, folder: Path) -> None:
    run_id = await researched(ledger, folder)
    blob_of(home, TOWER.text_sha256).write_text("The tower is 210 metres high. It was built in 1931.")

    found = await verify_kept(ledger, run_id)

    assert {check.text: check.state for check in found.checks} == {HEIGHT: "gone", LENGTH: "valid"}
    assert not found.good


@pytest.mark.parametrize(
    ("now", "state", "told"),
    [
        (TOWER, "valid", ""),
        (page_of(f"News of today, a lot of it. {TOWER.text}"), "moved", "from 0 to 28"),
        (page_of(TOWER.text.replace("120", "125")), "changed", ""),
        (page_of("A domain for sale."), "gone", "neither"),
        (FetchFailed("not_found", "the server answered 404"), "gone", "404"),
        (FetchFailed("timeout", "no answer in time"), "unchecked", "timeout: no answer in time"),
        (FetchFailed("robots", "not allowed"), "unchecked", "robots"),
    ],
)
async def test_each_quote_is_looked_for_in_its_page_fetched_once(
    ledger: Ledger, folder: Path, now: object, state: str, told: str
) -> None:
    run_id = await researched(ledger, folder)
    web = FakeWeb({TOWER.url: now, BRIDGE.url: BRIDGE})  # type: ignore[dict-item]

    found = await verify_now(ledger, run_id, texts_of_pages(web, None, None))

    by_text = {check.text: check for check in found.checks}
    assert (by_text[HEIGHT].state, by_text[LENGTH].state) == (state, "valid")
    assert told in by_text[HEIGHT].detail
    assert found.good is (state in ("valid", "moved"))
    assert sorted(web.fetched) == [BRIDGE.url, TOWER.url]


async def test_pages_are_fetched_anew_through_a_sandbox(ledger: Ledger, folder: Path, tmp_path: Path) -> None:
    async with hostile_web({"/bridge": page(f"<p>{BRIDGE.text}</p>")}) as web:
        tower = page_of(TOWER.text, url=web.url("/tower"))
        bridge = page_of(BRIDGE.text, url=web.url("/bridge"), title="The bridge")
        world, _ = world_of(tower, bridge)
        async with studio(ledger, StudioServices(researcher(BOTH, SUBMIT), folder, browsed=world)) as runner:
            run_id = await runner.start(Task(goal=GOAL, web=True))
            await runner.wait(run_id)
        config = BrowsingConfig(private_hosts=(web.rule,), browser="never", web=BrowsingSettings(delay_seconds=0))
        pages = open_pages(
            config,
            settings=Settings(sandbox=LocalSandbox()),
            home=tmp_path,
            run_id="v",
            corpus=None,
            blobs=ledger.blobs,
        )
        states = []
        for body in (TOWER.text, f"News. {TOWER.text}", TOWER.text.replace("120", "125"), None):
            if body is None:
                del web.pages["/tower"]
            else:
                web.pages["/tower"] = page(f"<p>{body}</p>")
            found = await verify_now(ledger, run_id, texts_of_pages(pages.fetcher, pages.browser, None))
            by_text = {check.text: check for check in found.checks}
            states.append(by_text[HEIGHT].state)
            assert by_text[LENGTH].state == "valid"
        await pages.close()

    assert states == ["valid", "moved", "changed", "gone"]


async def test_a_file_is_read_again_only_where_it_belongs_to_the_runs_index(tmp_path: Path) -> None:
    inside, outside = tmp_path / "docs" / "a.txt", tmp_path / "secret.txt"
    inside.parent.mkdir()
    inside.write_text("The kettle boils.")
    outside.write_text("The password is hunter2.")
    async with Corpus(tmp_path / "corpus.db") as corpus:
        await corpus.add([inside.parent])
        texts_now = texts_of_pages(FakeWeb({}), None, corpus)

        async def now(location: object) -> TextNow | QuoteTrouble:
            (found,) = [text async for text in texts_now(str(location))]
            return found

        assert await now(inside) == TextNow("The kettle boils.")
        for location in (outside, f"{inside.parent}/../secret.txt", "corpus:abc", "file:///etc/passwd", ""):
            trouble = await now(location)
            assert isinstance(trouble, QuoteTrouble)
            assert not trouble.gone
        inside.unlink()
        trouble = await now(inside)
        assert isinstance(trouble, QuoteTrouble)
        assert trouble.gone


class Shown(FakeWeb):
    """A browser that shows other pages than plain requests get."""

    def __init__(self, read: FakeWeb, shown: Mapping[str, Page | FetchFailed]) -> None:
        super().__init__(shown)
        self._read = read

    async def open(self, url: str, *, browser: bool = False) -> Page:
        return await (self.fetch(url) if browser else self._read.fetch(url))

    async def click(self, ref: str) -> Page:
        raise FetchFailed("stale", "gone")

    async def type_text(self, ref: str, text: str, *, submit: bool) -> Page:
        raise FetchFailed("stale", "gone")

    async def select(self, ref: str, value: str) -> Page:
        raise FetchFailed("stale", "gone")


BUTTON = Element(ref="e1", role="button", name="Show")
RESEARCH = call("research", question="How high is the tower?")
NOTHING = call("submit", answer="I do not know.", success=False)


class Clicked(Shown):
    """A browser that opens one page, on which a click leads to another."""

    def __init__(self, first: Page, second: Page) -> None:
        super().__init__(FakeWeb({}), {})
        self._first, self._second = first, second

    async def open(self, url: str, *, browser: bool = False) -> Page:
        return self._first

    async def click(self, ref: str) -> Page:
        return self._second


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        (TOWER, "valid"),
        (page_of("Nothing here."), "gone"),
        (FetchFailed("unreachable", "there is no browser"), "unchecked"),
        (FetchFailed("timeout", "no answer in time"), "unchecked"),
    ],
)
async def test_what_only_a_browser_shows_is_looked_for_there(
    ledger: Ledger, folder: Path, shown: Page | FetchFailed, state: str
) -> None:
    run_id = await researched(ledger, folder)
    read = FakeWeb({TOWER.url: page_of("Please switch scripts on."), BRIDGE.url: BRIDGE})
    browser = Shown(read, {TOWER.url: shown})

    found = await verify_now(ledger, run_id, texts_of_pages(read, browser, None))

    assert {check.text: check.state for check in found.checks} == {HEIGHT: state, LENGTH: "valid"}
    assert browser.fetched == [TOWER.url], "the other page is not shown, since its quote stands"


@pytest.mark.parametrize("by", ["browser", "click"])
async def test_what_was_read_in_a_browser_is_not_gone_from_what_is_no_such_reading(
    ledger: Ledger, folder: Path, by: str
) -> None:
    asked_by_click = by == "click"
    shown = TOWER.model_copy(update={"tier": "browser"})
    door = page_of("Press the button.", url=TOWER.url).model_copy(update={"tier": "browser", "elements": (BUTTON,)})
    seen = Clicked(door if asked_by_click else shown, shown)

    async def close() -> None:
        """Nothing to free."""

    def turn(asked: Asked) -> Reply:
        names = {tool.name for tool in asked.tools}
        if asked_by_click and "submit" not in names and "Press the button." in str(asked.messages[-1]["content"]):
            return call("click", ref="e1")
        return (RESEARCH if len(asked.messages) < 3 else NOTHING) if "submit" in names else browsing(asked)

    world = World(fetcher=seen, search=FakeSearch((TOWER,)), browser=seen, close=close)
    async with studio(ledger, StudioServices(ScriptedModel(turn), folder, browsed=world)) as runner:
        run_id = await runner.start(Task(goal=GOAL, web=True))
        await runner.wait(run_id)
    read = FakeWeb({TOWER.url: page_of("Please switch scripts on.")})
    nothing = page_of("Nothing here.").model_copy(update={"tier": "browser"})

    states = []
    for browser in (None, Shown(read, {TOWER.url: nothing}), Shown(read, {TOWER.url: shown})):
        (check,) = (await verify_now(ledger, run_id, texts_of_pages(read, browser, None))).checks
        states.append(check.state)

    assert states == ["unchecked", "unchecked" if asked_by_click else "gone", "valid"]


async def test_a_run_without_quotes_has_none_and_an_unknown_run_is_an_error(ledger: Ledger) -> None:
    run_id = await ledger.create(Task(goal="x"))

    found = await verify_kept(ledger, run_id)

    assert (found.checks, found.good) == ((), True)
    with pytest.raises(UnknownRun):
        await verify_kept(ledger, "nothing")


class Stuck(FakeWeb):
    """A web with one page that never comes."""

    def __init__(self, pages: Mapping[str, Page | FetchFailed], missing: str) -> None:
        super().__init__(pages)
        self._missing = missing
        self.waits = asyncio.Event()

    async def fetch(self, url: str) -> Page:
        if url == self._missing:
            self.waits.set()
            await asyncio.Event().wait()
        return await super().fetch(url)


async def broken_off(ledger: Ledger, folder: Path) -> str:
    """A run that is cancelled when one session has kept its quote and the other waits for its page."""
    web = Stuck({TOWER.url: TOWER, BRIDGE.url: BRIDGE}, BRIDGE.url)

    async def close() -> None:
        """Nothing to free."""

    world = World(fetcher=web, search=FakeSearch((TOWER, BRIDGE)), browser=None, close=close)
    writes = asyncio.Event()

    def turn(asked: Asked) -> Reply:
        names = {tool.name for tool in asked.tools}
        if "write_answer" in names:
            writes.set()
        return BOTH if "submit" in names else browsing(asked)

    async with studio(ledger, StudioServices(ScriptedModel(turn), folder, browsed=world)) as runner:
        run_id = await runner.start(Task(goal=GOAL, web=True))
        await asyncio.wait_for(asyncio.gather(web.waits.wait(), writes.wait()), 30)
        await runner.cancel(run_id)
        with pytest.raises(RunCancelled):
            await runner.wait(run_id)
    return run_id


async def test_quotes_of_a_run_that_was_broken_off_are_verified_as_far_as_its_record_goes(
    ledger: Ledger, home: Path, folder: Path
) -> None:
    run_id = await broken_off(ledger, folder)

    found = await verify_kept(ledger, run_id)

    assert {check.text: check.state for check in found.checks} == {HEIGHT: "valid"}
    assert found.good
    blob_of(home, TOWER.text_sha256).write_text("forged")
    assert not (await verify_kept(ledger, run_id)).good


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        pytest.param(b'/asked"', b'/begun"', set(), id="a record of an earlier version"),
        pytest.param(b'"question":"How high', b'"question":"How tall', set(), id="a question that was another one"),
        pytest.param(b'"question":"How long', b'"question":"How wide', {HEIGHT}, id="another session"),
        pytest.param(b'"urls":', b'"urlz":', set(), id="a form of another version"),
    ],
)
async def test_sessions_that_cannot_be_put_together_again_are_told_and_never_a_pass(
    ledger: Ledger, folder: Path, tmp_path: Path, before: bytes, after: bytes, left: set[str]
) -> None:
    run_id = await broken_off(ledger, folder)
    lines = [line async for line in export_run(ledger, run_id)]
    body = b"".join(line.replace(before, after) if b"/asked" in line else line for line in lines[:-1])
    end = json.loads(lines[-1]) | {"sha256": hashlib.sha256(body).hexdigest()}
    (tmp_path / "run.jsonl").write_bytes(body + json.dumps(end).encode() + b"\n")
    other = await Ledger.open(tmp_path / "other")
    await import_run(other, tmp_path / "run.jsonl")

    found = await verify_kept(other, run_id)
    await other.close()

    assert {check.text for check in found.checks} == left
    assert found.notes
    assert not found.good


async def test_a_pipeline_that_was_broken_off_is_no_pass(ledger: Ledger, folder: Path) -> None:
    web = Stuck({TOWER.url: TOWER, BRIDGE.url: BRIDGE}, BRIDGE.url)
    world = replace(pipeline_runs.world_of(TOWER, BRIDGE), fetcher=web)
    async with studio(ledger, StudioServices(ScriptedModel(pipeline_runs.reader), folder, browsed=world)) as runner:
        run_id = await runner.start(Task(goal=GOAL, browse=pipeline_runs.ORDER))
        await asyncio.wait_for(web.waits.wait(), 30)
        await runner.cancel(run_id)
        with pytest.raises(RunCancelled):
            await runner.wait(run_id)

    found = await verify_kept(ledger, run_id)

    assert (found.checks, found.good) == ((), False)
    assert "did not come to its end" in found.notes[0]


async def test_a_run_that_waits_for_its_start_has_no_quotes_yet(ledger: Ledger) -> None:
    run_id = await ledger.create(Task(goal="x", web=True))

    found = await verify_kept(ledger, run_id)

    assert (found.checks, found.notes) == ((), ())


async def test_quotes_of_a_pipeline_run_are_verified_cited_or_not(ledger: Ledger, folder: Path) -> None:
    def reader_of_one(asked: Asked) -> Reply:
        if asked.tools[0].name not in ("write_queries", "pick_sentences"):
            return call(asked.tools[0].name, sentences=[{"text": HEIGHT, "evidence": ["E1"]}])
        return pipeline_runs.reader(asked)

    world = pipeline_runs.world_of(TOWER, BRIDGE)
    async with studio(ledger, StudioServices(ScriptedModel(reader_of_one), folder, browsed=world)) as runner:
        run_id = await runner.start(Task(goal=GOAL, browse=pipeline_runs.ORDER))
        report = await runner.wait(run_id)

    assert [item.text for item in report.evidence if item.kind == "quote"] == [HEIGHT]
    found = await verify_kept(ledger, run_id)
    assert {check.text: check.state for check in found.checks} == {HEIGHT: "valid", LENGTH: "valid"}
    assert found.good
