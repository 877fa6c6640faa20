"""``plumbline check``: from a text to a verdict on each of its claims, as a run like any other."""

import json
import subprocess
from pathlib import Path

import pytest

from agent.models.testing.script import call
from tests.cli.conftest import Outcome, Plumbline, Serve, command
from toolserver.testing_web import pdf

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


def test_of_sources_that_disagree_both_are_shown(plumbline: Plumbline, folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "a.md").write_text("The tower is 120 metres high.\n")
    (folder / "src" / "b.md").write_text("The tower is 95 metres high.\n")
    (folder / "notes.md").write_text("The tower is 120 metres high.\n")
    told = plumbline("check", "notes.md", "--against", "src")
    assert "~ qualified" in told.out
    assert "the evidence says it in the same words" in told.out
    assert "but \u201cThe tower is 95 metres high.\u201d" in told.out


def test_of_a_text_of_which_nothing_was_decided_no_score_is_told(plumbline: Plumbline, folder: Path) -> None:
    (folder / "notes.md").write_text("I think rivers are lovely. The Rhine is a river.\n")
    told = plumbline("check", "notes.md")
    assert (told.code, "nobody judged it" in told.out) == (3, True)
    assert "0 of 1 claim checked, 1 opinion left aside: 1 unverifiable\n" in told.out
    assert "no claim was decided" in told.out
    assert "factuality" not in told.out


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
        (("notes.md", "--against", "binary.bin"), "'binary.bin' has no document that can be read: the file is binary"),
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


class TestTexts:
    def test_web_pages_documents_and_other_encodings_are_read(self, plumbline: Plumbline, folder: Path) -> None:
        (folder / "page.html").write_text(f"<html><title>Sums</title><script>2 + 2 = 5</script><p>{RIGHT}</p></html>")
        (folder / "latin.txt").write_bytes("Zw\u00f6lf ist sch\u00f6n. 12 * 12 = 144.".encode("latin-1"))
        (folder / "paper.pdf").write_bytes(pdf("Twelve times 12 is 144."))
        for name in ("page.html", "latin.txt", "paper.pdf"):
            found = {
                text: verdict for text, verdict in verdicts(plumbline("check", name, "--json")).items() if "144" in text
            }
            assert (name, list(found.values())) == (name, ["supported"])

    def test_standard_input_is_read(self, user: None) -> None:
        done = subprocess.run(
            command("check", "-", "--model", "none", "--json"),
            input=RIGHT.encode(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, json.loads(done.stdout)["report"]["goal"]) == (0, "Check the claims of standard input")

    def test_nothing_in_a_text_reaches_the_terminal_as_a_command(self, plumbline: Plumbline, folder: Path) -> None:
        (folder / "notes.md").write_text("The sum \x1b[31m2 + 2 = 5\x1b[0m \u202eis [bold]wrong[/bold].\n")
        told = plumbline("check", "notes.md")
        assert told.code == 3
        assert "\x1b" not in told.out
        assert "\u202e" not in told.out
        assert "[bold]" in told.out

    def test_a_long_text_is_checked_as_far_as_the_limit_goes(self, plumbline: Plumbline, folder: Path) -> None:
        (folder / "long.md").write_text("".join(f"{n} plus {n} is {2 * n}.\n\n" for n in range(1, 400)))
        told = plumbline("check", "long.md", "--claims", "20")
        assert told.code == 3
        assert "20 of 399 claims checked" in told.out
        assert "claims after the first 20 were not checked" in told.out
        assert "and 99 more claims" in told.out

    def test_a_text_beyond_the_limit_is_refused(self, plumbline: Plumbline, folder: Path) -> None:
        (folder / "long.md").write_text("One plus 1 is 2.\n" * 130_000)
        told = plumbline("check", "long.md")
        assert (told.code, "at most 2,000,000 are checked" in told.err) == (2, True)


class TestAgainst:
    def test_an_index_a_folder_and_a_file_are_searched(self, plumbline: Plumbline, folder: Path) -> None:
        (folder / "docs").mkdir()
        (folder / "docs" / "rhine.md").write_text("The Rhine is a river.\n")
        (folder / "notes.md").write_text("The Rhine is a river.\n")
        assert plumbline("index", "docs", "--name", "rivers").code == 0
        for against in ("rivers", "docs", "docs/rhine.md"):
            told = plumbline("check", "notes.md", "--against", against)
            assert (told.code, "docs/rhine.md" in told.out) == (0, True), against
        both = plumbline("check", "notes.md", "--against", "rivers", "--against", "docs")
        assert (both.code, "one index" in both.err) == (2, True)

    def test_the_evidence_of_a_run_is_what_the_next_one_is_checked_against(
        self, plumbline: Plumbline, folder: Path
    ) -> None:
        (folder / "rhine.md").write_text("The Rhine is a river.\n")
        (folder / "notes.md").write_text("The Rhine is a river.\n")
        run = plumbline("check", "notes.md", "--against", "rhine.md", "--json").json["run_id"]
        again = plumbline("check", "notes.md", "--against", run, "--json")
        assert (again.code, again.json["report"]["evidence"][0]["text"]) == (0, "The Rhine is a river.")
        without = plumbline("check", "notes.md", "--json").json["run_id"]
        refused = plumbline("check", "notes.md", "--against", without)
        assert (refused.code, "has no evidence to check against" in refused.err) == (2, True)

    def test_a_knowledge_base_is_asked(self, plumbline: Plumbline, folder: Path) -> None:
        (folder / "facts.tsv").write_text("Aare\tflows into\tRhine\n")
        (folder / "notes.md").write_text("Aare flows into Rhine.\n")
        assert plumbline("kb", "add", "rivers", "facts.tsv").code == 0
        told = plumbline("check", "notes.md", "--against", "kb:rivers")
        assert (told.code, "knowledge T1" in told.out) == (0, True)

    def test_the_web_needs_a_search_that_is_set_up(self, plumbline: Plumbline, folder: Path) -> None:
        (folder / "notes.md").write_text(RIGHT)
        (folder / "home").mkdir(exist_ok=True)
        (folder / "home" / "config.toml").write_text('[[browsing.search]]\nbackend = "corpus"\n')
        told = plumbline("check", "notes.md", "--against", "web")
        assert (told.code, len(told.err.strip().splitlines())) == (2, 1)


def test_a_model_judges_what_words_leave_open(plumbline: Plumbline, serve: Serve, folder: Path) -> None:
    (folder / "glands.md").write_text("Insulin is produced by the pancreas.\n")
    (folder / "notes.md").write_text("The body gets all its insulin from the pancreas.\n")
    quote = "Insulin is produced by the pancreas."
    model = serve([call("judge_claim", verdict="supported", quote=quote, reason="it is said so")])
    told = plumbline("check", "notes.md", "--against", "glands.md", "--model", model)
    assert told.code == 0
    assert "model (scripted) T3" in told.out
    assert ": 1 calls" in told.out


def test_a_model_may_take_the_claims_out_of_the_text(plumbline: Plumbline, serve: Serve, folder: Path) -> None:
    (folder / "notes.md").write_text("Ulm lies on the Danube. It has 130,000 people.\n")
    texts = [{"sentence": 1, "text": "Ulm lies on the Danube.", "kind": "fact"}]
    texts.append({"sentence": 2, "text": "Ulm has 130,000 people.", "kind": "number"})
    model = serve([call("extract_claims", claims=texts)])
    told = plumbline("check", "notes.md", "--extraction", "model", "--model", model, "--json")
    assert [one["claim"]["text"] for one in told.json["report"]["claims"]] == [one["text"] for one in texts]
    assert told.json["report"]["claims"][1]["claim"]["sentence"] == "It has 130,000 people."


@pytest.mark.parametrize("address", ["http://", "https:///path", "http://["])
def test_an_address_without_a_host_is_refused_before_anything_begins(plumbline: Plumbline, address: str) -> None:
    told = plumbline("check", address)
    assert (told.code, len(told.err.strip().splitlines())) == (2, 1)
    assert plumbline("runs", "--json").json == []


def test_claims_are_taken_by_rules_or_by_a_model(plumbline: Plumbline, folder: Path) -> None:
    (folder / "notes.md").write_text(RIGHT)
    told = plumbline("check", "notes.md", "--extraction", "magic")
    assert (told.code, told.err.strip()) == (2, "plumbline: --extraction is rules or model, not 'magic'")


def test_the_example_of_the_documentation_is_what_comes_out(plumbline: Plumbline, folder: Path) -> None:
    docs = Path(__file__).parents[2] / "docs"
    section = (docs / "claims.md").read_text("utf-8").partition("## Checking a text")[2]
    notes, shown = section.split("```text\n")[1:3]
    (folder / "notes.md").write_text(notes.partition("```")[0], "utf-8")
    (folder / "docs").mkdir()
    (folder / "docs" / "architecture.md").write_text((docs / "architecture.md").read_text("utf-8"), "utf-8")
    told = plumbline("check", "notes.md", "--against", "docs/architecture.md", "--model", "none")
    assert told.code == 3
    counted = next(line for line in shown.splitlines() if "claims checked" in line)
    assert counted in told.out
    assert len(marks(shown.partition("```")[0])) == 5
    assert marks(told.out) == marks(shown.partition("```")[0])


def marks(table: str) -> list[list[str]]:
    """Return the first cells of a table's rows: mark and verdict."""
    return [line.split()[:2] for line in table.splitlines() if line[2:3].strip() and line[2:3] in "✓✗?~-"]


def test_evidence_of_several_runs_tells_which_run_it_is_from(plumbline: Plumbline, folder: Path) -> None:
    (folder / "notes.md").write_text("The Rhine is a river.\n")
    runs = []
    for name in ("one", "two"):
        (folder / f"{name}.md").write_text(f"Of {name}. The Rhine is a river.\n")
        runs.append(plumbline("check", "notes.md", "--against", f"{name}.md", "--json").json["run_id"])
    told = plumbline("check", "notes.md", "--against", runs[0], "--against", runs[1], "--json")
    assert told.code == 0
    assert {item["id"].partition("/")[0] for item in told.json["report"]["evidence"]} == set(runs)
