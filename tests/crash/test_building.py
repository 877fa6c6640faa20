"""A design that is killed at any moment ends like one that was not, and asks and makes nothing twice that was done."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.domain.report import Report
from agent.ledger.store import Ledger
from tests.crash.killing import Worker, report_of, working
from tests.studio import assert_replays

EVERY = 23
"""A run is cut after each so many events."""


@pytest.fixture
async def worker(folder: Path) -> AsyncIterator[Worker]:
    async with working("tests.crash.building", folder) as process:
        yield process


def without_times(report: Report) -> dict[str, object]:
    """Return a report without the seconds that trials took, which no two runs share."""
    told: dict[str, object] = report.model_dump(mode="json")

    def drop(value: object) -> None:
        if isinstance(value, dict):
            value.pop("seconds", None)
            for item in value.values():
                drop(item)
        elif isinstance(value, list):
            for item in value:
                drop(item)

    drop(told)
    return told


@pytest.mark.slow
async def test_a_design_killed_at_its_effects_comes_to_the_same_report(worker: Worker, folder: Path) -> None:
    assert await worker.work("whole") == 0
    ledger = await Ledger.open(folder / "home")
    expected = await report_of(ledger, "whole")
    events = (await ledger.find("whole")).last_seq
    await ledger.close()
    assert expected.outcome == "verified"
    assert expected.design is not None
    assert len(expected.design.rounds) == 2

    killed = await worker.killed(events, EVERY)
    ledger = await Ledger.open(folder / "home")
    once = Counter((folder / "home" / "whole.asked").read_text().split())
    for run_id in killed:
        report = await report_of(ledger, run_id)
        assert without_times(report) == without_times(expected)
        asked = Counter((folder / "home" / f"{run_id}.asked").read_text().split())
        # what both candidates had under way when the process died is asked for once more, and nothing else
        assert asked.keys() == once.keys()
        assert sum(asked.values()) <= sum(once.values()) + 2
    assert len(killed) > 2
    await assert_replays(ledger, killed[-1], folder / "replay")
    await ledger.close()
