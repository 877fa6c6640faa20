"""Files cross the sandbox's border whole or not at all."""

import os
from pathlib import Path

import pytest

from tests.toolserver.asking import ask
from tests.toolserver.node_process import short_folder
from tests.toolserver.relay import relay_to
from toolserver.client import TransferRefused
from toolserver.sandbox import Sandbox
from toolserver.testing import InProcessSandbox


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, 1024 * 1024 + 1, 5_000_000])
async def test_what_was_put_in_comes_out(sandbox: InProcessSandbox, size: int) -> None:
    data = os.urandom(size)

    await sandbox.upload("in/data.bin", data)

    assert await sandbox.download("in/data.bin", max_bytes=size) == data


async def test_an_upload_leaves_no_drafts(sandbox: InProcessSandbox) -> None:
    await sandbox.upload("data.bin", os.urandom(3_000_000))

    assert [entry.path for entry in await sandbox.manifest()] == ["data.bin"]
    assert list((sandbox.workspace.parent / "state" / "uploads").iterdir()) == []


async def test_an_upload_replaces_a_file(sandbox: InProcessSandbox) -> None:
    await sandbox.upload("a", b"old")
    await sandbox.upload("a", b"new")

    assert await sandbox.download("a", max_bytes=10) == b"new"


@pytest.mark.parametrize("path", ["../out", "/tmp/out", "link/out"])
async def test_an_upload_cannot_leave_the_workspace(sandbox: InProcessSandbox, path: str) -> None:
    (sandbox.workspace / "link").symlink_to("/tmp")

    with pytest.raises(TransferRefused, match="outside"):
        await sandbox.upload(path, b"x")


async def test_bytes_that_do_not_match_their_hash_are_refused(sandbox: InProcessSandbox) -> None:
    outcome = await ask(sandbox, "upload", path="a", token="0" * 32, offset=0, size=1, sha256="0" * 64, data="eA==")

    assert outcome.error == "corrupted"
    assert not (sandbox.workspace / "a").exists()


async def test_a_download_larger_than_allowed_is_refused(sandbox: InProcessSandbox) -> None:
    with (sandbox.workspace / "sparse").open("wb") as file:
        file.truncate(10**12)

    with pytest.raises(TransferRefused, match="more than"):
        await sandbox.download("sparse", max_bytes=1000)


@pytest.mark.parametrize(("path", "reason"), [("missing", "no such"), (".", "folder"), ("link", "outside")])
async def test_a_download_says_why_it_is_refused(sandbox: InProcessSandbox, path: str, reason: str) -> None:
    (sandbox.workspace / "link").symlink_to("/etc/passwd")

    with pytest.raises(TransferRefused, match=reason):
        await sandbox.download(path, max_bytes=1000)


async def test_the_manifest_tells_kinds_sizes_and_hashes(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "sub").mkdir()
    (sandbox.workspace / "sub" / "a").write_bytes(b"abc")
    (sandbox.workspace / "link").symlink_to("/etc/passwd")
    os.mkfifo(sandbox.workspace / "pipe")

    entries = {entry.path: entry for entry in await sandbox.manifest()}

    assert {path: entry.kind for path, entry in entries.items()} == {"link": "link", "pipe": "fifo", "sub/a": "file"}
    assert entries["sub/a"].size == 3
    assert entries["sub/a"].sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert entries["link"].sha256 is None


async def test_the_manifest_notices_a_change(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a").write_bytes(b"one")
    before = await sandbox.manifest()
    (sandbox.workspace / "a").write_bytes(b"two")

    assert (await sandbox.manifest())[0].sha256 != before[0].sha256


async def test_a_folder_nested_very_deep_does_not_break_the_manifest(sandbox: InProcessSandbox) -> None:
    await ask(sandbox, "shell", command="mkdir -p $(printf 'd/%.0s' {1..1500})")
    (sandbox.workspace / "top").touch()

    assert [entry.path for entry in await sandbox.manifest()] == ["top"]


async def test_a_transfer_survives_broken_connections(sandbox: InProcessSandbox, tmp_path: Path) -> None:
    data = os.urandom(6_000_000)
    async with short_folder() as folder, relay_to(sandbox.workspace.parent / "node.sock", folder) as (relay, behind):
        client = Sandbox("behind", behind)
        await client.upload("first", data[:10])
        relay.break_all()
        await client.upload("big", data)
        relay.break_all()
        received = await client.download("big", max_bytes=len(data))
        await client.detach()

    assert received == data
