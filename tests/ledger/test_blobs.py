"""A blob is there when its hash is handed out, and whoever stores it again mends it."""

import os
import stat
from pathlib import Path

import pytest

from agent.domain.errors import LedgerUnavailable
from agent.ledger.blobs import FolderBlobs


async def test_a_damaged_blob_is_told_and_mended_by_storing_it_again(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    sha256 = await blobs.put(b"content")
    file = next(path for path in (tmp_path / "blobs").rglob("*") if path.is_file())
    for damage in (b"", b"contenx"):
        file.write_bytes(damage)
        with pytest.raises(LedgerUnavailable, match="does not match its hash"):
            await blobs.get(sha256)
        assert await blobs.put(b"content") == sha256
        assert await blobs.get(sha256) == b"content"


async def test_to_survive_a_power_cut_the_name_of_a_blob_is_synced_like_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, str]] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        synced.append((kind, Path(f"/proc/self/fd/{descriptor}").readlink().name))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    sha256 = await FolderBlobs(tmp_path / "blobs", fsync=True).put(b"content")
    assert [kind for kind, _ in synced] == ["file", "folder", "folder", "folder"]
    assert [name for kind, name in synced if kind == "folder"] == [sha256[:2], "blobs", tmp_path.name]
    await FolderBlobs(tmp_path / "quick").put(b"content")
    assert len(synced) == 4
