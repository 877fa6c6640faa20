"""Files come into a knowledge base line by line; what cannot be read is told by its number."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.claims import Statement
from agent.domain.errors import KnowledgeUnavailable, UsageError
from agent.verification.knowledge.forms import Loaded
from agent.verification.knowledge.judging import judge_statement
from agent.verification.knowledge.loading import load
from agent.verification.knowledge.reading import LONGEST_LINE
from agent.verification.knowledge.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "kb" / "test.db")
    yield store
    store.close()


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def bad(loaded: Loaded) -> list[int]:
    return [one.line for one in loaded.bad_lines]


def verdict(store: Store, subject: str, relation: str, value: str) -> str:
    return judge_statement(store, Statement(subject=subject, relation=relation, object=value)).verdict


def test_malformed_lines_of_tsv_are_told_and_the_rest_is_loaded(store: Store, tmp_path: Path) -> None:
    lines = [
        b"\xef\xbb\xbfUlm\tcountry\tGermany",
        b"Ulm\tcountry",
        b"",
        b"Bern\tcountry\t",
        b"Bern\tcountry\t\xff\xfe",
        b"Bern\tcapital of\tSwitzerland\ttime=1848",
        b"Bern\tcapital of\tSwitzerland\t1848",
        b"x" * (LONGEST_LINE + 5),
        b"a\tb\t" + b"c" * 5000,
        b"Ulm\tcountry\tGermany",
        b"Paris\tcountry\tFrance",
    ]
    loaded = load(store, written(tmp_path, "facts.tsv", b"\n".join(lines)))
    assert (loaded.triples, loaded.duplicates, loaded.bad) == (3, 1, 6)
    assert bad(loaded) == [2, 4, 5, 7, 8, 9]
    assert verdict(store, "Paris", "country", "France") == "supported"
    assert verdict(store, "Bern", "capital of", "Switzerland") == "qualified"


def test_a_first_line_that_names_the_columns_is_no_triple(store: Store, tmp_path: Path) -> None:
    text = "Subject\trelation\tobject\nParis\tcapital of\tFrance\nsubject\trelation\tobject\n"
    loaded = load(store, written(tmp_path, "facts.tsv", text))
    assert (loaded.triples, loaded.bad) == (2, 0)
    assert verdict(store, "Paris", "capital of", "France") == "supported"
    assert verdict(store, "subject", "relation", "object") == "supported"


def test_malformed_lines_of_jsonl_are_told(store: Store, tmp_path: Path) -> None:
    good = {"subject": "Ulm", "relation": "country", "object": "Germany", "qualifiers": {"time": "1990"}}
    lines = [
        json.dumps(good),
        "{",
        "[]",
        '{"subject": "Ulm"}',
        json.dumps(good | {"more": 1}),
        json.dumps(good | {"label": "FALSE"}),
        json.dumps(good | {"object": 5}),
        json.dumps(good | {"object": "a\u0000b"}),
    ]
    loaded = load(store, written(tmp_path, "facts.jsonl", "\n".join(lines)))
    assert loaded.triples == 1
    assert bad(loaded) == [2, 3, 4, 5, 6, 7, 8]


def test_qualifiers_are_read_as_strictly_as_names(store: Store, tmp_path: Path) -> None:
    qualifiers = [{"time": "1990"}, {"time": ""}, {"": "1990"}, {"time": "x" * 5000}, {"time": "\0"}]
    lines = [json.dumps({"subject": "a", "relation": "r", "object": "b", "qualifiers": one}) for one in qualifiers]
    loaded = load(store, written(tmp_path, "facts.jsonl", "\n".join(lines)))
    assert (loaded.triples, bad(loaded)) == (1, [2, 3, 4, 5])


def test_n_triples_bring_labels_types_and_declarations(store: Store, tmp_path: Path) -> None:
    text = r"""# towns
<http://e.org/Ulm> <http://e.org/inCountry> <http://e.org/DE> . # a comment
<http://e.org/DE> <http://www.w3.org/2000/01/rdf-schema#label> "Deutschland"@de .
<http://e.org/DE> <http://www.w3.org/2000/01/rdf-schema#label> "R\u00e9publique \"f\u00e9d\u00e9rale\""@fr .
<http://e.org/FR> <http://www.w3.org/2000/01/rdf-schema#label> "France" .
<http://e.org/inCountry> <{TYPE}> <http://www.w3.org/2002/07/owl#FunctionalProperty> .
<http://e.org/inCountry> <http://www.w3.org/2002/07/owl#inverseOf> <http://e.org/hasTown> .
<http://e.org/Ulm> <http://e.org/population> "126329"^^<http://www.w3.org/2001/XMLSchema#integer> .
<http://e.org/Ulm> <http://e.org/motto> "a \q b" .
<http://e.org/Ulm> <http://e.org/motto> "\uD800" .
<http://e.org/Ulm> <http://e.org/motto> no .
<http://e.org/Ulm> <http://e.org/motto> "no end"
_:b1 <http://e.org/near> <http://e.org/Ulm> .
"""
    kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    loaded = load(store, written(tmp_path, "facts.nt", text.replace("{TYPE}", kind)))
    assert bad(loaded) == [9, 10, 11, 12]
    assert verdict(store, "Ulm", "in country", "Deutschland") == "supported"
    assert verdict(store, "Ulm", "inCountry", 'R\u00e9publique "f\u00e9d\u00e9rale"') == "supported"
    assert verdict(store, "Ulm", "http://e.org/inCountry", "France") == "contradicted"
    assert verdict(store, "Deutschland", "has Town", "Ulm") == "supported"
    assert verdict(store, "Ulm", "population", "126,329") == "supported"


def test_files_of_other_kinds_are_refused_and_nothing_is_kept(store: Store, tmp_path: Path) -> None:
    facts = written(tmp_path, "facts.tsv", "Ulm\tcountry\tGermany\n")
    with pytest.raises(UsageError, match=r"\.tsv, \.jsonl and \.nt"):
        load(store, written(tmp_path, "facts.csv", "a,b,c"))
    with pytest.raises(UsageError, match="not there"):
        load(store, tmp_path / "none.tsv")
    with pytest.raises(UsageError, match="no relation of the files is called 'born in'"):
        load(store, facts, functional=["born in"])
    assert store.stats().triples == 0


def test_a_file_that_is_no_knowledge_base_is_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "test.db", "something else entirely, " * 50)
    store = Store(path)
    with pytest.raises(KnowledgeUnavailable, match="no knowledge base or is damaged"):
        store.stats()
    store.close()
    assert path.read_bytes().startswith(b"something else")


def test_duplicates_are_counted_also_over_files(store: Store, tmp_path: Path) -> None:
    facts = written(tmp_path, "facts.tsv", "a\tr\tb\na\tr\tb\na\tr\tc\n")
    assert (load(store, facts).duplicates, load(store, facts).duplicates) == (1, 3)
    assert store.stats().triples == 2


def test_conflicts_of_functional_relations_are_told(store: Store, tmp_path: Path) -> None:
    text = "Ada\tborn in\tUlm\nAda\tborn in\tBern\nBob\tborn in\tUlm\nBob\tlives in\tUlm\nBob\tlives in\tBern\n"
    loaded = load(store, written(tmp_path, "facts.tsv", text), functional=["born in"])
    assert loaded.conflict_count == 1
    assert loaded.conflicts[0].objects == ("Bern", "Ulm")


def test_what_relations_are_is_learnt_by_the_rule_that_is_stated(store: Store, tmp_path: Path) -> None:
    rows = [f"p{n}\tborn in\tt{n % 3}" for n in range(100)]
    rows += [f"p{n}\tlikes\tt{n % 3}" for n in range(100)] + ["p1\tlikes\tt2"]
    rows += [f"p{n}\tnear\tp{n ^ 1}" for n in range(40)] + [f"p{n}\tnear\tq{n}" for n in range(5)]
    rows += [f"p{n}\tabove\tp{n ^ 1}" for n in range(40)] + [f"p{n}\tabove\tq{n}" for n in range(20)]
    # nearly all pairs are held, and so are their reverses, which tells nothing
    rows += [f"p{n}\tbeat\tp{m}" for n in range(30) for m in range(30) if n != m and (n, m) != (1, 2)]
    rows += [f"p{n}\trare\tt1" for n in range(99)]
    loaded = load(store, written(tmp_path, "facts.tsv", "\n".join(rows)), learn=True)
    assert set(loaded.learnt) == {"born in: functional", "near: symmetric"}
    again = load(store, written(tmp_path, "more.tsv", "p1\tborn in\tt2\n"), learn=True)
    assert "born in: functional" not in again.learnt


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).filter(
    lambda t: bool(t.strip())
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=20))
def test_every_triple_that_is_loaded_is_found_and_never_contradicted(
    tmp_path_factory: pytest.TempPathFactory, triples: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("kb")
    rows = (dict(zip(("subject", "relation", "object"), triple, strict=True)) for triple in triples)
    store = Store(folder / "kb.db")
    loaded = load(store, written(folder, "facts.jsonl", "\n".join(map(json.dumps, rows))))
    assert (loaded.triples, loaded.bad) == (len(set(triples)), 0)
    assert loaded.duplicates == len(triples) - len(set(triples))
    for triple in triples:
        found = judge_statement(store, Statement(subject=triple[0], relation=triple[1], object=triple[2]))
        ambiguous = found.subject is None or "ambiguous" in (found.subject.how, found.object and found.object.how)
        assert found.verdict == "supported" or (ambiguous and found.verdict == "not_found")
    store.close()


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([".tsv", ".jsonl", ".nt"]))
def test_bytes_of_any_kind_are_loaded_or_told(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str
) -> None:
    folder = tmp_path_factory.mktemp("kb")
    store = Store(folder / "kb.db")
    loaded = load(store, written(folder, f"facts{suffix}", data))
    lines = len(data.split(b"\n"))
    assert loaded.triples + loaded.duplicates + loaded.bad <= lines
    store.close()


def test_a_reader_goes_on_while_another_process_adds(store: Store, tmp_path: Path) -> None:
    load(store, written(tmp_path, "facts.tsv", "Ulm\tcountry\tGermany\n"))
    other = Store(store.path, busy_seconds=0.05)
    with store.writing() as connection:
        connection.execute("DELETE FROM triples")
        assert verdict(other, "Ulm", "country", "Germany") == "supported"
        with pytest.raises(KnowledgeUnavailable, match="being written by another process"):
            load(other, tmp_path / "facts.tsv")
    other.close()
