"""ComplEx: things and relations of a knowledge base as complex vectors that tell how plausible a triple is.

The model is that of Trouillon et al. 2016 (arXiv 1606.06357), trained as by Lacroix et al. 2018 (arXiv 1806.07297):
every triple also in reverse under a relation of its own, the right thing against all others, and the nuclear 3-norm
as regulariser.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

Factors = NDArray[np.floating[Any]]
Numbers = NDArray[np.int64]

RANK = 64
"""Complex dimensions of a vector."""
_BATCH = 2048
_CELLS = 8_000_000
"""How many scores of a batch are kept at once; a batch is smaller where there are many things."""
_RATE = 0.1
_NORM = 0.02
_START = 1e-3
_THREADS = 2
_SMALL = 250_000
"""Scores of a batch from which on two threads are worth it."""


@dataclass(frozen=True, slots=True)
class Embedding:
    """Vectors of things and relations.

    Attributes:
        things: a row for each thing, real parts first, then imaginary ones.
        relations: a row for each relation, then one for the reverse of each.
    """

    things: Factors
    relations: Factors

    def objects(self, subjects: Numbers, relations: Numbers) -> Factors:
        """Return a row for each pair of subject and relation: the log-probability of each thing as the object.

        ``relations`` may be those of reverses, which start after the last relation.
        """
        scores: Factors = _product(self.things[subjects], self.relations[relations]) @ self.things.T
        scores -= scores.max(axis=1, keepdims=True)
        scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return scores

    def plausibility(self, triples: Numbers) -> Factors:
        """Return for each row of subject, relation and object how plausible it is; at most 0.

        It is the mean of two log-probabilities: of the object among all things, and of the subject.
        """
        found = np.empty(len(triples), np.float32)
        size = batch_size(len(self.things))
        with ThreadpoolController().limit(limits=_threads(len(triples), len(self.things)), user_api="blas"):
            for start in range(0, len(triples), size):
                subjects, relations, objects = triples[start : start + size].T
                rows = np.arange(len(subjects))
                forward = self.objects(subjects, relations)[rows, objects]
                backward = self.objects(objects, relations + len(self.relations) // 2)[rows, subjects]
                found[start : start + size] = (forward + backward) / 2
        return found

    def copy(self) -> "Embedding":
        """Return one that further training leaves as it is."""
        return Embedding(self.things.copy(), self.relations.copy())


class Epoch(NamedTuple):
    """One pass over all triples: its number from 1, the mean loss in nats, and the vectors, which go on changing."""

    number: int
    loss: float
    embedding: Embedding


def training(triples: Numbers, things: int, relations: int, *, seed: int = 0, rank: int = RANK) -> Iterator[Epoch]:
    """Train on rows of subject, relation and object, numbered from 0; yield after each epoch, without end.

    Equal seeds give equal vectors on one machine, up to the order in which its BLAS adds.

    Raises:
        ValueError: there are no triples.
    """
    if not len(triples):
        raise ValueError("there are no triples to train on")
    chance = np.random.default_rng(seed)
    embedding = Embedding(
        (chance.standard_normal((things, 2 * rank)) * _START).astype(np.float32),
        (chance.standard_normal((2 * relations, 2 * rank)) * _START).astype(np.float32),
    )
    grown = Embedding(np.zeros_like(embedding.things), np.zeros_like(embedding.relations))
    subjects, relation, objects = triples.T
    reverse = np.stack([objects, relation + relations, subjects], axis=1)
    examples = np.concatenate([triples, reverse])
    size = batch_size(things)
    pools = ThreadpoolController()
    threads = _threads(min(size, len(examples)), things)
    number = 0
    while True:
        number += 1
        chance.shuffle(examples)
        losses = []
        with pools.limit(limits=threads, user_api="blas"):
            for start in range(0, len(examples), size):
                batch = examples[start : start + size]
                loss, *slopes = loss_and_slopes(embedding, batch)
                losses.append(loss * len(batch))
                _descend(embedding.things, grown.things, slopes[0])
                _descend(embedding.relations, grown.relations, slopes[1])
        yield Epoch(number, sum(losses) / len(examples), embedding)


def _threads(triples: int, things: int) -> int:
    # waiting for a second thread takes longer than small products do
    return _THREADS if triples * things >= _SMALL else 1


def batch_size(things: int) -> int:
    """Return how many triples are scored against all things at once."""
    return max(1, min(_BATCH, _CELLS // things))


def _descend(values: Factors, grown: Factors, slope: Factors) -> None:
    """Take one step of Adagrad."""
    grown += slope * slope
    values -= _RATE * slope / (np.sqrt(grown) + 1e-10)


def loss_and_slopes(embedding: Embedding, batch: Numbers) -> tuple[float, Factors, Factors]:
    """Return what is minimised over a batch, and its slopes by the vectors of things and of relations.

    That is the mean of the cross-entropies and of the cubed moduli, times ``_NORM``, of the vectors of each triple.
    """
    subjects, relations, objects = batch.T
    count = len(batch)
    one, link, other = embedding.things[subjects], embedding.relations[relations], embedding.things[objects]
    query = _product(one, link)
    likely: Factors = query @ embedding.things.T
    likely -= likely.max(axis=1, keepdims=True)
    rows = np.arange(count)
    right = likely[rows, objects]
    np.exp(likely, out=likely)
    total = likely.sum(axis=1, keepdims=True)
    loss = float((np.log(total[:, 0]) - right).sum()) / count
    likely /= total
    likely[rows, objects] -= 1
    likely /= count
    to_query: Factors = likely @ embedding.things
    slope_things: Factors = likely.T @ query
    slope_relations = np.zeros_like(embedding.relations)
    for slope, places, values, further in (
        (slope_things, subjects, one, _product(to_query, _conjugate(link))),
        (slope_things, objects, other, None),
        (slope_relations, relations, link, _product(to_query, _conjugate(one))),
    ):
        norm, downwards = _norm(values, count)
        loss += norm
        np.add.at(slope, places, downwards if further is None else downwards + further)
    return loss, slope_things, slope_relations


def _norm(values: Factors, count: int) -> tuple[float, Factors]:
    """Return the regulariser of some vectors and its slope."""
    real, imaginary = np.split(values, 2, axis=1)
    size = np.hypot(real, imaginary)
    slope: Factors = 3 * _NORM / count * np.concatenate([size, size], axis=1) * values
    return _NORM / count * float((size**3).sum()), slope


def _product(one: Factors, other: Factors) -> Factors:
    a, b = np.split(one, 2, axis=1)
    c, d = np.split(other, 2, axis=1)
    return np.concatenate([a * c - b * d, a * d + b * c], axis=1)


def _conjugate(values: Factors) -> Factors:
    real, imaginary = np.split(values, 2, axis=1)
    return np.concatenate([real, -imaginary], axis=1)
