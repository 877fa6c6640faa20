"""Output is kept below a limit: its beginning and its end."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.toolserver.asking import ask
from toolserver.node.outputs import Output
from toolserver.node.processes.capture import Capture
from toolserver.testing import InProcessSandbox

LIMIT = 400
GAP = b"\n[bytes not kept]\n"


@given(st.lists(st.binary(max_size=150), max_size=40))
def test_the_beginning_and_the_end_of_any_stream_are_kept(chunks: list[bytes]) -> None:
    written = b"".join(chunks)
    with TemporaryDirectory() as folder:
        capture = Capture(str(Path(folder) / "stdout"), LIMIT)
        for chunk in chunks:
            capture.write(chunk)
        capture.close()
        on_disk = sum(file.stat().st_size for file in Path(folder).iterdir())
        kept = Output("id", Path(folder)).kept("stdout")

    head, gap, tail = kept.partition(GAP)
    assert capture.total == len(written)
    assert on_disk <= LIMIT
    if len(written) <= LIMIT:
        assert kept == written
    else:
        assert gap
        assert written.startswith(head)
        assert written.endswith(tail)
        assert len(head) == LIMIT // 2
        assert len(tail) > LIMIT // 4


@pytest.fixture
def tiny() -> Iterator[Path]:
    """A disk of 256 kB."""
    if os.getuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small disk needs root")
    folder = tempfile.mkdtemp(prefix="plb-")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted: {mounted.stderr.decode().strip()}")
    yield Path(folder)
    subprocess.run(["umount", folder], check=True)
    Path(folder).rmdir()


def fill(disk: Path) -> Path:
    """Leave no byte of a disk free."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 512):
            pass
    return filler


def test_what_a_full_disk_did_not_take_is_said_and_what_fitted_is_shown(tiny: Path) -> None:
    output = Output("id", tiny)
    capture = Capture(str(tiny / "stdout"), 1 << 20)
    capture.write(b"first\n")
    filler = fill(tiny)
    capture.write(b"x" * 10_000)
    excerpt = output.excerpt("stdout", capture.total, capture.lost)
    filler.unlink()
    capture.write(b"last\n")
    capture.close()
    later = output.excerpt("stdout", capture.total, capture.lost)

    assert 0 < capture.lost <= 10_000
    assert not excerpt.whole
    assert excerpt.text.startswith("first\n")
    assert f"{capture.lost:,} bytes are lost: the sandbox's disk was full" in excerpt.text
    assert "-" not in excerpt.text
    assert "\n[bytes not kept]\nlast\n" in later.text


def test_a_disk_that_is_full_from_the_start_loses_all_and_says_so(tiny: Path) -> None:
    filler = fill(tiny)
    capture = Capture(str(tiny / "stdout"), 1 << 20)
    for _ in range(3):
        capture.write(b"y" * 5_000)
    filler.unlink()
    capture.write(b"last\n")
    capture.close()

    assert (capture.total, capture.lost) == (15_005, 15_000)
    assert Output("id", tiny).kept("stdout") == b"\n[bytes not kept]\nlast\n"
    assert len(list(tiny.iterdir())) == 2


async def test_a_call_whose_output_fills_the_disk_is_answered(tiny: Path) -> None:
    async with await InProcessSandbox.open(folder=tiny) as sandbox:
        full = await ask(sandbox, "shell", command="yes > big 2>/dev/null; echo told; exit 3")
        again = await sandbox.call("second", "shell", {"command": "echo second"})
        repeated = await sandbox.call("second", "shell", {"command": "echo second"})
        (tiny / "workspace" / "big").unlink()
        after = await ask(sandbox, "shell", command="echo after")

    assert full.data["exit_code"] == 3
    assert full.data["stdout_bytes"] == len("told\n")
    assert full.data["stdout"] == "told\n" or "5 bytes are lost" in str(full.data["stdout"])
    assert again == repeated
    assert again.ok or again.error == "storage_full"
    assert after.data["stdout"] == "after\n"
