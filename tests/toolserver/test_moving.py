"""Moving and deleting: nothing is overwritten unasked, nothing leaves the workspace, mistakes can be undone."""

import contextlib
import itertools
import threading
import time
from pathlib import Path

import pytest

from tests.toolserver.asking import ask
from toolserver.errors import ToolFailure
from toolserver.node.workspace import Workspace
from toolserver.testing import InProcessSandbox


async def test_a_file_gets_another_name_and_folders_are_made(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a.txt").write_text("text")

    outcome = await ask(sandbox, "move_file", source="a.txt", target="b/c/d.txt")

    assert outcome.data == {"source": "a.txt", "target": "b/c/d.txt", "kind": "file"}
    assert (sandbox.workspace / "b/c/d.txt").read_text() == "text"
    assert not (sandbox.workspace / "a.txt").exists()


async def test_a_folder_moves_with_all_it_holds(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "old/inner").mkdir(parents=True)
    (sandbox.workspace / "old/inner/file").touch()

    assert (await ask(sandbox, "move_file", source="old", target="new")).ok

    assert (sandbox.workspace / "new/inner/file").exists()
    assert not (sandbox.workspace / "old").exists()


async def test_what_exists_is_not_replaced_unasked(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a").write_text("a")
    (sandbox.workspace / "b").write_text("b")

    refused = await ask(sandbox, "move_file", source="a", target="b")
    kept = (sandbox.workspace / "b").read_text()
    asked = await ask(sandbox, "move_file", source="a", target="b", overwrite=True)

    assert (refused.error, kept) == ("already_exists", "b")
    assert asked.ok
    assert (sandbox.workspace / "b").read_text() == "a"


async def test_a_folder_is_never_replaced(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a").write_text("a")
    (sandbox.workspace / "folder").mkdir()

    outcome = await ask(sandbox, "move_file", source="a", target="folder", overwrite=True)

    assert outcome.error == "is_a_folder"


async def test_a_folder_cannot_move_into_itself_and_stays(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "folder").mkdir()

    assert (await ask(sandbox, "move_file", source="folder", target="folder/inner")).error == "invalid_path"
    assert [entry.name for entry in (sandbox.workspace / "folder").iterdir()] == []


@pytest.mark.parametrize("path", ["..", ".", "", "/", "a/..", "../x", "/etc/hostname"])
async def test_no_path_leads_outside(sandbox: InProcessSandbox, path: str) -> None:
    (sandbox.workspace / "a").mkdir()

    for outcome in (
        await ask(sandbox, "move_file", source=path, target="b"),
        await ask(sandbox, "move_file", source="a", target=path),
        await ask(sandbox, "delete_file", path=path),
    ):
        assert outcome.error in {"invalid_path", "outside_workspace"}, path


async def test_a_link_is_deleted_and_not_what_it_points_to(sandbox: InProcessSandbox, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    (sandbox.workspace / "link").symlink_to(tmp_path / "precious")

    assert (await ask(sandbox, "delete_file", path="link")).data["kind"] == "link"

    assert (tmp_path / "precious").exists()
    assert not (sandbox.workspace / "link").is_symlink()


async def test_what_was_deleted_is_listed_and_comes_back(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "folder").mkdir()
    (sandbox.workspace / "folder/file").write_text("12345")

    deleted = await ask(sandbox, "delete_file", path="folder")
    listed = await ask(sandbox, "restore_file")
    restored = await ask(sandbox, "restore_file", id=deleted.data["id"])

    assert deleted.data["size"] == 5
    assert listed.data["deleted"] == [deleted.data]
    assert restored.data["path"] == "folder"
    assert (sandbox.workspace / "folder/file").read_text() == "12345"
    assert (await ask(sandbox, "restore_file")).text == "The trash is empty."


async def test_coming_back_replaces_nothing(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a").write_text("old")
    deleted = await ask(sandbox, "delete_file", path="a")
    (sandbox.workspace / "a").write_text("new")

    assert (await ask(sandbox, "restore_file", id=deleted.data["id"])).error == "already_exists"
    assert (await ask(sandbox, "restore_file", id=deleted.data["id"], path="b")).ok
    assert (sandbox.workspace / "b").read_text() == "old"


async def test_the_trash_is_not_part_of_the_workspace(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a").touch()
    await ask(sandbox, "delete_file", path="a")

    assert await sandbox.manifest() == ()


def test_a_folder_swapped_for_a_link_never_leads_a_move_outside(tmp_path: Path) -> None:
    root, outside = tmp_path / "workspace", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "folder").mkdir()
    workspace, stop = Workspace(root), threading.Event()

    def swap() -> None:
        for number in itertools.count():
            if stop.is_set():
                return
            with contextlib.suppress(FileExistsError):
                (root / "folder").rename(root / f"aside{number}")
                (root / "folder").symlink_to(outside)
                time.sleep(0)
                (root / "folder").unlink()
            (root / "folder").mkdir(exist_ok=True)

    swapping = threading.Thread(target=swap)
    swapping.start()
    moved = refused = 0
    try:
        for number in range(2000):
            (root / f"file{number}").touch()
            try:
                workspace.move(f"file{number}", f"folder/file{number}")
                moved += 1
            except ToolFailure:
                refused += 1
    finally:
        stop.set()
        swapping.join()

    assert moved
    assert refused
    assert list(outside.iterdir()) == []
