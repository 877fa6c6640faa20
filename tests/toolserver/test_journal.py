"""The journal survives torn lines, foreign lines and a full disk."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from toolserver.node.journal import FILE, Journal, JournalBusy, digest_of
from toolserver.protocol import ToolOutcome

OUTCOME = ToolOutcome(text="réponse", data={"value": 1})


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Make writes fail as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_was_written_is_found_after_opening_again(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    journal.started("running", "d1")
    journal.started("done", "d2")
    journal.finished("done", "d2", OUTCOME)
    journal.close()

    again = Journal.open(tmp_path)
    running, done = again.find("running"), again.find("done")

    assert running is not None
    assert running.span is None
    assert done is not None
    assert again.outcome(done) == OUTCOME
    assert again.find("never") is None
    again.close()


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_torn_last_line_is_dropped_and_the_next_one_is_whole(tmp_path: Path, cut: int) -> None:
    journal = Journal.open(tmp_path)
    journal.started("whole", "d")
    journal.finished("torn", "d", OUTCOME)
    journal.close()
    content = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(content[:-cut])

    again = Journal.open(tmp_path)
    again.started("next", "d")
    again.close()
    last = Journal.open(tmp_path)

    assert [last.find(call_id) is not None for call_id in ("whole", "torn", "next")] == [True, False, True]
    last.close()


def test_lines_of_others_are_passed_over(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    journal.started("one", "d")
    journal.close()
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'garbage\n{"id": []}\n{"id": [], "digest": "d"}\n[1]\n\xff\xff\n')

    again = Journal.open(tmp_path)
    again.started("two", "d")

    assert again.find("one") is not None
    assert again.find("two") is not None
    again.close()


def test_a_full_disk_is_an_error_and_leaves_no_torn_line(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    journal.started("one", "d")
    size = (tmp_path / FILE).stat().st_size

    with files_no_larger_than(size + 5), pytest.raises(OSError, match=r"full|too large"):
        journal.started("two", "d")
    journal.started("three", "d")
    journal.close()

    lines = (tmp_path / FILE).read_text().splitlines()
    assert [line.split('"')[3] for line in lines] == ["one", "three"]


def test_only_one_process_holds_a_journal(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)

    with pytest.raises(JournalBusy):
        Journal.open(tmp_path)

    journal.close()


def test_the_digest_does_not_depend_on_the_order_of_arguments() -> None:
    assert digest_of("t", {"a": 1, "b": 2}) == digest_of("t", {"b": 2, "a": 1})
    assert digest_of("t", {"a": 1}) != digest_of("u", {"a": 1})
    assert digest_of("t", {"a": 1}) != digest_of("t", {"a": "1"})
