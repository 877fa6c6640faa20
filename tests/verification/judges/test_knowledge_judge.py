"""What knowledge bases prove of claims, how they disagree, and what is cited."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.domain.claims import Claim, Judgement, Statement, Verdict
from agent.verification.chain.deciding import verdict_of
from agent.verification.chain.ports import JudgeFailed
from agent.verification.claims import evidence_text
from agent.verification.judges.knowledge import KnowledgeJudge
from agent.verification.knowledge.base import knowledge_file
from agent.verification.knowledge.loading import load
from agent.verification.knowledge.port import KnowledgeFiles
from agent.verification.knowledge.store import Store
from agent.verification.retrieval.knowledge import KnowledgeRetriever

FACTS = """Marie Curie\tborn in\tWarsaw
Marie Curie\tborn in\tWarsaw
Marie Curie\tfield\tphysics
Marie Curie\tfield\tchemistry
Marie Curie\tresidence\tParis
Ada Twice\tborn in\tUlm
Ada Twice\tborn in\tBern
Barack Obama\tpresident of\tUSA\ttime=2009
Q1\tborn in\tUlm
Q2\tborn in\tBern
Mont Blanc\theight\t4806\tunit=m
"""
NAMES = [
    {"id": "Marie Curie", "aliases": ["Maria Sk\u0142odowska"], "types": ["person"]},
    {"id": "Q1", "label": "John Smith", "types": ["person"]},
    {"id": "Q2", "label": "John Smith", "types": ["person"]},
    *({"id": name, "types": ["town"]} for name in ("Warsaw", "Ulm", "Bern", "Paris")),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "names.jsonl").write_text("\n".join(map(json.dumps, NAMES)), "utf-8")
    for name, facts in {"people": FACTS, "rumours": "Marie Curie\tborn in\tBern\n"}.items():
        (folder / f"{name}.tsv").write_text(facts, "utf-8")
        functional = ["born in", "height"] if name == "people" else ["born in"]
        store = Store(knowledge_file(folder, name))
        load(store, folder / f"{name}.tsv", aliases=folder / "names.jsonl", functional=functional)
        store.close()
    return folder


@pytest.fixture
async def knowledge(home: Path) -> AsyncIterator[KnowledgeFiles]:
    async with KnowledgeFiles(home) as files:
        yield files


def claim_of(text: str, *triples: tuple[str, str, str], positive: bool = True, **qualifiers: str) -> Claim:
    stated = [
        Statement(subject=subject, relation=relation, object=value, positive=positive, qualifiers=qualifiers)
        for subject, relation, value in triples
    ]
    return Claim(id="c1", text=text, triples=tuple(stated))


async def judged(knowledge: KnowledgeFiles, claim: Claim, *bases: str) -> tuple[Verdict, list[Judgement]]:
    found = list(await KnowledgeJudge(bases or ("people",), knowledge).judge("r0/c1/knowledge", claim, ()))
    return verdict_of(claim, found), found


BORN = ("Marie Curie", "born in", "Warsaw")


async def test_a_claim_whose_triples_are_held_is_supported_and_says_where_it_stands(knowledge: KnowledgeFiles) -> None:
    verdict, (judgement,) = await judged(knowledge, claim_of("Marie Curie was born in Warsaw.", BORN))
    assert (verdict, judgement.verdict, judgement.triple) == ("supported", "supported", 0)
    assert "people.tsv:1" in judgement.detail


async def test_what_a_claim_says_besides_its_triples_is_not_supported_by_them(knowledge: KnowledgeFiles) -> None:
    verdict, _ = await judged(knowledge, claim_of("Marie Curie was born in Warsaw and wrote poems.", BORN))
    assert verdict == "unverifiable"


@pytest.mark.parametrize(
    ("text", "triple", "verdict"),
    [
        ("Maria Sk\u0142odowska was born in Warsaw", ("Maria Sk\u0142odowska", "born in", "Warsaw"), "supported"),
        ("Marie Curie was born in Bern", ("Marie Curie", "born in", "Bern"), "contradicted"),
        ("Marie Curie's field was biology", ("Marie Curie", "field", "biology"), "not_found"),
        ("Pierre Curie was born in Bern", ("Pierre Curie", "born in", "Bern"), "not_found"),
        ("John Smith was born in Bern", ("John Smith", "born in", "Bern"), "not_found"),
        ("Ada Twice was born in Ulm", ("Ada Twice", "born in", "Ulm"), "qualified"),
        ("Ada Twice was born in Paris", ("Ada Twice", "born in", "Paris"), "not_found"),
        ("Barack Obama is president of USA", ("Barack Obama", "president of", "USA"), "qualified"),
    ],
    ids=["alias", "functional", "open world", "unknown name", "homonym", "conflict", "conflicting", "limited in time"],
)
async def test_what_one_triple_comes_to(
    knowledge: KnowledgeFiles, text: str, triple: tuple[str, str, str], verdict: Verdict
) -> None:
    assert (await judged(knowledge, claim_of(text, triple)))[0] == verdict


@pytest.mark.parametrize(
    ("time", "verdict"), [("2009", "supported"), ("1990", "not_found")], ids=["same time", "other time"]
)
async def test_qualifiers_of_time_must_agree(knowledge: KnowledgeFiles, time: str, verdict: Verdict) -> None:
    claim = claim_of(f"Barack Obama was president of USA in {time}", ("Barack Obama", "president of", "USA"), time=time)
    assert (await judged(knowledge, claim))[0] == verdict


async def test_a_value_in_another_unit_is_neither_proved_nor_refuted(knowledge: KnowledgeFiles) -> None:
    height = ("Mont Blanc", "height", "4806")
    feet = claim_of("Mont Blanc has a height of 4806 ft", height, unit="ft")
    metres = claim_of("Mont Blanc has a height of 4806 m", height, unit="m")
    assert (await judged(knowledge, feet))[0] == "not_found"
    assert (await judged(knowledge, metres))[0] == "supported"


async def test_a_denial_of_what_is_held_is_contradicted_and_a_right_one_is_not_proved(
    knowledge: KnowledgeFiles,
) -> None:
    false = claim_of("Marie Curie was not born in Warsaw", BORN, positive=False)
    right = claim_of("Marie Curie was not born in Bern", ("Marie Curie", "born in", "Bern"), positive=False)
    assert (await judged(knowledge, false))[0] == "contradicted"
    assert (await judged(knowledge, right))[0] == "not_found"


@pytest.mark.parametrize(
    ("text", "triple", "positive"),
    [
        ("It is not true that Marie Curie was born in Bern", ("Marie Curie", "born in", "Bern"), True),
        ("Rumours say that Marie Curie was born in Bern", ("Marie Curie", "born in", "Bern"), True),
        ("In 1900 Marie Curie's birthplace was taken to be Bern", ("Marie Curie", "born in", "Bern"), True),
        ("Marie Curie was born in Warsaw", BORN, False),
    ],
    ids=["denial lost", "attribution lost", "time lost", "denial invented"],
)
async def test_a_triple_that_was_taken_wrongly_out_of_its_claim_refutes_nothing(
    knowledge: KnowledgeFiles, text: str, triple: tuple[str, str, str], positive: bool
) -> None:
    verdict, _ = await judged(knowledge, claim_of(text, triple, positive=positive))
    assert verdict == "unverifiable"


async def test_one_refuted_triple_among_held_ones_refutes_the_claim(knowledge: KnowledgeFiles) -> None:
    claim = claim_of(
        "Marie Curie, whose field was physics, was born in Bern",
        ("Marie Curie", "field", "physics"),
        ("Marie Curie", "born in", "Bern"),
    )
    verdict, judgements = await judged(knowledge, claim)
    assert verdict == "contradicted"
    assert [(one.triple, one.verdict) for one in judgements] == [(0, "supported"), (1, "contradicted")]


async def test_knowledge_bases_that_disagree_make_a_claim_qualified_and_both_are_named(
    knowledge: KnowledgeFiles,
) -> None:
    verdict, judgements = await judged(knowledge, claim_of("Marie Curie was born in Warsaw", BORN), "people", "rumours")
    assert verdict == "qualified"
    assert [one.verdict for one in judgements] == ["supported", "contradicted"]
    assert [one.detail.split(":")[0] for one in judgements] == ["people", "rumours"]
    assert judgements[0].evidence != judgements[1].evidence


async def test_a_knowledge_base_that_cannot_be_asked_is_an_error_beside_what_others_say(
    knowledge: KnowledgeFiles, home: Path
) -> None:
    knowledge_file(home, "broken").write_bytes(b"this is no database" * 100)
    unknown = claim_of("Marie Curie's field was biology", ("Marie Curie", "field", "biology"))
    for base in ("missing", "broken"):
        assert (await judged(knowledge, claim_of("Marie Curie was born in Warsaw", BORN), "people", base))[
            0
        ] == "supported"
        assert (await judged(knowledge, unknown, "people", base))[0] == "error"


async def test_nothing_is_said_of_opinions_and_of_claims_without_triples(knowledge: KnowledgeFiles) -> None:
    judge = KnowledgeJudge(["people"], knowledge)
    opinion = claim_of("Marie Curie was the best", BORN).model_copy(update={"kind": "opinion"})
    assert not await judge.judge("s", opinion, ())
    assert not await judge.judge("s", Claim(id="c2", text="It rained."), ())


async def test_the_retriever_gives_what_the_judge_cites(knowledge: KnowledgeFiles) -> None:
    claim = claim_of("Marie Curie was born in Warsaw", BORN)
    _, judgements = await judged(knowledge, claim, "people", "rumours")
    found = await KnowledgeRetriever(["people", "rumours"], knowledge, limit=1).retrieve("r0/c1/kb", claim)
    cited = {name for one in judgements for name in one.evidence}
    assert cited <= {one.id for one in found}
    first = found[0]
    assert first.kind == "triple"
    assert first.source is not None
    assert first.source.location.endswith("people.tsv:1")
    assert len(first.source.text_sha256) == 64


async def test_the_retriever_gives_the_most_relevant_relations_first_and_no_more_than_wanted(
    knowledge: KnowledgeFiles,
) -> None:
    claim = claim_of("Marie Curie's residence was Bern", ("Marie Curie", "residence", "Bern"))
    found = await KnowledgeRetriever(["people"], knowledge, limit=3).retrieve("r0/c1/kb", claim)
    assert len(found) == 3
    assert evidence_text(found[0]) == "Marie Curie residence Paris"


async def test_the_retriever_keeps_the_limits_of_a_triple_and_abstains_on_homonyms(knowledge: KnowledgeFiles) -> None:
    retriever = KnowledgeRetriever(["people"], knowledge)
    obama = claim_of("Barack Obama is president of USA", ("Barack Obama", "president of", "USA"))
    smith = claim_of("John Smith was born in Bern", ("John Smith", "born in", "Bern"))
    assert [evidence_text(one) for one in await retriever.retrieve("s", obama)] == [
        "Barack Obama president of USA, time 2009"
    ]
    assert not await retriever.retrieve("s", smith)


async def test_a_retriever_whose_knowledge_bases_are_all_out_of_reach_fails(knowledge: KnowledgeFiles) -> None:
    with pytest.raises(JudgeFailed, match="no knowledge base 'missing'"):
        await KnowledgeRetriever(["missing"], knowledge).retrieve("s", claim_of("x", BORN))
