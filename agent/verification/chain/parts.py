"""What a chain of checks works with, and what it comes to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.domain.base import Fact
from agent.domain.claims import ChainScore, CheckedClaim, Checking, Claim
from agent.domain.evidence import Evidence
from agent.verification.chain.ports import Extractor, Judge, Rethinker, Retriever, TextOf


class Entails(Protocol):
    """Says whether a sentence follows from statements alone, by a model that is shown nothing else."""

    async def __call__(self, step: str, sentence: str, statements: Sequence[str]) -> bool:
        """Return whether a sentence follows from statements.

        Raises:
            JudgeFailed: it could not be said.
        """


class Ranker(Protocol):
    """Says which claims are best checked first (tier T2), such as the least plausible ones. It gives no verdict."""

    async def __call__(self, step: str, claims: Sequence[Claim]) -> Sequence[str]:
        """Return ids of claims, the first to check first; claims that are left out come last, as they came.

        Raises:
            JudgeFailed: they could not be ranked.
        """


async def _no_text(sha256: str) -> str:
    raise LookupError(f"no text is stored under {sha256[:12]}")


@dataclass(frozen=True)
class Parts:
    """Who does the work of a chain.

    Attributes:
        extractor: takes claims out of the answer, and out of sentences that were written anew.
        judges: of all tiers, in the order in which their judgements are listed; their names are unique.
        retrievers: find evidence for each claim besides the evidence that it cites.
        text_of: stored texts, which quotes are checked against.
        rethinker: writes failed sentences anew; None only checks.
        entails: a model that says what follows from accepted claims, where words alone do not show it.
        ranker: in which order models are asked about claims, so that what they may cost is spent where it tells most;
            by default that of the text.
        allowance: whether models may still be asked. It is only called when nothing else of the chain is under way, and
            must say the same on every re-run: so it may count recorded replies, and no time.
        claims: the claims of the answer where they are known already; None has them extracted.
        evidence: what is known already; claims name it by its ids.
    """

    extractor: Extractor
    judges: tuple[Judge, ...]
    retrievers: tuple[Retriever, ...] = ()
    text_of: TextOf = _no_text
    rethinker: Rethinker | None = None
    entails: Entails | None = None
    ranker: Ranker | None = None
    allowance: Callable[[], bool] = lambda: True
    claims: tuple[Claim, ...] | None = None
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        names = [judge.name for judge in self.judges]
        if len(set(names)) < len(names):
            raise ValueError(f"the names of judges are not unique: {', '.join(names)}")


class Checked(Fact):
    """An answer whose claims were checked.

    Attributes:
        answer: the answer that was kept: that of the best round.
        draft: the answer as it came.
        claims: the claims of the kept answer, in its order, with verdicts and judgements.
        evidence: all evidence that was looked at, by id.
        checking: how it went.
        uncovered: sentences of the kept answer that state something and that nobody could take a claim from.
    """

    answer: str
    draft: str
    claims: tuple[CheckedClaim, ...]
    evidence: Mapping[str, Evidence]
    checking: Checking
    uncovered: tuple[str, ...] = ()

    @property
    def score(self) -> ChainScore:
        """The score of the kept answer."""
        return self.checking.rounds[self.checking.best].score

    @property
    def accepted(self) -> bool:
        """Whether the kept answer passed; otherwise the chain abstains from vouching for it."""
        return self.checking.stopped == "accepted"
