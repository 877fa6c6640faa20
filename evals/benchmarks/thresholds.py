"""Turns scores of triples into true and false by thresholds that labelled triples set, and tells how well that does."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.domain.base import Fact

Scores = NDArray[np.float64]
Labels = NDArray[np.bool_]
Relations = NDArray[np.int64]

FEW = 4
"""A relation with at most so many labelled triples shares the threshold of all."""
_FOLDS = 10
_RESAMPLES = 2000


class Accuracy(Fact):
    """How well triples were told true from false, with bootstrap intervals of 95 %. F1 is that of the true ones."""

    triples: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    f1: float
    f1_low: float
    f1_high: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores above which a triple counts as true: by relation, and for all other relations."""

    common: float
    by_relation: dict[int, float]

    def above(self, scores: Scores, relations: Relations) -> Labels:
        """Return which triples count as true."""
        limits = np.array([self.by_relation.get(int(relation), self.common) for relation in relations])
        return scores > limits


def fitted(scores: Scores, relations: Relations, labels: Labels) -> Thresholds:
    """Return the thresholds that are right about the most labelled triples."""
    by_relation = {}
    for relation in np.unique(relations):
        chosen = relations == relation
        if chosen.sum() > FEW:
            by_relation[int(relation)] = _threshold(scores[chosen], labels[chosen])
    return Thresholds(_threshold(scores, labels), by_relation)


def cross_fitted_accuracy(scores: Scores, relations: Relations, labels: Labels) -> float:
    """Return the accuracy on labelled triples, each judged by thresholds that the other nine tenths set."""
    fold = np.random.default_rng(0).permutation(len(labels)) % _FOLDS
    right = 0
    for number in range(_FOLDS):
        held, rest = fold == number, fold != number
        thresholds = fitted(scores[rest], relations[rest], labels[rest])
        right += int((thresholds.above(scores[held], relations[held]) == labels[held]).sum())
    return right / len(labels)


def accuracy(said: Labels, labels: Labels) -> Accuracy:
    """Return how well what was said agrees with the labels."""
    chance = np.random.default_rng(0)
    drawn = [chance.integers(0, len(labels), len(labels)) for _ in range(_RESAMPLES)]
    resampled = np.array([[_right(said[rows], labels[rows]), _f1(said[rows], labels[rows])] for rows in drawn])
    (accuracy_low, f1_low), (accuracy_high, f1_high) = np.percentile(resampled, [2.5, 97.5], axis=0)
    return Accuracy(
        triples=len(labels),
        accuracy=_right(said, labels),
        accuracy_low=float(accuracy_low),
        accuracy_high=float(accuracy_high),
        f1=_f1(said, labels),
        f1_low=float(f1_low),
        f1_high=float(f1_high),
    )


def _threshold(scores: Scores, labels: Labels) -> float:
    """Return the middle one of the thresholds that are right most often."""
    order = np.argsort(scores, kind="stable")
    values, true = scores[order], labels[order]
    # right[n]: how often it is right to call the n lowest false and the rest true
    right = true.sum() + np.concatenate([[0], np.cumsum(np.where(true, -1, 1))])
    between = np.concatenate([[True], values[1:] > values[:-1], [True]])
    best = np.flatnonzero(between & (right == right[between].max()))
    place = int(best[len(best) // 2])
    if place == 0:
        return -np.inf
    if place == len(values):
        return float(values[-1])
    return float(values[place - 1] + values[place]) / 2


def _right(said: Labels, labels: Labels) -> float:
    return float((said == labels).mean())


def _f1(said: Labels, labels: Labels) -> float:
    found = int((said & labels).sum())
    return 2 * found / max(1, int(said.sum()) + int(labels.sum()))
