"""Snapshots: what they keep, that they cost what changed, and that they come back exactly."""

import hashlib
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import convert

from tests.toolserver.asking import ask
from tests.toolserver.impostor import impostor
from toolserver.client import Sandbox, SandboxLost, Snapshot, TransferRefused
from toolserver.testing import InProcessSandbox


class Store:
    """A store in memory that counts what it is given."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.given: list[bytes] = []

    async def put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self.held[sha256] = data
        self.given.append(data)
        return sha256

    async def get(self, sha256: str) -> bytes:
        return self.held[sha256]

    async def has(self, sha256: str) -> bool:
        return sha256 in self.held


def tree(root: Path) -> Mapping[bytes, object]:
    """Return everything below a folder: kinds, modes, contents and targets, by names as bytes."""
    found: dict[bytes, object] = {}
    for path in root.rglob("*"):
        shown: object = None
        if path.is_symlink():
            shown = os.fsencode(path.readlink())
        elif path.is_file():
            shown = path.read_bytes()
        found[os.fsencode(path.relative_to(root))] = (path.lstat().st_mode, shown)
    return found


def fill(root: Path) -> None:
    (root / "src" / "deep").mkdir(parents=True)
    (root / "empty").mkdir(mode=0o750)
    (root / "src" / "run.sh").write_text("#!/bin/sh\n")
    (root / "src" / "run.sh").chmod(0o755)
    (root / "src" / "nothing").write_bytes(b"")
    (root / "src" / "deep" / "same").write_text("#!/bin/sh\n")
    (root / "back\\slash \n new line \\x41").write_text("odd")
    Path(os.fsdecode(os.fsencode(root) + b"/latin-\xe9\\\xff")).write_text("not UTF-8")
    (root / "to-src").symlink_to("src")
    (root / "outside").symlink_to("/etc/passwd")
    Path(os.fsdecode(os.fsencode(root) + b"/odd-target")).symlink_to(os.fsdecode(b"\xfe\\x41"))
    (root / "large").write_bytes(os.urandom(9 * 1024 * 1024 + 1))
    (root / "large").chmod(0o440)


async def test_a_workspace_comes_back_exactly(sandbox: InProcessSandbox) -> None:
    store = Store()
    fill(sandbox.workspace)
    before = tree(sandbox.workspace)
    snapshot = await sandbox.snapshot(store)
    other = await InProcessSandbox.open("other")
    try:
        await other.restore(await Snapshot.load(store, snapshot.id), store)
        assert tree(other.workspace) == before
        assert await other.snapshot(store) == snapshot
    finally:
        await other.close()
    assert snapshot.left_out == ()


async def test_only_what_changed_leaves_the_sandbox(sandbox: InProcessSandbox) -> None:
    store = Store()
    for number in range(300):
        (sandbox.workspace / f"file-{number}").write_text(f"content {number}")
    first = await sandbox.snapshot(store)
    assert len(store.given) == 301
    store.given.clear()
    await ask(sandbox, "write_file", path="file-7", content="changed")
    (sandbox.workspace / "copy").write_text("content 9")
    second = await sandbox.snapshot(store, first)

    assert store.given == [b"changed", second.encoded()]
    assert second.id != first.id


async def test_a_change_of_the_same_size_at_once_is_seen(sandbox: InProcessSandbox) -> None:
    store = Store()
    for content in ("a", "b", "c", "d"):
        (sandbox.workspace / "f").write_text(content)
        taken = await sandbox.snapshot(store)
        assert store.held[str(taken.entries[0].sha256)] == content.encode()


async def test_restoring_undoes_what_came_after(sandbox: InProcessSandbox) -> None:
    store = Store()
    fill(sandbox.workspace)
    before = tree(sandbox.workspace)
    snapshot = await sandbox.snapshot(store)
    (sandbox.workspace / "later").mkdir()
    (sandbox.workspace / "later" / "file").write_text("x")
    (sandbox.workspace / "to-src").unlink()
    (sandbox.workspace / "to-src").mkdir()
    (sandbox.workspace / "to-src" / "trap").symlink_to("/etc")
    (sandbox.workspace / "src" / "run.sh").write_text("changed")
    await sandbox.restore(snapshot, store)

    assert tree(sandbox.workspace) == before


async def test_restoring_follows_no_link_that_lies_in_its_way(sandbox: InProcessSandbox, tmp_path: Path) -> None:
    store = Store()
    (sandbox.workspace / "folder").mkdir()
    (sandbox.workspace / "folder" / "file").write_text("secret")
    snapshot = await sandbox.snapshot(store)
    (sandbox.workspace / "folder" / "file").unlink()
    (sandbox.workspace / "folder").rmdir()
    (sandbox.workspace / "folder").symlink_to(tmp_path)
    await sandbox.restore(snapshot, store)

    assert not (tmp_path / "file").exists()
    assert (sandbox.workspace / "folder" / "file").read_text() == "secret"


@pytest.mark.parametrize("path", ["../out", "/etc/x", "a/../../x", "a//b", "."])
async def test_a_snapshot_cannot_lead_outside(sandbox: Sandbox, path: str) -> None:
    store = Store()
    entry = {"path": path, "kind": "file", "mode": 0o644, "size": 1, "sha256": await store.put(b"x")}

    with pytest.raises(TransferRefused, match="no path below the workspace"):
        await sandbox.restore(convert({"entries": [entry]}, Snapshot), store)


async def test_what_cannot_be_kept_is_named(sandbox: InProcessSandbox) -> None:
    os.mkfifo(sandbox.workspace / "pipe")
    with (sandbox.workspace / "huge").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    snapshot = await sandbox.snapshot(Store())

    assert {item.path: item.reason for item in snapshot.left_out} == {
        "pipe": "is a fifo",
        "huge": "has more than 67,108,864 bytes",
    }


async def test_a_content_that_is_not_what_its_hash_says_is_refused(sandbox: InProcessSandbox) -> None:
    store = Store()
    (sandbox.workspace / "f").write_text("good")
    snapshot = await sandbox.snapshot(store)
    store.held[str(snapshot.entries[0].sha256)] = b"evil"
    (sandbox.workspace / "f").unlink()

    with pytest.raises(TransferRefused, match="another content"):
        await sandbox.restore(snapshot, store)


HASH = "0" * 64


@pytest.mark.parametrize(
    "entry",
    [
        {"path": "f", "kind": "file"},
        {"path": "l", "kind": "link"},
        {"path": "../x", "kind": "file", "sha256": HASH},
        {"path": "/x", "kind": "file", "sha256": HASH},
        {"path": "\\x2e\\x2e/x", "kind": "folder"},
        {"path": "a\0b", "kind": "folder"},
        {"path": "l", "kind": "link", "target": "a\\"},
    ],
)
async def test_an_inventory_that_could_not_be_restored_is_a_lost_sandbox(entry: dict[str, object]) -> None:
    store = Store()
    async with listing([{"mode": 0o644, **entry}]) as sandbox:
        with pytest.raises(SandboxLost, match="could never be restored"):
            await sandbox.snapshot(store)

    assert store.given == []


async def test_the_same_name_twice_is_a_lost_sandbox() -> None:
    async with listing([{"path": "a", "kind": "folder", "mode": 0o755}] * 2) as sandbox:
        with pytest.raises(SandboxLost, match="could never be restored"):
            await sandbox.snapshot(Store())


async def test_a_node_that_names_the_hash_of_another_runs_content_does_not_get_it() -> None:
    store = Store()
    foreign = await store.put(b"of another run")
    async with listing([{"path": "f", "kind": "file", "mode": 0o644, "size": 14, "sha256": foreign}]) as sandbox:
        snapshot = await sandbox.snapshot(store)

    assert [entry.path for entry in snapshot.entries] == []
    assert [item.path for item in snapshot.left_out] == ["f"]


@asynccontextmanager
async def listing(entries: list[dict[str, object]]) -> AsyncIterator[Sandbox]:
    """A sandbox whose node was replaced by a program that lists what it likes and has none of it."""

    def answer(request: dict[str, Any]) -> bytes:
        data: dict[str, Any] = {"entries": entries, "left_out": []}
        if request["params"].get("name") == "fetch_files":
            data = {"files": [], "missing": request["params"]["arguments"]["paths"]}
        result = {"content": [], "structuredContent": data, "isError": False}
        return json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}).encode() + b"\n"

    async with impostor(answer) as sandbox:
        yield sandbox
