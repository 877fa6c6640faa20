"""``plumbline kb``: from a file to an answer with the line it rests on."""

from pathlib import Path

from tests.cli.conftest import Plumbline

FACTS = "Ada\tborn in\tUlm\nAda\tborn in\nBob\tborn in\tBern\nBob\tborn in\tBern\n"


def test_a_knowledge_base_is_added_asked_listed_and_removed(plumbline: Plumbline, folder: Path) -> None:
    (folder / "facts.tsv").write_text(FACTS)
    (folder / "names.tsv").write_text("Ada\tAda Lovelace\n")
    added = plumbline("kb", "add", "towns", "facts.tsv", "--aliases", "names.tsv", "--functional", "born in")
    assert added.code == 0
    assert "left out facts.tsv, line 2: 2 fields instead of subject, relation and object" in added.err
    assert "2 triples added, 1 duplicate, 1 alias added, 1 line left out" in added.err

    assert "supported: " in plumbline("kb", "lookup", "towns", "ada lovelace", "born in", "Ulm").out
    judged = plumbline("kb", "lookup", "towns", "Ada", "born in", "Bern", "--json").json
    assert (judged["verdict"], judged["triples"][0]["line"]) == ("contradicted", 1)
    assert "Bob, born in, Bern (facts.tsv, line 3)" in plumbline("kb", "lookup", "towns", "Bob", "born in").out
    assert "not_found: 'Eve' is unknown" in plumbline("kb", "lookup", "towns", "Eve", "born in").out

    assert plumbline("kb", "list", "--json").json["towns"]["triples"] == 2
    assert "declared" in plumbline("kb", "list", "towns").out
    trained = plumbline("kb", "train", "towns", "--epochs", "2", "--json").json["trained"]
    assert (trained["triples"], trained["things"], trained["epochs"]) == (2, 4, 2)
    assert "2 triples in" in plumbline("kb", "export", "towns", "towns.nt").err
    again = plumbline("kb", "export", "towns", "towns.nt")
    assert (again.code, "is there already" in again.err) == (2, True)
    assert plumbline("kb", "remove", "towns").code == 0
    assert plumbline("kb", "list", "--json").json == {}
    assert not list((folder / "home" / "kb").iterdir())


def test_what_cannot_be_done_is_told_in_one_line(plumbline: Plumbline, folder: Path) -> None:
    (folder / "facts.csv").write_text("a,b,c")
    (folder / "good.tsv").write_text("a\tb\tc")
    for arguments, told in [
        (("lookup", "none", "a", "b"), "no knowledge base 'none'"),
        (("remove", "none"), "no knowledge base 'none'"),
        (("train", "none"), "no knowledge base 'none'"),
        (("add", "../up", "facts.tsv"), "letters, digits"),
        (("add", "towns", "facts.tsv"), "is not there"),
        (("add", "towns", "facts.csv"), ".tsv, .jsonl and .nt"),
        (("add", "towns", "good.tsv", "--functional", "painted by"), "no relation of the files"),
    ]:
        outcome = plumbline("kb", *arguments)
        assert outcome.code == 2
        assert told in outcome.err
        assert len(outcome.err.strip().splitlines()) == 1
    assert plumbline("kb", "list", "--json").json == {}


def test_a_file_without_any_triple_makes_no_knowledge_base(plumbline: Plumbline, folder: Path) -> None:
    (folder / "none.tsv").write_bytes(b"only one field\n\xff\xfe\n")
    added = plumbline("kb", "add", "none", "none.tsv")
    assert (added.code, len(added.err.strip().splitlines())) == (2, 1)
    assert "no triple that can be read; line 1: 1 fields" in added.err
    assert plumbline("kb", "list", "--json").json == {}
