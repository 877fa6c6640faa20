"""Many runs at once are measured against a bare loop, and no figure is given of sessions that were not whole."""

from pathlib import Path

import pytest
from sqlalchemy import text

from agent.domain.errors import UsageError
from agent.ledger.store import Ledger
from agent.models.testing.scripted_server import ScriptedServer
from evals.benchmarks import crowd
from evals.benchmarks.cells import answered, plumbline
from evals.benchmarks.concurrency import concurrency
from evals.benchmarks.recorded import recorded
from evals.concurrency_cli import concurrency as command


def test_both_cells_are_measured_one_after_the_other_and_compared() -> None:
    news: list[str] = []
    rows, machine = concurrency(runs=(3,), turns=2, latency=1, rounds=1, told=news.append)
    [row] = rows
    begun = [line for line in news if line.startswith("3 runs: ")]
    assert [line.removeprefix("3 runs: ") for line in begun] == [
        "raw:openai-tuned",
        "plumbline@process",
    ]
    assert row.ratios == [row.rate / row.bare_rate]
    assert row.rate > 0
    assert row.bare_rate > 0
    assert "Python" in machine


async def test_all_events_of_all_sessions_are_found_in_the_ledger() -> None:
    async with ScriptedServer() as server:
        found = await crowd.crowd("plumbline@process", f"{server.origin}/l1/n3", turns=3, runs=4)
    assert found.runs == 4
    # the sessions that warm up are on record too, with as many events each
    assert found.events % 6 == 0
    # four effects a turn, each of which begins and ends, are the least
    assert found.events >= 6 * (4 * 3 + 2)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("DELETE FROM events WHERE seq = 5", "does not hold all"),
        ("UPDATE runs SET status = 'paused'", "is paused, not finished"),
    ],
)
async def test_a_ledger_that_lacks_something_gives_no_figures(tmp_path: Path, damage: str, told: str) -> None:
    async with ScriptedServer() as server:
        loop = await plumbline(f"{server.origin}/l0/n1", durability="process", home=tmp_path / "home")
        await answered(loop)
        ledger = await Ledger.open(tmp_path / "home")
        assert (await recorded(ledger, turns=1)).runs == 1
        async with ledger.transaction() as connection:
            await connection.execute(text(damage))
        with pytest.raises(SystemExit, match=told):
            await recorded(ledger, turns=1)
        await ledger.close()
        await loop.close()


@pytest.mark.parametrize("runs", ["", "many", "0", "5,-1"])
def test_numbers_of_runs_are_numbers(runs: str) -> None:
    with pytest.raises(UsageError, match="--runs takes numbers"):
        command(runs=runs)
