"""Verifying the quotes of runs: of reports and of sessions, by kept texts and by pages as they are now."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from agent.browsing.config import BrowsingConfig
from agent.browsing.corpus import Corpus
from agent.browsing.errors import FetchFailed
from agent.browsing.page import Page
from agent.browsing.testing import FakeWeb, page_of
from agent.domain.errors import UnknownRun
from agent.domain.messages import Reply
from agent.domain.task import Task
from agent.ledger.cassette import export_run, import_run
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.browsing import open_pages
from agent.runtime.settings import Settings
from agent.runtime.verifying import QuoteTrouble, texts_of_pages, verify_kept, verify_now
from tests.runtime import test_pipeline_runs as pipeline_runs
from tests.runtime.test_research import BOTH, BRIDGE, GOAL, HEIGHT, LENGTH, SUBMIT, TOWER, researcher, world_of
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

        async def now(location: object) -> str | QuoteTrouble:
            (found,) = [text async for text in texts_now(str(location))]
            return found

        assert await now(inside) == "The kettle boils."
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


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        (TOWER, "valid"),
        (page_of("Nothing here."), "gone"),
        (FetchFailed("unreachable", "there is no browser"), "gone"),
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


async def test_a_run_without_quotes_has_none_and_an_unknown_run_is_an_error(ledger: Ledger) -> None:
    run_id = await ledger.create(Task(goal="x"))

    found = await verify_kept(ledger, run_id)

    assert (found.checks, found.good) == ((), True)
    with pytest.raises(UnknownRun):
        await verify_kept(ledger, "nothing")


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
