"""What the chain of checks is made of: somebody takes a text apart, finds evidence, judges, and writes sentences anew.

Everything here may be done by rules, by a model or by a service. What a re-run cannot recompute (a model's reply, a
search, a file outside the run, a program) is an effect under the step that is given; steps are unique and the same on
every re-run.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pydantic import Field

from agent.domain.base import Fact
from agent.domain.budget import Usage
from agent.domain.claims import CheckedClaim, Claim, Judgement, Tier
from agent.domain.evidence import Evidence


class JudgeFailed(Exception):
    """A judge could not judge: its service is down or refuses, or what it said cannot be used. Never a verdict.

    A judge raises it for what is recorded, so that it fails alike on every re-run. The message is one line.
    """


class Extraction(Fact):
    """The claims of a text.

    Attributes:
        claims: in the order of the text, with ids that are unique in it (``c1``, ``c2``, ...), places and kinds.
        uncovered: sentences that state something and from which no claim was taken.
        notes: what the reader should know, one sentence each, such as how much of a long text was not read.
    """

    claims: tuple[Claim, ...]
    uncovered: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Extractor(Protocol):
    """Takes the claims out of a text."""

    async def extract(self, step: str, text: str) -> Extraction:
        """Return the claims of a text; what cannot be taken apart is one claim a sentence.

        An extractor that asks a model falls back to rules, with a note, where the model fails.
        """


class Retriever(Protocol):
    """Finds evidence for claims, such as passages of a corpus or triples of a knowledge base."""

    async def retrieve(self, step: str, claim: Claim) -> Sequence[Evidence]:
        """Return what may decide a claim, the most promising first; nothing where nothing was found.

        Raises:
            JudgeFailed: it could not be looked for.
        """


class Judge(Protocol):
    """Judges claims, one at a time.

    Attributes:
        name: how it is called in judgements and steps: small letters, digits and ``-``.
        tier: when it is asked: a claim that a cheaper tier has decided does not reach the next.
    """

    name: str
    tier: Tier

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return what it says about a claim; nothing where the claim is not its subject.

        Args:
            step: begins the names of its effects.
            claim: the claim; ``claim.triples`` may be judged one by one.
            evidence: what was retrieved for it, quotes already checked to be where they say.

        Raises:
            JudgeFailed: it could not judge.
        """


class Rethought(Fact):
    """Sentences that were written anew.

    Attributes:
        sentences: by what they replace, word for word; an empty one drops its sentence. None where there was nothing
            to rethink with.
        notes: what the reader should know, one sentence each, such as what was dropped and why.
        usage: what it cost.
    """

    sentences: Mapping[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    usage: Usage = Field(default_factory=Usage)


class Rethinker(Protocol):
    """Writes the sentences anew whose claims failed, from what is known."""

    async def rethink(
        self, step: str, text: str, checked: Sequence[CheckedClaim], evidence: Mapping[str, Evidence]
    ) -> Rethought:
        """Return new sentences for those of the failed claims.

        Args:
            step: begins the names of its effects.
            text: the answer as it is.
            checked: all claims of it with their verdicts.
            evidence: what the verdicts rest on, by id.

        Raises:
            JudgeFailed: it could not be done.
        """


class TextOf(Protocol):
    """Gives the stored text of a source, which quotes are checked against."""

    async def __call__(self, sha256: str) -> str:
        """Return a source's text by its SHA-256.

        Raises:
            LookupError: it is not stored, so that no quote of it can be checked.
        """
