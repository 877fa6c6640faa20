"""Plausibility ranks triples that a knowledge base does not hold. It is learnt from a graph small enough to know."""

import io
import itertools
import zipfile
from pathlib import Path

import numpy as np
import pytest

from agent.domain.claims import Claim, Statement
from agent.domain.errors import ConfigurationError, KnowledgeUnavailable, UnknownKnowledge, UsageError
from agent.verification.knowledge.base import KnowledgeBase, knowledge_file, learnt_file, remove_knowledge
from agent.verification.knowledge.plausibility.embedding import Embedding, loss_and_slopes, training
from agent.verification.knowledge.plausibility.forms import Trained
from agent.verification.knowledge.plausibility.ranking import Plausibility, open_plausibility, train_plausibility
from agent.verification.knowledge.plausibility.required import require

LEFT_OUT = "person 3", "citizen of", "country 1"
WRONG = "person 3", "citizen of", "country 0"


def graph() -> str:
    """Return people, their towns, and the countries of both, without what is to be guessed."""
    rows = [(f"person {n}", "born in", f"town {n % 6}") for n in range(60)]
    rows += [(f"town {n}", "in", f"country {n // 3}") for n in range(6)]
    rows += [(f"person {n}", "citizen of", f"country {n % 6 // 3}") for n in range(60)]
    return "".join("\t".join(row) + "\n" for row in rows if row != LEFT_OUT)


async def train(home: Path, text: str, epochs: int = 40) -> Trained:
    (home / "facts.tsv").write_text(text)
    async with KnowledgeBase(knowledge_file(home, "people")) as kb:
        await kb.add(home / "facts.tsv")
        return await train_plausibility(kb, epochs=epochs)


@pytest.fixture
async def plausibility(tmp_path: Path) -> Plausibility:
    await train(tmp_path, graph())
    return await open_plausibility(tmp_path, "people")


def statement(subject: str, relation: str, value: str, *, positive: bool = True) -> Statement:
    return Statement(subject=subject, relation=relation, object=value, positive=positive)


async def test_what_follows_from_the_rest_is_more_plausible_than_what_does_not(plausibility: Plausibility) -> None:
    async with plausibility:
        right, wrong = await plausibility.score(*LEFT_OUT), await plausibility.score(*WRONG)
    assert right is not None
    assert wrong is not None
    assert 0 >= right > wrong


async def test_statements_are_ranked_and_what_cannot_be_scored_comes_last(plausibility: Plausibility) -> None:
    unknown, denial = statement("person 3", "citizen of", "Mars"), statement(*LEFT_OUT, positive=False)
    async with plausibility:
        ranked = await plausibility.rank([unknown, statement(*WRONG), denial, statement(*LEFT_OUT)])
        assert await plausibility.rank([]) == ()
    assert [one.statement for one in ranked] == [statement(*LEFT_OUT), statement(*WRONG), unknown, denial]
    assert [one.score is None for one in ranked] == [False, False, True, True]


async def test_claims_with_doubtful_triples_are_checked_first(plausibility: Plausibility) -> None:
    claims = [
        Claim(id="c1", text="no triples"),
        Claim(id="c2", text="likely", triples=(statement(*LEFT_OUT),)),
        Claim(id="c3", text="likely and doubtful", triples=(statement(*LEFT_OUT), statement(*WRONG))),
        Claim(id="c4", text="unknown", triples=(statement("Mars", "born in", "town 1"),)),
    ]
    async with plausibility:
        assert [claim.id for claim in await plausibility.doubtful_first(claims)] == ["c3", "c2", "c1", "c4"]
        assert await plausibility.doubtful_first([]) == ()


async def test_what_was_learnt_is_refused_once_the_knowledge_base_has_changed(tmp_path: Path) -> None:
    await train(tmp_path, graph(), epochs=1)
    async with KnowledgeBase(knowledge_file(tmp_path, "people")) as kb:
        (tmp_path / "more.tsv").write_text("person 99\tborn in\ttown 1\n")
        await kb.add(tmp_path / "more.tsv")
    with pytest.raises(KnowledgeUnavailable, match="has changed since"):
        await open_plausibility(tmp_path, "people")


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no archive", b"\x80\x04K\x01."])
async def test_a_damaged_file_is_told_and_never_run(tmp_path: Path, damage: bytes) -> None:
    await train(tmp_path, graph(), epochs=1)
    learnt_file(knowledge_file(tmp_path, "people")).write_bytes(damage)
    with pytest.raises(KnowledgeUnavailable, match="train again"):
        await open_plausibility(tmp_path, "people")


@pytest.mark.parametrize(
    "change",
    [
        {"version": np.array(99)},
        {"things": np.array([1, 2])},
        {"thing_vectors": np.full((68, 128), np.nan, np.float32)},
        {"relation_vectors": np.zeros((6, 128), np.float64)},
        {"digest": None},
    ],
)
async def test_a_file_with_other_arrays_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    await train(tmp_path, graph(), epochs=1)
    path = learnt_file(knowledge_file(tmp_path, "people"))
    with np.load(path) as arrays:
        assert arrays["thing_vectors"].shape == (68, 128)
        kept = {name: arrays[name] for name in arrays if change.get(name, 0) is not None}
    np.savez(path, **(kept | {name: np.asarray(value) for name, value in change.items() if value is not None}))
    with pytest.raises(KnowledgeUnavailable, match="train again"):
        await open_plausibility(tmp_path, "people")


async def test_a_small_file_cannot_ask_for_much_memory(tmp_path: Path) -> None:
    await train(tmp_path, graph(), epochs=1)
    path = learnt_file(knowledge_file(tmp_path, "people"))
    with np.load(path) as arrays:
        kept = {name: arrays[name] for name in arrays}
    np.savez_compressed(path, **(kept | {"thing_vectors": np.zeros((200_000, 128), np.float32)}))
    assert path.stat().st_size < 1_000_000
    with pytest.raises(KnowledgeUnavailable, match="damaged or from another version"):
        await open_plausibility(tmp_path, "people")

    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**13, 128)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("version.npy", header.getvalue())
    with pytest.raises(KnowledgeUnavailable, match="damaged or from another version"):
        await open_plausibility(tmp_path, "people")


async def test_what_cannot_be_learnt_from_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownKnowledge):
        await open_plausibility(tmp_path, "people")
    with pytest.raises(UsageError, match="at least one epoch"):
        await train(tmp_path, graph(), epochs=0)
    with pytest.raises(KnowledgeUnavailable, match="run `plumbline kb train people`"):
        await open_plausibility(tmp_path, "people")
    async with KnowledgeBase(knowledge_file(tmp_path, "people")) as kb:
        with pytest.raises(UsageError, match="68 things"):
            await kb.numbered(67)
    async with KnowledgeBase(knowledge_file(tmp_path, "empty")) as kb:
        with pytest.raises(UsageError, match="no triples"):
            await train_plausibility(kb)


async def test_removing_a_knowledge_base_removes_what_was_learnt_from_it(tmp_path: Path) -> None:
    await train(tmp_path, graph(), epochs=1)
    remove_knowledge(tmp_path, "people")
    assert not list((tmp_path / "kb").iterdir())


def test_equal_seeds_give_equal_vectors_and_the_loss_falls() -> None:
    triples = np.array([(n, 0, (n + 1) % 8) for n in range(8)])
    runs = []
    for seed in (1, 1, 2):
        epochs = list(itertools.islice(training(triples, 8, 1, seed=seed), 30))
        assert epochs[-1].loss < epochs[0].loss
        runs.append(epochs[-1].embedding.things)
    assert np.allclose(runs[0], runs[1])
    assert not np.allclose(runs[0], runs[2])


def test_a_step_goes_down_the_slope_that_differences_show() -> None:
    """A wrong sign or a forgotten factor in the hand-written slopes would show here."""
    chance = np.random.default_rng(3)
    batch = np.array([(0, 0, 1), (2, 1, 0), (0, 0, 3)])
    things, relations = chance.standard_normal((4, 6)), chance.standard_normal((2, 6))
    _, slope_things, slope_relations = loss_and_slopes(Embedding(things, relations), batch)
    for values, slopes in ((things, slope_things), (relations, slope_relations)):
        for index in np.ndindex(values.shape):
            losses = []
            for way in (1e-5, -1e-5):
                values[index] += way
                losses.append(loss_and_slopes(Embedding(things, relations), batch)[0])
                values[index] -= way
            assert (losses[0] - losses[1]) / 2e-5 == pytest.approx(slopes[index], abs=1e-6)


def test_what_is_missing_is_told_with_what_to_install() -> None:
    require()
    with pytest.raises(ConfigurationError, match=r"pip install 'plumbline-agent\[plausibility\]'"):
        require(["no_such_library"])
