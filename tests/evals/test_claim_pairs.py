"""The product's own claim pairs are what their README says. Whether a label is right, only a reader can tell."""

import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from agent.domain.base import Fact
from evals.rows import json_rows

PAIRS = Path(__file__).parents[2] / "evals" / "claims" / "pairs.jsonl"
EDITS = {"negation", "number", "entity", "role-swap", "antonym", "unit", "date"}
RESTATEMENTS = {"paraphrase", "synonym", "voice", "restated-number", "entailed", "negation-kept", "shortened"}


class Pair(Fact):
    id: str = Field(pattern=r"^g\d\d-\d$")
    evidence: str = Field(min_length=10, max_length=450)
    claim: str = Field(min_length=5, max_length=200)
    label: Literal["supported", "contradicted"]
    kind: str
    source: str = Field(pattern=r"^[^/]+, .+|^Plumbline, docs/.+")


def words(text: str) -> set[str]:
    return set(re.findall(r"[\u4e00-\u9fff]|[a-z0-9_.%-]*[a-z0-9_%]", text.lower()))


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.,]\d+)*", text))


def shared(pair: Pair) -> float:
    """Return which share of the claim's words the evidence has too."""
    return len(words(pair.claim) & words(pair.evidence)) / len(words(pair.claim))


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return [Pair.model_validate(row) for row in json_rows(PAIRS)]


def test_the_two_labels_are_balanced_and_every_kind_is_there_often_enough(pairs: list[Pair]) -> None:
    kinds = Counter((pair.label, pair.kind) for pair in pairs)
    assert {kind for label, kind in kinds if label == "contradicted"} == EDITS
    assert {kind for label, kind in kinds if label == "supported"} == RESTATEMENTS
    assert Counter(pair.label for pair in pairs) == {"supported": 100, "contradicted": 100}
    assert min(kinds.values()) >= 12


def test_ids_tell_the_group_which_has_one_evidence_and_claims_of_both_labels(pairs: list[Pair]) -> None:
    groups = defaultdict(list)
    for pair in pairs:
        groups[pair.id.split("-")[0]].append(pair)
    assert len({pair.id for pair in pairs}) == len(pairs)
    assert len(groups) == len({pair.evidence for pair in pairs}) >= 60
    for members in groups.values():
        assert len({(pair.evidence, pair.source) for pair in members}) == 1
        assert {pair.label for pair in members} == {"supported", "contradicted"}
        assert len({pair.claim for pair in members}) == len(members)


def test_evidence_is_a_short_excerpt_in_one_line(pairs: list[Pair]) -> None:
    for pair in pairs:
        assert pair.evidence == " ".join(pair.evidence.split()), pair.id
        assert len(re.findall(r"[.!?。](?=\s+[A-Z]|$)", pair.evidence)) <= 3, pair.id
        assert re.fullmatch(r"\S.*[.。]", pair.claim), pair.id
        assert pair.claim not in pair.evidence or pair.kind == "shortened", pair.id


def test_a_fifth_of_the_pairs_at_least_is_not_about_python_and_a_tenth_is_chinese(pairs: list[Pair]) -> None:
    assert sum(not pair.source.startswith("Python") for pair in pairs) >= 40
    assert sum(bool(re.search(r"[\u4e00-\u9fff]", pair.claim)) for pair in pairs) == 20


def test_contradicted_claims_are_small_edits(pairs: list[Pair]) -> None:
    for pair in (pair for pair in pairs if pair.label == "contradicted"):
        assert shared(pair) >= 0.4, pair.id
        if pair.kind == "unit":
            assert numbers(pair.claim) <= numbers(pair.evidence), f"{pair.id} changes a number as well"
        if pair.kind == "number":
            spelled = words(pair.claim) & {"two", "three", "four", "five"}
            assert spelled or numbers(pair.claim) - numbers(pair.evidence), f"{pair.id} changes no number"
        if pair.kind == "date":
            assert numbers(pair.claim), f"{pair.id} has no date"


def test_words_in_common_do_not_tell_the_supported_claims(pairs: list[Pair]) -> None:
    true = [shared(pair) for pair in pairs if pair.label == "supported"]
    false = [shared(pair) for pair in pairs if pair.label == "contradicted"]
    wins = sum((one > other) + 0.5 * (one == other) for one in true for other in false)
    assert wins / (len(true) * len(false)) < 0.5
