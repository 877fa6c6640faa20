"""Measure how well true triples are told from false ones on CoDEx-S (Safavi and Koutra 2020).

Its false triples are plausible ones that people checked. The knowledge base is the training part; thresholds and epochs
are chosen on the validation part, and the test part is looked at once.
"""

import itertools
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from agent.domain.base import Fact
from agent.domain.claims import Statement
from agent.domain.errors import UsageError
from agent.verification.knowledge.judging import judge_statement
from agent.verification.knowledge.loading import load
from agent.verification.knowledge.numbering import located, numbered
from agent.verification.knowledge.plausibility.embedding import Embedding, training
from agent.verification.knowledge.plausibility.ranking import MAX_THINGS, numbers_in_order
from agent.verification.knowledge.store import Store
from evals.benchmarks.thresholds import (
    Accuracy,
    Labels,
    Relations,
    Scores,
    accuracy,
    cross_fitted_accuracy,
    fitted,
)
from evals.rows import json_rows

FILES = "kb.jsonl", "entities.jsonl", "train_ids.tsv", "valid.jsonl", "test.jsonl"


class _Ids(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: str
    relation: str
    object: str


class _Labelled(_Ids):
    label: Literal["TRUE", "FALSE"]
    ids: _Ids


class Decided(Fact):
    """What the knowledge base decides by itself: triples it calls supported or contradicted, and how many of each are.

    Attributes:
        triples: how many it was asked about.
        precision: share of its decisions that are right; None where there are none.
        coverage: share of the triples that it decides.
    """

    triples: int
    supported: int
    supported_right: int
    contradicted: int
    contradicted_right: int
    precision: float | None
    coverage: float


class CodexMeasured(Fact):
    """What was found.

    Attributes:
        learnt: what the training part taught about relations.
        epochs: how many were the best on the validation part, of those that were tried.
        valid_accuracy: of ComplEx on the validation part, each triple by thresholds that others set.
        valid_decided, test_decided: by the knowledge base alone.
        majority: on the test part, the label that is the more frequent one of the relation on the validation part.
        complex: ComplEx alone on the test part.
        combined: what the knowledge base decides, else ComplEx, on the test part.
    """

    train_triples: int
    learnt: tuple[str, ...]
    epochs: int
    epochs_tried: int
    valid_accuracy: float
    valid_decided: Decided
    test_decided: Decided
    majority: Accuracy
    complex: Accuracy
    combined: Accuracy


def measure_codex(folder: Path, epochs: int, told: Callable[[str], None] = lambda _line: None) -> CodexMeasured:
    """Build the knowledge base, train on it, and classify.

    Args:
        folder: has ``FILES``.
        epochs: how many are tried at most.
        told: called with a line of progress.

    Raises:
        UsageError: a file is missing, or is not what it should be.
    """
    for name in FILES:
        if not (folder / name).is_file():
            raise UsageError(f"{folder / name} is not there; --data names a folder with {', '.join(FILES)}")
    valid, test = (_rows(folder / f"{name}.jsonl") for name in ("valid", "test"))
    with tempfile.TemporaryDirectory() as made:
        store = Store(Path(made) / "kb.db")
        try:
            told("loading the training part")
            load(store, folder / "kb.jsonl", aliases=folder / "entities.jsonl")
            loaded = load(store, folder / "train_ids.tsv", learn=True)
            verdicts = [[_verdict(store, row) for row in rows] for rows in (valid, test)]
            things, relations, triples = numbers_in_order(numbered(store, MAX_THINGS))
            rows = [_placed(store, part, things, relations) for part in (valid, test)]
        finally:
            store.close()
    labels = [np.array([row.label == "TRUE" for row in part]) for part in (valid, test)]
    tried = []
    for epoch in itertools.islice(training(triples, len(things), len(relations)), epochs):
        reached = cross_fitted_accuracy(_scores(epoch.embedding, rows[0]), rows[0][:, 1], labels[0])
        told(f"epoch {epoch.number} of {epochs}: loss {epoch.loss:.3f}, accuracy on the validation part {reached:.3f}")
        tried.append((reached, epoch.number, epoch.embedding.copy()))
    valid_accuracy, chosen, embedding = max(tried, key=lambda one: one[0])
    thresholds = fitted(_scores(embedding, rows[0]), rows[0][:, 1], labels[0])
    blind = fitted(np.zeros(len(valid)), rows[0][:, 1], labels[0]).above(np.zeros(len(test)), rows[1][:, 1])
    said = thresholds.above(_scores(embedding, rows[1]), rows[1][:, 1])
    both = np.array([one if known is None else known for one, known in zip(said, verdicts[1], strict=True)])
    return CodexMeasured(
        train_triples=len(triples),
        learnt=loaded.learnt,
        epochs=chosen,
        epochs_tried=epochs,
        valid_accuracy=valid_accuracy,
        valid_decided=_decided(verdicts[0], labels[0]),
        test_decided=_decided(verdicts[1], labels[1]),
        majority=accuracy(blind, labels[1]),
        complex=accuracy(said, labels[1]),
        combined=accuracy(both, labels[1]),
    )


def _rows(path: Path) -> list[_Labelled]:
    try:
        rows = [_Labelled.model_validate(row) for row in json_rows(path)]
    except ValidationError as error:
        raise UsageError(f"{path} holds a line that is no labelled triple with its ids") from error
    if not rows:
        raise UsageError(f"{path} holds no triples")
    return rows


def _verdict(store: Store, row: _Labelled) -> bool | None:
    """Return whether the knowledge base calls a triple true; None where it does not decide."""
    said = judge_statement(store, Statement(subject=row.subject, relation=row.relation, object=row.object)).verdict
    return {"supported": True, "contradicted": False}.get(said)


def _placed(store: Store, rows: Sequence[_Labelled], things: Relations, relations: Relations) -> Relations:
    """Return the triples as places in the vectors."""
    found = []
    for row in rows:
        place = located(store, Statement(**row.ids.model_dump()))
        if place is None:
            raise UsageError(f"the training part lacks {row.ids.subject}, {row.ids.relation} or {row.ids.object}")
        found.append([np.searchsorted(of, one) for of, one in zip((things, relations, things), place, strict=True)])
    return np.array(found)


def _scores(embedding: Embedding, triples: Relations) -> Scores:
    return embedding.plausibility(triples).astype(np.float64)


def _decided(verdicts: Sequence[bool | None], labels: Labels) -> Decided:
    said = [(one, bool(label)) for one, label in zip(verdicts, labels, strict=True) if one is not None]
    right = sum(one == label for one, label in said)
    return Decided(
        triples=len(verdicts),
        supported=sum(one for one, _ in said),
        supported_right=sum(one and label for one, label in said),
        contradicted=sum(not one for one, _ in said),
        contradicted_right=sum(not one and not label for one, label in said),
        precision=right / len(said) if said else None,
        coverage=len(said) / len(verdicts),
    )
