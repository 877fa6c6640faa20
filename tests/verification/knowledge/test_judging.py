"""What a knowledge base says of a statement, and where it abstains."""

import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from agent.domain.claims import Statement
from agent.verification.knowledge.forms import TripleVerdict
from agent.verification.knowledge.judging import judge_statement
from agent.verification.knowledge.linking import link
from agent.verification.knowledge.loading import load
from agent.verification.knowledge.store import Store
from tests import shared_data

FACTS = """Marie Curie\tborn in\tWarsaw
Marie Curie\tspouse\tPierre Curie
Marie Curie\tborn on\t1867-11-07
Marie Curie\tfield\tphysics
Ada Twice\tborn in\tUlm
Ada Twice\tborn in\tBern
Warsaw\tcountry\tPoland
Ulm\tcountry\tGermany
Bern\tcountry\tSwitzerland
Obama\tpresident of\tUSA\ttime=2009
World War I\tbegan in\t1914
Q1\tborn in\tUlm
Q2\tborn in\tBern
Washington\tborn in\tBern
Poland\thas town\tUlm
"""
ALIASES = [
    {"id": "Marie Curie", "aliases": ["Maria Sk\u0142odowska"], "types": ["person"]},
    {"id": "Obama", "types": ["person"]},
    {"id": "Q1", "label": "John Smith", "types": ["person"]},
    {"id": "Q2", "label": "John Smith", "types": ["person"]},
    {"id": "Warsaw", "types": ["town"]},
    {"id": "Ulm", "types": ["town"]},
    {"id": "Bern", "types": ["town"]},
    {"id": "Poland", "types": ["country"]},
    {"id": "Switzerland", "types": ["country"]},
    {"id": "USA", "aliases": ["United States", "U.S."], "types": ["country"]},
    {"id": "Washington", "types": ["person"]},
    {"id": "Washington (town)", "aliases": ["Washington"], "types": ["town"]},
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("kb")
    (folder / "facts.tsv").write_text(FACTS, "utf-8")
    (folder / "names.jsonl").write_text("\n".join(map(json.dumps, ALIASES)), "utf-8")
    store = Store(folder / "kb.db")
    load(
        store,
        folder / "facts.tsv",
        aliases=folder / "names.jsonl",
        functional=["born in", "born on"],
        symmetric=["spouse"],
        inverse=[("country", "has town")],
    )
    yield store
    store.close()


def judged(
    store: Store, text: str, *, positive: bool = True, qualifiers: Mapping[str, str] | None = None
) -> TripleVerdict:
    subject, relation, value = text.split(" | ")
    asked = Statement(subject=subject, relation=relation, object=value, positive=positive, qualifiers=qualifiers or {})
    return judge_statement(store, asked)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("marie curie | Born in | WARSAW", "supported"),
        ("Maria Sk\u0142odowska | born in | Warsaw", "supported"),
        ("Curie, Marie | born in | Warsaw", "supported"),
        ("Pierre Curie | spouse | Marie Curie", "supported"),
        ("Ulm | country | Poland", "supported"),
        ("Marie Curie | born on | 1867", "supported"),
        ("Marie Curie | born in | Bern", "contradicted"),
        ("Marie Curie | born on | 1867-11-08", "contradicted"),
        ("Marie Curie | born on | 1868", "contradicted"),
        ("Obama | president of | U.S.", "qualified"),
        ("Ada Twice | born in | Ulm", "qualified"),
    ],
)
def test_what_is_held_decides(store: Store, text: str, verdict: str) -> None:
    found = judged(store, text)
    assert found.verdict == verdict
    assert found.triples
    assert found.triples[0].file == "facts.tsv"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Marie Curie | field | chemistry", "not known"),
        ("Marie Curie | field | Warsaw", "another kind|does not hold"),
        ("Marie Curie | painted | Warsaw", "no one relation"),
        ("Nobody Known | born in | Ulm", "not known"),
        ("Marie Curie | born in | Atlantis", "not known"),
        ("Marie Curie | born in | Poland", "another kind"),
        ("Marie Curie | born on | Tuesday", "not known"),
        ("Ada Twice | born in | Warsaw", "contradicts itself"),
        ("John Smith | born in | Ulm", "may be any of"),
        ("Marie Currie | born in | Warsaw", "similar: Marie Curie"),
        ("Obama | spouse | Marie Curie", "does not hold"),
    ],
)
def test_what_is_not_held_is_not_found_and_never_false(store: Store, text: str, reason: str) -> None:
    found = judged(store, text)
    assert found.verdict == "not_found"
    assert any(part in found.reason for part in reason.split("|"))


def test_only_equal_qualifiers_decide(store: Store) -> None:
    assert judged(store, "Obama | president of | USA", qualifiers={"Time": "2009"}).verdict == "supported"
    assert judged(store, "Obama | president of | USA", qualifiers={"time": "2020"}).verdict == "not_found"
    assert judged(store, "Marie Curie | born in | Bern", qualifiers={"scope": "film"}).verdict == "not_found"


def test_a_denial_contradicts_what_is_held_and_is_proved_by_nothing(store: Store) -> None:
    assert judged(store, "Marie Curie | born in | Warsaw", positive=False).verdict == "contradicted"
    assert judged(store, "Marie Curie | born in | Bern", positive=False).verdict == "not_found"
    assert judged(store, "Obama | president of | USA", positive=False).verdict == "not_found"


def test_things_that_are_related_do_not_contradict_each_other(tmp_path: Path) -> None:
    (tmp_path / "facts.tsv").write_text(
        "Marie\tborn in\tWarsaw\nWarsaw\tcountry\tPoland\nPoland\tpart of\tEurope\nUlm\tcountry\tGermany\n"
    )
    store = Store(tmp_path / "kb.db")
    load(store, tmp_path / "facts.tsv", functional=["born in"])
    assert judged(store, "Marie | born in | Poland").verdict == "not_found"
    assert judged(store, "Marie | born in | Europe").verdict == "not_found"
    assert judged(store, "Marie | born in | Germany").verdict == "contradicted"
    store.close()


def test_types_tell_homonyms_apart(store: Store) -> None:
    assert judged(store, "Washington | born in | Bern").subject == link(store, "Washington").model_copy(
        update={"how": "exact"}
    )


def test_a_name_that_is_also_an_alias_of_others_supports_and_never_contradicts(store: Store) -> None:
    assert link(store, "Washington").how == "own label"
    assert judged(store, "Washington | born in | Bern").verdict == "supported"
    assert judged(store, "Obama | president of | Washington").verdict == "not_found"


@pytest.mark.parametrize(
    "text",
    ["World War II", "Bxrn", "Marie Curio", "", "\"'", "a" * 3000, "OR NOT (", "\u4e2d", "Marie\0Curi", "Warsaw\ud800"],
)
def test_a_name_that_is_merely_similar_links_to_nothing(store: Store, text: str) -> None:
    assert link(store, text).entity is None


def test_codex_is_judged_by_its_own_training_part(tmp_path: Path) -> None:
    store = Store(tmp_path / "kb.db")
    names = shared_data.file("codex/entities.jsonl")
    load(store, shared_data.file("codex/kb.jsonl"), aliases=names, learn=True)
    held = [(row["subject"], row["relation"], row["object"]) for row in shared_data.rows("codex/kb.jsonl")]
    births = [row for row in held if row[1] == "place of birth"]
    moved = [(s, r, o) for (s, r, _), (_, _, o) in itertools.pairwise(births) if (s, r, o) not in held]

    def verdicts(rows: list[tuple[str, str, str]]) -> set[str]:
        return {judged(store, " | ".join(row)).verdict for row in rows}

    assert verdicts(held[:2000]) == {"supported"}
    found = [judged(store, " | ".join(row)).verdict for row in moved]
    assert "supported" not in found
    assert found.count("contradicted") > len(found) * 0.9
    # no labelled triple is in the training part, which proves nothing about it; the reverse of some is
    labelled = [
        ((row["subject"], row["relation"], row["object"]), row["label"])
        for row in shared_data.rows("codex/valid.jsonl")
    ]
    decided = {
        (verdict, row[1], label)
        for row, label in labelled
        if (verdict := judged(store, " | ".join(row)).verdict) != "not_found"
    }
    assert decided == {("supported", "diplomatic relation", "TRUE")}
    store.close()


def test_an_own_label_that_others_share_as_an_alias_is_too_little_to_contradict(tmp_path: Path) -> None:
    (tmp_path / "facts.tsv").write_text("Ann\tborn in\tAtlanta\nBob\tborn in\tGeorgia\nCid\tborn in\tState\n")
    (tmp_path / "names.tsv").write_text("State\tState of Georgia\tGeorgia\n")
    store = Store(tmp_path / "kb.db")
    load(store, tmp_path / "facts.tsv", aliases=tmp_path / "names.tsv", functional=["born in"])
    assert judged(store, "Bob | born in | Georgia").verdict == "supported"
    assert judged(store, "Ann | born in | Georgia").verdict == "not_found"
    assert judged(store, "Bob | born in | Georgia", positive=False).verdict == "not_found"
    assert judged(store, "Ann | born in | State").verdict == "contradicted"
    store.close()


def test_a_leading_article_is_passed_over_where_the_rest_is_the_label_letter_by_letter(tmp_path: Path) -> None:
    (tmp_path / "facts.tsv").write_text(
        "Rhine\tflows into\tNorth Sea\nWHO\tseat in\tGeneva\nThe Hague\tlies in\tHolland\n"
    )
    store = Store(tmp_path / "kb.db")
    load(store, tmp_path / "facts.tsv", functional=["flows into"])
    try:
        assert judged(store, "The Rhine | flows into | the North Sea").verdict == "supported"
        assert link(store, "The Who").entity is None
        assert link(store, "The Hague").label == "The Hague"
        assert link(store, "Hague").entity is None
    finally:
        store.close()
