"""A knowledge base that was exported and loaded again says the same."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.claims import Statement
from agent.domain.errors import UsageError
from agent.verification.knowledge.exporting import export
from agent.verification.knowledge.judging import judge_statement
from agent.verification.knowledge.loading import load
from agent.verification.knowledge.reading import Lines, TripleRow, triple_rows
from agent.verification.knowledge.store import Store


def loaded(folder: Path, name: str, text: str, **more: object) -> Store:
    (folder / f"{name}.tsv").write_text(text, encoding="utf-8", newline="\n")
    store = Store(folder / f"{name}.db")
    load(store, folder / f"{name}.tsv", **more)  # type: ignore[arg-type]
    return store


def again(store: Store, folder: Path) -> Store:
    """Return a knowledge base made of the export of another."""
    export(store, folder / "out.nt")
    copy = Store(folder / "copy.db")
    assert load(copy, folder / "out.nt").bad_lines == ()
    return copy


def verdict(store: Store, *triple: str) -> str:
    subject, relation, value = triple
    return judge_statement(store, Statement(subject=subject, relation=relation, object=value)).verdict


def test_names_declarations_and_verdicts_survive(tmp_path: Path) -> None:
    (tmp_path / "names.tsv").write_text("Q1\tMarie Curie\tMarie Sklodowska\tM. Curie\n")
    facts = (
        "Q1\tborn in\tWarsaw\nQ1\tborn on\t1867-11-07\nWarsaw\tcapital of\tPoland\nQ1\tmarried to\tPierre Curie\n"
        "http://example.org/Bern\tborders\thttp://example.org/Köniz\nPierre Curie\tborn in\tParis\n"
        "Q1\tlived in\tParis\ttime=1900\n"
    )
    store = loaded(
        tmp_path,
        "facts",
        facts,
        aliases=tmp_path / "names.tsv",
        functional=["born in"],
        symmetric=["married to"],
        inverse=[("capital of", "borders")],
    )
    copy = again(store, tmp_path)
    for triple in [
        ("Marie Sklodowska", "born in", "Warsaw"),
        ("Q1", "born on", "1867"),
        ("Pierre Curie", "married to", "Marie Curie"),
        ("Poland", "borders", "Warsaw"),
        ("Bern", "borders", "Köniz"),
    ]:
        assert verdict(copy, *triple) == verdict(store, *triple) == "supported", triple
    assert verdict(copy, "Marie Curie", "born in", "Paris") == verdict(store, "Marie Curie", "born in", "Paris")
    labels = {relation.name: (relation.functional, relation.symmetric) for relation in copy.stats().relations}
    assert labels["born in"] == ("declared", "")
    assert labels["married to"] == ("", "declared")
    assert copy.label(copy.entities_named("m curie")[0]) == "Marie Curie"
    copy.close()
    store.close()


def test_what_triples_cannot_carry_is_left_out_and_counted(tmp_path: Path) -> None:
    store = loaded(tmp_path, "facts", "Ann\tlives in\tUlm\ttime=1990\nAnn\tborn in\tBern\n")
    found = export(store, tmp_path / "out.nt")
    assert (found.triples, found.left_out) == (1, 1)
    text = (tmp_path / "out.nt").read_text()
    assert '<urn:plumbline:thing:Ann> <urn:plumbline:relation:born%20in> "Bern" .\n' in text
    assert found.lines == text.count("\n")
    with pytest.raises(UsageError, match="is there already"):
        export(store, tmp_path / "out.nt")
    with pytest.raises(UsageError, match="cannot be written whole"):
        export(store, tmp_path / "no" / "out.nt")
    store.close()


def test_what_was_learnt_is_not_declared_by_an_export(tmp_path: Path) -> None:
    rows = "".join(f"p{n}\tborn in\tt{n % 3}\n" for n in range(100))
    store = loaded(tmp_path, "facts", rows, learn=True)
    assert store.stats().relations[0].functional == "learnt"
    copy = again(store, tmp_path)
    assert copy.stats().relations[0].functional == ""
    copy.close()
    store.close()


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=10).filter(
    lambda text: text == text.strip() and bool(text.strip())
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=5))
def test_any_names_are_written_so_that_they_are_read_again(
    tmp_path_factory: pytest.TempPathFactory, triples: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("kb")
    store = loaded(folder, "facts", "".join("\t".join(row) + "\n" for row in triples))
    copy = again(store, folder)
    export(copy, folder / "again.nt")
    first, second = (
        sum(isinstance(row, TripleRow) for _, row in triple_rows(Lines(folder / name), ".nt"))
        for name in ("out.nt", "again.nt")
    )
    assert copy.stats().triples == store.stats().triples == first == second
    assert sorted(relation.name for relation in copy.stats().relations) == sorted(
        relation.name for relation in store.stats().relations
    )
    copy.close()
    store.close()
