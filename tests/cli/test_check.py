"""``plumbline check``: from a text to a verdict on each of its claims, as a run like any other."""

from pathlib import Path

import pytest

from tests.cli.conftest import Outcome, Plumbline

WRONG = "Twelve times 12 is 144. The fee is 12 + 3 = 16 euros.\n"
RIGHT = "Twelve times 12 is 144.\n"


def verdicts(outcome: Outcome) -> dict[str, str]:
    return {one["claim"]["text"]: one["verdict"] for one in outcome.json["report"]["claims"]}


def test_a_file_is_checked_without_any_model_and_the_check_is_a_run(plumbline: Plumbline, folder: Path) -> None:
    (folder / "notes.md").write_text(WRONG)
    told = plumbline("check", "notes.md")
    assert told.code == 3
    assert "2 of 2 claims checked: 1 contradicted, 1 supported" in told.out
    assert "12 + 3 = 16 euros: computed 15" in told.out
    assert "without a model: 0 calls" in told.out

    shown = plumbline("show", "last")
    assert (shown.code, "12 + 3 = 16 euros: computed 15" in shown.out) == (0, True)
    assert "the same report as recorded" in plumbline("replay", "last").out


def test_a_text_whose_claims_are_all_supported_ends_with_zero(plumbline: Plumbline, folder: Path) -> None:
    (folder / "notes.txt").write_text(RIGHT)
    told = plumbline("check", "notes.txt", "--json")
    assert (told.code, told.json["report"]["outcome"]) == (0, "verified")
    assert verdicts(told) == {"Twelve times 12 is 144.": "supported"}


def test_a_check_is_exported_and_replayed_where_nothing_else_is(
    plumbline: Plumbline, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "notes.md").write_text(WRONG)
    (folder / "facts.md").write_text("The Rhine is a river. It is 1,233 km long.\n")
    assert plumbline("check", "notes.md", "--against", "facts.md", "--quiet").out.startswith("2 of 2 claims checked")
    assert plumbline("export", "last", "-o", "run.jsonl").code == 0
    monkeypatch.setenv("PLUMBLINE_HOME", str(folder / "elsewhere"))
    assert plumbline("import", "run.jsonl").code == 0
    (folder / "facts.md").unlink()
    replayed = plumbline("replay", "last", "--json")
    assert (replayed.code, replayed.json["same"]) == (0, True)


def test_the_annotated_text_is_written_by_check_and_by_show(plumbline: Plumbline, folder: Path) -> None:
    (folder / "notes.md").write_text(WRONG)
    plumbline("check", "notes.md", "--html", "a.html")
    plumbline("show", "last", "--html", "b.html")
    page = (folder / "a.html").read_text()
    assert 'class="claim contradicted"' in page
    assert page == (folder / "b.html").read_text()
    refused = plumbline("check", "notes.md", "--html", "none/a.html")
    assert (refused.code, "there is no folder" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("none.md",), "there is no file 'none.md'"),
        (("",), "there is no file ''"),
        (("."), "is a folder"),
        (("empty.md",), "the file has no text"),
        (("binary.bin",), "the file is binary"),
        (("notes.md", "--against", "nothing"), "is no file or folder, no index"),
        (("notes.md", "--against", "kb:nothing"), "there is no knowledge base 'nothing'"),
        (("notes.md", "--against", ""), "is no file or folder, no index"),
        (("notes.md", "--claims", "0"), "--claims"),
        (("notes.md", "--tokens", "0"), "--tokens"),
        (("notes.md", "--model", "a b"), "names no model"),
    ],
)
def test_what_cannot_be_checked_is_told_in_one_line(
    plumbline: Plumbline, folder: Path, arguments: tuple[str, ...], told: str
) -> None:
    (folder / "notes.md").write_text(WRONG)
    (folder / "empty.md").write_text(" \n")
    (folder / "binary.bin").write_bytes(bytes(range(32)) * 20)
    outcome = plumbline("check", *arguments)
    assert outcome.code == 2
    assert told in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1
    assert plumbline("runs", "--json").json == []
