"""Sandboxes for tests, in the process of the test."""

import asyncio
import os
from pathlib import Path

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
