"""What kind an artefact is, told by its name and content alone; nothing of it is run."""

from pathlib import Path

import pytest

from agent.cli.given_artefact import kind_of
from agent.domain.errors import UsageError


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.csv", "x\n1\n", "data_file"),
        ("a.JSONL", "{}\n", "data_file"),
        ("a.json", '[{"x": 1}]', "data_file"),
        ("a.json", "{broken", "data_file"),
        ("a.json", '{"actions": []}', "voxel"),
        ("a.json", '{"files": {"main.py": ""}}', "program"),
        ("a.json", "[" * 100_000, "data_file"),
        ("a.voxel", "", "voxel"),
        ("a.py", "from build123d import Box\nleg = Box(1, 1, 1)\n", "cad"),
        ("a.py", "import build123d as b\n", "cad"),
        ("a.py", "parts = {'leg': 1}\n", "cad"),
        ("a.py", "parts: dict = {}\n", "cad"),
        ("a.py", "print('from build123d import Box')\n", "program"),
        ("a.py", "def f():\n    parts = 1\n", "program"),
        ("a.step", "", "cad"),
        ("a.glb", "", "cad"),
        ("a.3mf", "", "cad"),
        ("a.html", "", "web_page"),
        ("a.md", "", "document"),
    ],
)
def test_a_kind_is_guessed(name: str, content: str, kind: str) -> None:
    assert kind_of(Path(name), content.encode()) == kind


@pytest.mark.parametrize("name", ["a", "a.xyz", "a.py"])
def test_what_cannot_be_told_is_asked_for(name: str) -> None:
    with pytest.raises(UsageError, match="say it with --kind"):
        kind_of(Path(name), b"\0 def (")


def test_a_folder_is_told_by_what_it_begins_with(tmp_path: Path) -> None:
    (tmp_path / "main.py").touch()
    assert kind_of(tmp_path, b"") == "program"
    (tmp_path / "index.html").touch()
    assert kind_of(tmp_path, b"") == "web_page"
