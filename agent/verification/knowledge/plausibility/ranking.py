"""How plausible triples are that a knowledge base need not hold: ranks what to check first, and gives no verdict."""

from collections.abc import Callable, Sequence
from pathlib import Path

import anyio.from_thread
import anyio.to_thread
import numpy as np

from agent.domain.claims import Claim, Statement
from agent.domain.errors import KnowledgeUnavailable, UsageError
from agent.verification.knowledge.base import KnowledgeBase, learnt_file, open_knowledge
from agent.verification.knowledge.doubting import doubtful_first
from agent.verification.knowledge.numbering import Numbered
from agent.verification.knowledge.plausibility.embedding import Epoch, Numbers, training
from agent.verification.knowledge.plausibility.forms import Ranked, Trained
from agent.verification.knowledge.plausibility.saving import Learnt, read, save

EPOCHS = 8
MAX_THINGS = 50_000
"""Things a knowledge base may have to be trained on: each triple is compared with all of them."""


class Plausibility:
    """Scores triples by vectors that were learnt from a knowledge base.

    The file is read when it is made, so inside a run it is an effect, like what it answers.

    Args:
        kb: the knowledge base, for its names.
        learnt: the vectors; their digest is that of the knowledge base.
    """

    def __init__(self, kb: KnowledgeBase, learnt: Learnt) -> None:
        self._kb = kb
        self._embedding = learnt.embedding
        self._things = {int(number): row for row, number in enumerate(learnt.things)}
        self._relations = {int(number): row for row, number in enumerate(learnt.relations)}

    async def __aenter__(self) -> "Plausibility":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._kb.close()

    async def score(self, subject: str, relation: str, object_: str) -> float | None:
        """Return the mean log-probability of object and subject, at most 0; None where a name is not known."""
        (one,) = await self._scored([Statement(subject=subject, relation=relation, object=object_)])
        return one.score

    async def rank(self, statements: Sequence[Statement]) -> tuple[Ranked, ...]:
        """Return statements with their scores, the most plausible first, and those without a score last.

        What should be checked first stands at the end.
        """
        scored = await self._scored(statements)
        return tuple(sorted(scored, key=lambda one: (one.score is None, -(one.score or 0.0))))

    async def doubtful_first(self, claims: Sequence[Claim]) -> tuple[Claim, ...]:
        """Return claims in the order in which to check them: those with the least plausible triple first.

        Claims of which no triple has a score come after these, in their own order.
        """
        return doubtful_first(claims, await self.scores([triple for claim in claims for triple in claim.triples]))

    async def scores(self, statements: Sequence[Statement]) -> tuple[float | None, ...]:
        """Return the score of each statement, as in ``Ranked``."""
        return tuple(one.score for one in await self._scored(statements))

    async def _scored(self, statements: Sequence[Statement]) -> list[Ranked]:
        rows: dict[int, tuple[int, int, int]] = {}
        for index, place in enumerate(await self._kb.located(statements)):
            if place is None or not statements[index].positive:
                continue
            subject, relation, value = place
            if subject in self._things and relation in self._relations and value in self._things:
                rows[index] = (self._things[subject], self._relations[relation], self._things[value])
        scores: dict[int, float] = {}
        if rows:
            triples = np.array(list(rows.values()), dtype=np.int64)
            found = await anyio.to_thread.run_sync(self._embedding.plausibility, triples)
            scores = dict(zip(rows, map(float, found), strict=True))
        return [Ranked(statement=one, score=scores.get(index)) for index, one in enumerate(statements)]


async def train_plausibility(
    kb: KnowledgeBase,
    *,
    epochs: int = EPOCHS,
    seed: int = 0,
    told: Callable[[Epoch], None] = lambda _epoch: None,
) -> Trained:
    """Learn vectors from all triples of a knowledge base, and keep them beside it.

    Args:
        kb: the knowledge base; what its qualifiers say is not used.
        epochs: passes over all triples.
        seed: of the first vectors and the order of the triples.
        told: called after each epoch.

    Raises:
        UsageError: it has no triples, or too many things.
        KnowledgeUnavailable: the vectors cannot be written.
    """
    if epochs < 1:
        raise UsageError("training takes at least one epoch")
    content = await kb.numbered(MAX_THINGS)

    def work() -> Trained:
        things, relations, triples = numbers_in_order(content)
        for epoch in training(triples, len(things), len(relations), seed=seed):
            anyio.from_thread.check_cancelled()
            anyio.from_thread.run_sync(told, epoch)
            if epoch.number == epochs:
                break
        size = save(Learnt(content.digest, things, relations, epoch.embedding), learnt_file(kb.path))
        return Trained(
            epochs=epochs,
            triples=len(triples),
            things=len(things),
            relations=len(relations),
            loss=epoch.loss,
            size=size,
        )

    return await anyio.to_thread.run_sync(work)


def numbers_in_order(content: Numbered) -> tuple[Numbers, Numbers, Numbers]:
    """Return the numbers of things and of relations in ascending order, and the triples as places in these."""
    triples = np.array(content.triples, dtype=np.int64)
    things = np.unique(triples[:, [0, 2]])
    relations = np.unique(triples[:, 1])
    placed = [np.searchsorted(of, triples[:, column]) for column, of in enumerate((things, relations, things))]
    return things, relations, np.stack(placed, axis=1)


async def open_plausibility(home: Path, name: str) -> Plausibility:
    """Return the plausibility of triples by a knowledge base that was trained; leaving it closes the file.

    Raises:
        UnknownKnowledge: there is no such knowledge base.
        KnowledgeUnavailable: it was not trained, or has changed since; the message says what to do.
    """
    kb = open_knowledge(home, name)
    path = learnt_file(kb.path)
    train = f"`plumbline kb train {name}`"
    if not await anyio.Path(path).is_file():
        raise KnowledgeUnavailable(f"nothing was learnt from the knowledge base {name!r} yet; run {train}")
    learnt = await anyio.to_thread.run_sync(read, path)
    async with kb:
        digest = await kb.digest()
    if learnt.digest != digest:
        raise KnowledgeUnavailable(f"the knowledge base {name!r} has changed since it was learnt from; run {train}")
    return Plausibility(kb, learnt)
