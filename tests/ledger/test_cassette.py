"""A cassette carries a whole run to another ledger; a damaged one is refused."""

import gzip
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson
import pytest

from agent.domain.errors import LedgerUnavailable, UnknownRun, UsageError
from agent.domain.events import Guide
from agent.domain.task import Task, WorkspaceFile
from agent.ledger.cassette import export_run, import_run
from agent.ledger.store import Ledger


async def written(ledger: Ledger, path: Path) -> str:
    file = WorkspaceFile(path="data.bin", sha256=await ledger.blobs.put(b"\xff\x00binary"), size=8)
    run_id = await ledger.create(Task(goal="read", files=(file,)))
    await ledger.command(run_id, Guide(text="be long " * 2_000))
    path.write_bytes(b"".join([line async for line in export_run(ledger, run_id)]))
    return run_id


def ended(lines: Sequence[bytes]) -> list[bytes]:
    """Return lines with the last line that belongs to them."""
    sha256 = hashlib.sha256(b"".join(lines)).hexdigest()
    return [*lines, orjson.dumps({"line": "end", "lines": len(lines), "sha256": sha256}) + b"\n"]


async def test_a_run_comes_back_whole_from_its_cassette(ledger: Ledger, tmp_path: Path) -> None:
    run_id = await written(ledger, tmp_path / "run.jsonl")
    other = await Ledger.open(tmp_path / "other")
    imported = await import_run(other, tmp_path / "run.jsonl")
    before = [event async for event in ledger.events(run_id)]
    after = [event async for event in other.events(imported.run_id)]
    task, _ = await other.created(run_id)
    assert after == before
    assert await other.blobs.get(task.files[0].sha256) == b"\xff\x00binary"
    again = b"".join([line async for line in export_run(other, run_id)])
    assert again == (tmp_path / "run.jsonl").read_bytes()
    await other.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[:-1],
        lambda lines: [*lines[:-1], lines[-1][:-20]],
        lambda lines: [*lines[:-2], lines[-1]],
        lambda lines: [*lines[:-2], lines[-2][:-20]],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [*lines, lines[-2]],
        lambda lines: [line.replace(b'"goal":"read"', b'"goal":"sign"') for line in lines],
        lambda lines: [lines[0].replace(b'"line":"run"', b'"line": "run"'), *lines[1:]],
    ],
    ids=["no last line", "torn end", "no last blob", "torn blob", "twice", "more", "changed", "spaced"],
)
async def test_a_cassette_with_a_part_missing_or_changed_is_refused(
    ledger: Ledger, tmp_path: Path, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    await written(ledger, tmp_path / "run.jsonl")
    lines = (tmp_path / "run.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "bad.jsonl").write_bytes(b"".join(change(lines)))
    with pytest.raises(UsageError, match="the cassette is cut or was changed; export it again"):
        await import_run(ledger, tmp_path / "bad.jsonl", run_id="copy")
    with pytest.raises(UnknownRun):
        await ledger.find("copy")


async def test_a_packed_cassette_is_read_and_a_damaged_one_refused(ledger: Ledger, tmp_path: Path) -> None:
    await written(ledger, tmp_path / "run.jsonl")
    packed = gzip.compress((tmp_path / "run.jsonl").read_bytes())
    (tmp_path / "run.jsonl.gz").write_bytes(packed)
    assert (await import_run(ledger, tmp_path / "run.jsonl.gz", run_id="copy")).events == 2
    for damaged in (packed[: len(packed) // 2], packed[:40] + b"\xff" * 40 + packed[80:]):
        (tmp_path / "bad.gz").write_bytes(damaged)
        with pytest.raises(UsageError):
            await import_run(ledger, tmp_path / "bad.gz", run_id="other")


async def test_a_run_that_is_already_here_is_not_imported_again(ledger: Ledger, tmp_path: Path) -> None:
    await written(ledger, tmp_path / "run.jsonl")
    with pytest.raises(UsageError, match="already in this ledger"):
        await import_run(ledger, tmp_path / "run.jsonl")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda lines: [], "header"),
        (lambda lines: lines[:1], "without events"),
        (lambda lines: lines[1:], "header"),
        (lambda lines: [lines[0], *lines[2:]], "event 2 comes after 0"),
        (lambda lines: [lines[0], b'{"line": "nonsense"}\n'], "not a cassette's line"),
        (lambda lines: [lines[0], b"not json\n"], "not a cassette's line"),
        (lambda lines: [*lines[:-1], lines[-1].replace(b"be long", b"be short", 1)], "does not match its hash"),
        (lambda lines: [orjson.dumps({**orjson.loads(lines[0]), "schema_version": 99}) + b"\n"], "schema version 99"),
        (lambda lines: [orjson.dumps({**orjson.loads(lines[0]), "run_id": "../../x"}) + b"\n"], "line 1 is not a cass"),
        (
            lambda lines: [line.replace(b'"kind":"command"', b'"kind":"magic"') for line in lines],
            "line 3 is not a cass",
        ),
        (lambda lines: [line.replace(b'"phase":"fact"', b'"phase":"later"') for line in lines], "line 2 is not a cass"),
        (lambda lines: [line.replace(b'"task":', b'"tusk":') for line in lines], "does not hold the task of its run"),
        (lambda lines: [line.replace(b'"corpus":null', b'"corpus":"../x"') for line in lines], "not allowed: corpus"),
        (lambda lines: [line.replace(b'"path":"data', b'"path":"../x') for line in lines], "not allowed: files.0.path"),
    ],
)
async def test_a_damaged_cassette_is_refused_with_the_reason(  # type: ignore[no-untyped-def]
    ledger: Ledger, tmp_path: Path, damage, message: str
) -> None:
    await written(ledger, tmp_path / "run.jsonl")
    lines = (tmp_path / "run.jsonl").read_bytes().splitlines(keepends=True)
    text_blob_last = sorted(lines[:-1], key=lambda line: b'"text":"be long' in line)
    (tmp_path / "bad.jsonl").write_bytes(b"".join(ended(damage(text_blob_last))))
    with pytest.raises(UsageError, match=message):
        await import_run(ledger, tmp_path / "bad.jsonl", run_id="copy")


async def test_a_missing_file_is_told_in_one_line(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        await import_run(ledger, tmp_path / "nowhere.jsonl")


async def test_a_blob_is_never_looked_for_outside_its_folder(ledger: Ledger, home: Path) -> None:
    secret = home / "blobs" / ".." / "secret"
    secret.parent.mkdir(parents=True, exist_ok=True)
    secret.write_text("of the host")
    for name in ("../secret", "..", "", "0" * 63, "A" * 64, f"{'0' * 64}/x"):
        with pytest.raises(LedgerUnavailable, match="is not the name of a blob"):
            await ledger.blobs.get(name)
