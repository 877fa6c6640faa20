"""What is counted against a watched quota."""

import os
from pathlib import Path

from toolserver.node.quota import usage

PATH_MAX = 4096


def test_a_name_that_cannot_be_looked_at_hides_none_beside_it(tmp_path: Path) -> None:
    """A path of more than 4096 bytes is one: its file can be made from within the folder, but not be looked at."""
    depth, path = 0, os.fspath(tmp_path)
    folder = os.open(tmp_path, os.O_RDONLY)
    while len(path) < PATH_MAX - 220:
        os.mkdir("d" * 150, dir_fd=folder)
        below = os.open("d" * 150, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder, path, depth = below, f"{path}/{'d' * 150}", depth + 1
    names = [f"{number:02}{rest}" for number in range(20) for rest in ("", "x" * 240)]
    for name in names:
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.mkdir("z", dir_fd=folder)
    os.close(os.open("z/below", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.close(folder)

    assert usage([tmp_path]).files == depth + len(names) + len(["z", "z/below"])
