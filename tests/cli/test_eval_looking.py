"""Batches looked at from their folders and the ledger: how they stand, and that nothing is read twice."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.domain.errors import LedgerUnavailable, UsageError
from agent.ledger.store import Ledger
from evals.batch.looking import Batches
from evals.batch.order import BatchFolder, BatchOrder, all_orders, read_order
from tests.cli.conftest import Plumbline, Serve
from tests.cli.test_eval import made, right


@dataclass
class Looked:
    """A batch of ten samples that was run, one of which failed."""

    home: Path
    suite: Path
    order: BatchOrder
    ledger: Ledger

    @property
    def batches(self) -> Batches:
        return Batches(self.ledger, self.home)


@pytest.fixture
def suite(folder: Path, plumbline: Plumbline, serve: Serve) -> Path:
    """A suite of which a batch ``one`` was run."""
    place = made(folder, 10)
    model = f"m@{serve(right)}"
    assert plumbline("eval", "run", str(place), "--model", model, "--sandbox", "none", "--name", "one").code == 0
    return place


@pytest.fixture
async def looked(folder: Path, suite: Path) -> AsyncIterator[Looked]:
    home = folder / "home"
    ledger = await Ledger.open(home)
    yield Looked(home, suite, read_order(home, "one"), ledger)
    await ledger.close()


async def test_a_batch_stands_as_its_runs_and_its_folder_say(looked: Looked) -> None:
    look = await looked.batches.look(looked.order)

    assert (look.standing, look.why, look.begun, look.ended, look.total) == ("done", "", 10, 10, 10)
    assert look.figures is not None
    assert look.figures.share is not None
    assert (look.figures.share.value, look.figures.failures) == (0.9, {"wrong or open": 1})
    with BatchFolder(looked.home, "one") as place:
        assert (await looked.batches.look(looked.order)).standing == "under way"
        with pytest.raises(LedgerUnavailable), place.worked_on():
            raise LedgerUnavailable("the disk is full; free some space")
    stopped = await looked.batches.look(looked.order)
    assert (stopped.standing, stopped.why) == ("stopped", "the disk is full; free some space")
    # a killed process notes nothing
    (looked.home / "batches" / "one" / "ended.json").unlink()
    await looked.ledger.delete("one-00003-001")
    left = await looked.batches.look(looked.order)
    assert (left.standing, left.why, left.ended) == ("stopped", "", 9)
    assert left.figures is not None
    assert left.figures.attempts == 9


async def test_what_was_read_is_kept_until_something_changes_that_decides_it(looked: Looked) -> None:
    place = looked.home / "batches" / "one" / "results.jsonl"
    read = (await looked.batches.results(looked.order)).results
    kept = place.read_bytes()
    assert len(kept.splitlines()) == 10, "the command keeps what it read"
    assert [one.state for one in read].count("passed") == 9

    # another answer in the line is told: it was not read again
    place.write_bytes(kept.replace(b'"answer":"7"', b'"answer":"seven"').replace(b'"answer":"-1"', b'"answer":"kept"'))
    assert (await looked.batches.results(looked.order)).results[7].answer == "kept"
    # but not where the line is of another state of the run, or torn
    lines = place.read_bytes().splitlines(keepends=True)
    place.write_bytes(b"".join(line.replace(b'"mark":"', b'"mark":"0') for line in lines[:9]) + lines[9][:40])
    assert (await looked.batches.results(looked.order)).results == read


async def test_results_outlive_a_change_of_the_suite_as_far_as_they_were_read(looked: Looked) -> None:
    read = (await looked.batches.results(looked.order)).results
    samples = looked.suite / "samples.jsonl"
    samples.write_text(samples.read_text().replace("Say 2.", "Say two."))

    assert (await looked.batches.results(looked.order)) == (read, "")
    (looked.home / "batches" / "one" / "results.jsonl").unlink()
    (looked.home / "batches" / "one" / "figures.json").unlink(missing_ok=True)
    look = await looked.batches.look(looked.order)
    assert (look.figures, "has changed since batch one" in look.problem) == (None, True)


async def test_only_batches_of_one_suite_are_compared(looked: Looked) -> None:
    same = await looked.batches.compared(looked.order, looked.order)
    assert (same.samples, same.difference, same.p) == (10, 0.0, 1.0)
    for changed in ({"suite": "other"}, {"digest": "0"}):
        with pytest.raises(UsageError):
            await looked.batches.compared(looked.order, looked.order.model_copy(update=changed))


def test_orders_of_another_version_are_counted(tmp_path: Path) -> None:
    (tmp_path / "batches" / "odd").mkdir(parents=True)
    (tmp_path / "batches" / "odd" / "order.json").write_text(json.dumps({"schema_version": 9}))
    assert all_orders(tmp_path) == ([], 1)
