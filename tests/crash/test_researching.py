"""A run that is killed while it researches ends like one that was not, and asks no page for what is recorded."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.ledger.store import Ledger
from tests.crash.killing import Worker, report_of, working
from tests.studio import assert_replays

EVERY = 5
"""A run is cut after each so many events."""


@pytest.fixture
async def worker(folder: Path) -> AsyncIterator[Worker]:
    async with working("tests.crash.researching", folder) as process:
        yield process


@pytest.mark.slow
async def test_a_run_killed_at_its_effects_while_it_researches_comes_to_the_same_report(
    worker: Worker, folder: Path
) -> None:
    assert await worker.work("whole") == 0
    ledger = await Ledger.open(folder / "home")
    expected = await report_of(ledger, "whole")
    events = (await ledger.find("whole")).last_seq
    await ledger.close()
    assert expected.outcome == "verified"

    killed = await worker.killed(events, EVERY)
    ledger = await Ledger.open(folder / "home")
    for run_id in killed:
        assert await report_of(ledger, run_id) == expected
        fetched = Counter((folder / "home" / f"{run_id}.fetched").read_text().split())
        # what was under way when the process died is asked for once more, and nothing else
        assert sum(fetched.values()) <= len(fetched) + 2
    assert len(killed) > events // EVERY // 2
    await assert_replays(ledger, killed[-1], folder / "replay")
    await ledger.close()
