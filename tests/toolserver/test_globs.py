"""Patterns for paths."""

import pytest

from tests.endings import ends
from toolserver.node.globs import matches


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("a.py", "*.py", True),
        ("src/a.py", "*.py", True),
        ("src/a.py", "/*.py", False),
        ("src/a.py", "src/*.py", True),
        ("src/deep/a.py", "src/*.py", False),
        ("src/deep/a.py", "src/**/*.py", True),
        ("src/a.py", "src/**/*.py", True),
        ("src/a.py", "src/**", True),
        ("a/b/c", "**/b/**", True),
        ("a/b", "**/b/**", True),
        ("test_a.py", "test_?.py", True),
        ("x1", "x[0-9]", True),
        ("A.PY", "*.py", False),
        ("a", "b", False),
        ("a/b", "a", False),
    ],
)
def test_a_pattern_matches_as_in_a_shell(path: str, pattern: str, expected: bool) -> None:
    assert matches(tuple(path.split("/")), pattern) is expected


def test_no_pattern_takes_forever() -> None:
    with ends():
        assert not matches(tuple("a" * 60), "/".join(["**", "a"] * 120) + "/b")
