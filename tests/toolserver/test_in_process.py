"""Sandboxes for tests, in the process of the test."""

import asyncio
import os
from pathlib import Path

from toolserver.deployment.place import SOCKET_NAME
from toolserver.testing import InProcessSandbox


async def test_many_that_open_at_once_leave_the_mask_for_new_files_as_it_was(folder: Path) -> None:
    before = os.umask(0o022)
    try:
        opened = await asyncio.gather(*(InProcessSandbox.open(str(n), folder=folder / str(n)) for n in range(3)))
        for sandbox in opened:
            await sandbox.close()
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


async def test_a_folder_with_a_long_name_has_its_socket_elsewhere(folder: Path) -> None:
    async with await InProcessSandbox.open(folder=folder / ("long" * 30)) as sandbox:
        (sandbox.workspace / "here").write_text("yes")
        assert await sandbox.download("here", max_bytes=10) == b"yes"


async def test_a_socket_that_a_killed_process_left_is_no_hindrance(folder: Path) -> None:
    (folder / SOCKET_NAME).touch()
    async with await InProcessSandbox.open(folder=folder) as sandbox:
        assert (await sandbox.call("one", "counter", {})).text == "1"
