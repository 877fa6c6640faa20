"""Room that is kept back for the calls that clear a full disk."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolserver.node.reserve import FILES, PIECES, Reserve


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own, of 16 MB."""
    if os.getuid() != 0:
        pytest.skip("mounting a file system needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m,nr_inodes=2000", "none", str(folder)], check=False
    )
    if mounted.returncode != 0:
        pytest.skip("file systems cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> None:
    with (folder / "hog").open("ab", buffering=0) as file:
        try:
            while file.write(bytes(1 << 16)):
                pass
        except OSError:
            return


def held(reserve: Path) -> int:
    return len(list(reserve.glob("*/*"))) // FILES


def test_a_call_on_a_full_disk_is_given_a_piece_of_room(small_disk: Path) -> None:
    reserve = Reserve(small_disk / "reserve")
    fill(small_disk)
    reserve.before_call()
    assert held(small_disk / "reserve") == PIECES - 1
    (small_disk / "script").write_bytes(bytes(100_000))


def test_there_are_several_pieces_for_calls_that_do_not_clear_the_disk(small_disk: Path) -> None:
    reserve = Reserve(small_disk / "reserve")
    for left in reversed(range(PIECES)):
        fill(small_disk)
        reserve.before_call()
        assert held(small_disk / "reserve") == left
    reserve.before_call()


def test_the_room_is_taken_back_when_the_disk_was_cleared(small_disk: Path) -> None:
    reserve = Reserve(small_disk / "reserve")
    fill(small_disk)
    reserve.before_call()
    reserve.after_call()
    assert held(small_disk / "reserve") == PIECES - 1
    (small_disk / "hog").unlink()
    reserve.after_call()
    assert held(small_disk / "reserve") == PIECES


def test_a_disk_out_of_files_is_full_too(small_disk: Path) -> None:
    reserve = Reserve(small_disk / "reserve")
    made = 0
    while os.statvfs(small_disk).f_favail > 0:
        (small_disk / f"f{made}").touch()
        made += 1
    reserve.before_call()
    (small_disk / "script").mkdir()


def test_nothing_is_given_up_while_there_is_room(small_disk: Path) -> None:
    reserve = Reserve(small_disk / "reserve")
    reserve.before_call()
    assert held(small_disk / "reserve") == PIECES
