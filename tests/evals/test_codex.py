"""The benchmark of triple classification, on a graph small enough to know the answers."""

import json
from pathlib import Path

import numpy as np
import pytest

from agent.domain.errors import UsageError
from evals.benchmarks.codex import FILES, measure_codex
from evals.benchmarks.thresholds import accuracy, cross_fitted_accuracy, fitted

PEOPLE = 120


def row(subject: str, relation: str, value: str, *, label: str = "TRUE") -> str:
    ids = {"subject": f"id {subject}", "relation": f"id {relation}", "object": f"id {value}"}
    return json.dumps({"subject": subject, "relation": relation, "object": value, "label": label, "ids": ids})


def lives(person: int, country: int, label: str = "TRUE") -> str:
    return row(f"person {person}", "citizen of", f"country {country}", label=label)


def country(person: int) -> int:
    return person % 6 // 3


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Write people with towns and countries, where a third of the citizenships is asked and not held."""
    held = [row(f"person {n}", "born in", f"town {n % 6}") for n in range(PEOPLE)]
    held += [row(f"town {n}", "in", f"country {n // 3}") for n in range(6)]
    held += [lives(n, country(n)) for n in range(PEOPLE) if n < 80]
    held += [row(f"country {n}", "ally of", f"country {n ^ 1}") for n in range(2, 42)]
    # not in the knowledge base; their reverses are
    asked = [row(f"country {n}", "ally of", f"country {n - 40}") for n in range(102, 106)]
    held += [row(f"country {n - 40}", "ally of", f"country {n}") for n in range(102, 106)]
    # moved births contradict what is held of a relation with one object
    asked += [row(f"person {n}", "born in", f"town {(n + 1) % 6}", label="FALSE") for n in range(4)]
    valid = [lives(n, country(n)) for n in range(80, 100)] + [lives(n, 1 - country(n), "FALSE") for n in range(80, 100)]
    test = [lives(n, country(n)) for n in range(100, 120)] + [
        lives(n, 1 - country(n), "FALSE") for n in range(100, 120)
    ]
    ids = (json.loads(line)["ids"] for line in held)
    lines = {
        "kb.jsonl": held,
        "entities.jsonl": [json.dumps({"id": "id town 1", "label": "town 1", "aliases": ["first town"]})],
        "train_ids.tsv": ["\t".join(one.values()) for one in ids],
        "valid.jsonl": valid + asked,
        "test.jsonl": test + asked,
    }
    for name, content in lines.items():
        (tmp_path / name).write_text("\n".join(content) + "\n")
    return tmp_path


def test_what_is_held_decides_the_rest_is_classified(data: Path) -> None:
    told: list[str] = []
    found = measure_codex(data, 12, told.append)
    assert set(found.learnt) == {"born in: functional", "ally of: symmetric"}
    assert (found.test_decided.supported, found.test_decided.supported_right) == (4, 4)
    assert (found.test_decided.contradicted, found.test_decided.contradicted_right) == (4, 4)
    assert (found.test_decided.precision, found.test_decided.coverage) == (1.0, 8 / 48)
    assert found.majority.accuracy <= 0.75
    assert found.complex.accuracy_low <= found.complex.accuracy <= found.complex.accuracy_high
    assert found.combined.accuracy >= 0.9
    assert 1 <= found.epochs <= found.epochs_tried == 12
    assert told[-1].startswith("epoch 12 of 12")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_told(data: Path, name: str) -> None:
    (data / name).unlink()
    with pytest.raises(UsageError, match=name):
        measure_codex(data, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [('{"subject": "a"}\n', "no labelled triple"), ("", "no triples"), (lives(1, 99) + "\n", "lacks id person 1")],
)
def test_a_part_that_cannot_be_used_is_told(data: Path, text: str, told: str) -> None:
    (data / "test.jsonl").write_text(text)
    with pytest.raises(UsageError, match=told):
        measure_codex(data, 1)


def test_thresholds_are_those_that_are_right_most_often() -> None:
    scores = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.5, 0.6, 7.0])
    relations = np.array([0, 0, 0, 0, 0, 0, 1, 1, 2])
    labels = np.array([False, False, True, True, True, True, True, True, False])
    thresholds = fitted(scores, relations, labels)
    assert thresholds.by_relation == {0: 2.5}
    assert list(thresholds.above(scores[:6], relations[:6])) == list(labels[:6])
    # equal scores cannot be told apart
    same = fitted(np.zeros(9), np.zeros(9, np.int64), labels)
    assert same.above(np.zeros(2), np.zeros(2, np.int64)).all()
    assert not fitted(np.zeros(9), np.zeros(9, np.int64), ~labels).above(np.zeros(1), np.zeros(1, np.int64)).any()


def test_thresholds_that_were_fitted_do_not_judge_themselves() -> None:
    chance = np.random.default_rng(0)
    labels = chance.random(400) < 0.5
    relations = np.arange(400) // 5
    scores = chance.standard_normal(400)
    itself = (fitted(scores, relations, labels).above(scores, relations) == labels).mean()
    assert itself > 0.6
    assert cross_fitted_accuracy(scores, relations, labels) < 0.57


def test_an_interval_holds_what_was_found() -> None:
    labels = np.arange(100) % 2 == 0
    said = np.where(np.arange(100) < 10, ~labels, labels)
    found = accuracy(said, labels)
    assert (found.accuracy, found.f1) == (0.9, 0.9)
    assert 0.8 < found.accuracy_low < 0.9 < found.accuracy_high < 1
