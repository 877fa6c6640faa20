"""A run's pages travel in its cassette: text and raw bytes, so that it replays where there is no network."""

from hashlib import sha256
from pathlib import Path
from typing import Literal

from agent.browsing.actions import Open, Quote, Search
from agent.browsing.page import Page
from agent.browsing.session import LedgerEffects, Session
from agent.browsing.testing import FakeSearch, FakeWeb, page_of
from agent.domain.task import Task
from agent.ledger.blobs import BlobStore
from agent.ledger.cassette import export_run, import_run, not_carried
from agent.ledger.effects import RunLedger
from agent.ledger.store import Ledger

RAW = b"\xff<p>The kettle boils in three minutes.</p>"


class RawWeb(FakeWeb):
    """Keeps the raw bytes of what it fetches as blobs, as the fetchers of the web do."""

    def __init__(self, page: Page, blobs: BlobStore | None) -> None:
        super().__init__({page.url: page})
        self._blobs = blobs

    async def fetch(self, url: str) -> Page:
        if self._blobs is not None:
            await self._blobs.put(RAW)
        return await super().fetch(url)


async def browsed(ledger: Ledger, run_id: str, *, mode: Literal["live", "replay"], keeps_raw: bool = True) -> Session:
    page = page_of("The kettle boils in three minutes.").model_copy(update={"raw_sha256": sha256(RAW).hexdigest()})
    live = mode == "live"
    fence = (await ledger.leases.claim(run_id, "test")).fence if live else None
    run = RunLedger(ledger, run_id, fence=fence, mode=mode)
    await run.load()
    session = Session(
        "how long?",
        fetcher=RawWeb(page, ledger.blobs if keeps_raw else None) if live else FakeWeb({}),
        search=FakeSearch([page] if live else []),
        effects=LedgerEffects(run, "s1", distrust=lambda: None),
    )
    await session.do(Search(query="kettle"))
    assert (await session.do(Open(result=1))).ok
    assert (await session.do(Quote(text="three minutes"))).ok
    if live:
        await run.flush()
    return session


async def moved(ledger: Ledger, run_id: str, folder: Path) -> Ledger:
    file = folder / "run.jsonl"
    file.write_bytes(b"".join([line async for line in export_run(ledger, run_id)]))
    other = await Ledger.open(folder / "elsewhere")
    await import_run(other, file)
    return other


async def test_a_cassette_carries_its_pages_and_replays_without_a_network(ledger: Ledger, tmp_path: Path) -> None:
    run_id = await ledger.create(Task(goal="how long?"))
    before = await browsed(ledger, run_id, mode="live")

    other = await moved(ledger, run_id, tmp_path)

    after = await browsed(other, run_id, mode="replay")
    assert after.trail == before.trail
    assert await other.blobs.get(sha256(RAW).hexdigest()) == RAW
    assert await not_carried(ledger, run_id) == {}
    await other.close()


async def test_raw_bytes_that_were_too_large_to_keep_are_no_hindrance(ledger: Ledger, tmp_path: Path) -> None:
    run_id = await ledger.create(Task(goal="how long?"))
    before = await browsed(ledger, run_id, mode="live", keeps_raw=False)

    other = await moved(ledger, run_id, tmp_path)

    assert (await browsed(other, run_id, mode="replay")).trail == before.trail
    assert not await other.blobs.has(sha256(RAW).hexdigest())
    assert await not_carried(ledger, run_id) == {sha256(RAW).hexdigest(): "https://example.org/a"}
    await other.close()
