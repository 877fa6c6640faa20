"""Measurements of suites are kept in the user's folder, a line each, and outlive versions of the program."""

from decimal import Decimal
from pathlib import Path

import pytest

from agent.domain.errors import OutputUnavailable, UsageError
from evals.records import Failure, keep, kept, measured, one_line, suites


def test_what_was_measured_is_read_again_oldest_first(tmp_path: Path) -> None:
    first = measured(
        "documents-dev", "embedded", [True, False, True, True], cost=Decimal("0.25"), input_tokens=900,
        failures=[Failure(sample="q-2", kind="wrong", told="Which lock?", run_id="261122-0a")], seconds=4.5,
    )  # fmt: skip
    second = measured("documents-dev", "other", [True])
    keep(tmp_path, second.model_copy(update={"at": first.at.replace(year=2027)}))
    keep(tmp_path, first)
    keep(tmp_path, measured("reasoning-cok-f2", "other", [False]))

    found = kept(tmp_path, "documents-dev")

    assert suites(tmp_path) == ("documents-dev", "reasoning-cok-f2")
    assert [one.model for one in found.measurements] == ["embedded", "other"]
    assert found.measurements[0] == first
    assert (first.samples, first.passed, first.mean) == (4, 3, 0.75)
    assert first.low < 0.75 < first.high


def test_a_line_that_this_version_cannot_read_is_counted_and_hides_no_other(tmp_path: Path) -> None:
    path = keep(tmp_path, measured("made", "m", [True]))
    with path.open("a") as file:
        file.write('{"schema_version": 2, "suite": "made"}\nhalf a li')

    found = kept(tmp_path, "made")

    assert (len(found.measurements), found.unreadable) == (1, 2)


@pytest.mark.parametrize("name", ["never", "../../etc/passwd", "", "A b"])
def test_a_suite_that_was_never_measured_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="suite"):
        kept(tmp_path, name)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "measurements").write_text("a file where the folder should be")

    with pytest.raises(OutputUnavailable, match="cannot keep the measurement"):
        keep(tmp_path, measured("made", "m", [True]))


def test_what_a_failure_tells_stays_on_one_short_line() -> None:
    assert one_line("a\n b\t c") == "a b c"
    assert len(one_line("x" * 9000)) == 500
