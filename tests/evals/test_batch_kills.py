"""A batch that is killed again and again comes to the same reports, and runs nothing again that had ended."""

from pathlib import Path

import pytest

from evals.benchmarks.batch_kills import batch_kills


@pytest.mark.slow
async def test_a_killed_batch_gives_the_same_reports_and_runs_nothing_twice(tmp_path: Path) -> None:
    found = await batch_kills(tmp_path, samples=60, kills=2, concurrency=4)

    assert (found.rerun, found.same_json, found.same_html) == (0, True, True)
    assert found.needed == 60
    assert 60 <= found.asked <= 60 + 2 * 4
    assert len(found.ended_before) == 2
    assert 0 < found.ended_before[0] < found.ended_before[1] < 60
