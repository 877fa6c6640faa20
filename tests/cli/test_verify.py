"""``plumbline verify``, as a user meets it: a table or JSON, and an exit code with a meaning."""

import subprocess
from pathlib import Path

import pytest

from agent.models.testing.script import call
from tests.cli.conftest import Plumbline, Serve, command

TEXT = "The kettle boils water in three minutes. It switches off by itself."
CLAIM = "The kettle boils water in three minutes."


@pytest.fixture
def manual(folder: Path) -> Path:
    file = folder / "docs" / "kettle.txt"
    file.parent.mkdir()
    file.write_text(TEXT)
    return file


@pytest.fixture
def run(plumbline: Plumbline, serve: Serve, manual: Path) -> str:
    """A run whose answer cites the manual."""
    from agent.browsing.documents import read_document

    evidence = f"{read_document(manual).id}:1"
    script = [
        call("search_documents", query="kettle"),
        call("submit", answer=CLAIM, claims=[{"text": CLAIM, "evidence": [evidence]}]),
    ]
    model = serve(script)
    done = plumbline("run", "How fast?", "--docs", str(manual.parent), "--model", model, "--sandbox", "none", "--json")
    assert done.code == 0, done.err
    return str(done.json["run_id"])


def test_quotes_that_stand_end_with_zero_and_are_listed(plumbline: Plumbline, run: str) -> None:
    shown = plumbline("verify")

    assert shown.code == 0
    assert f"run {run}: quotes in kept texts" in shown.out
    assert CLAIM in shown.out
    assert "1 valid" in shown.out
    as_json = plumbline("verify", run, "--json").json
    assert (as_json["good"], as_json["counts"], as_json["checks"][0]["text"]) == (True, {"valid": 1}, CLAIM)


@pytest.mark.parametrize(
    ("text", "code", "state"),
    [
        (TEXT, 0, "valid"),
        (f"Welcome to your new kettle! {TEXT}", 0, "moved"),
        (TEXT.replace("three", "five"), 3, "changed"),
        ("The toaster has two slots.", 3, "gone"),
        (None, 3, "gone"),
    ],
)
def test_documents_are_read_again_with_refetch(
    plumbline: Plumbline, run: str, manual: Path, text: str | None, code: int, state: str
) -> None:
    if text is None:
        manual.unlink()
    else:
        manual.write_text(text)

    found = plumbline("verify", run, "--refetch", "--json")

    assert (found.code, found.json["counts"]) == (code, {state: 1})
    # what was kept with the run does not change
    assert plumbline("verify", run).code == 0


def test_an_imported_run_is_verified_without_what_it_was_made_from(
    plumbline: Plumbline, run: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plumbline("export", run, "--output", "run.jsonl").code == 0
    monkeypatch.setenv("PLUMBLINE_HOME", str(folder / "elsewhere"))
    assert plumbline("import", "run.jsonl").code == 0

    assert plumbline("verify", run).code == 0
    again = plumbline("verify", run, "--refetch", "--json")
    assert (again.code, again.json["counts"]) == (3, {"unchecked": 1})
    assert "no file of an index of this machine" in again.json["checks"][0]["detail"]


def test_a_text_that_is_missing_ends_with_three(plumbline: Plumbline, run: str, folder: Path) -> None:
    from agent.verification.quotes import text_digest

    digest = text_digest(TEXT)
    (blob,) = (folder / "home").rglob(f"{digest[:2]}/{digest[2:]}")
    blob.unlink()

    shown = plumbline("verify", run)

    assert shown.code == 3
    assert "1 gone" in shown.out


def test_a_run_that_is_not_there_is_an_error(plumbline: Plumbline, run: str) -> None:
    assert plumbline("verify", "nothing").code == 2


def test_quotes_of_a_person_who_has_not_finished_are_verified(plumbline: Plumbline, manual: Path) -> None:
    typed = "s kettle\no 1\nq 1\n"
    browsed = command("browse", "How fast?", "--docs", str(manual.parent))
    done = subprocess.run(browsed, input=typed, capture_output=True, text=True, check=False)
    assert done.returncode == 5, done.stderr

    found = plumbline("verify", "--json")

    assert found.code == 0
    assert [(check["text"], check["state"]) for check in found.json["checks"]] == [(CLAIM, "valid")]
