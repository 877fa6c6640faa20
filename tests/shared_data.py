"""Data sets that are not part of the repository: found through an environment variable or beside the checkout."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "PLUMBLINE_TEST_DATA"


def file(name: str) -> Path:
    """Return the path of a file of the shared data; skip the test where it is not there."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get(VARIABLE, beside))
    path = folder / name
    if not path.is_file():
        pytest.skip(f"{name} is not there; set {VARIABLE} to the folder that has it")
    return path


def rows(name: str) -> list[dict[str, Any]]:
    """Return the lines of a JSONL file of the shared data; skip the test where it is not there."""
    return [json.loads(line) for line in file(name).read_text(encoding="utf-8").splitlines()]
