"""Whether a sentence follows from accepted claims alone, and which of these it needs.

A claim is needed where the sentence no longer follows without it. This removal is the control of the check: a sentence
that "follows" even when all it rests on is taken away follows from what somebody knew before, and does not count.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.verification.chain.judging import PASS_THROUGH
from agent.verification.chain.parts import Entails
from agent.verification.covering import Statements, words_of
from agent.verification.negation import unshared_scope

_SHOWN = 40
"""Statements that a model is shown at most: those that share most words with the sentence."""


@dataclass(frozen=True)
class Sentence:
    """A sentence that states something. Accepted claims go by their numbers.

    Attributes:
        text: the sentence as it stands.
        plain: it as it is read, without marks of emphasis, of lists and of citations.
        own: accepted claims that were taken from it.
        whole: all claims that were taken from it are accepted, and together they are said to be all of it.
        bare: it has no claim at all.
        open: ids of its claims that cite nothing and that nothing has decided.
        failed: it has a claim that is neither accepted nor open, so that it need not be asked what it follows from.
    """

    text: str
    plain: str
    own: frozenset[int]
    whole: bool
    bare: bool
    open: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True)
class Followed:
    """Whether a sentence follows, and the accepted claims without which it would not.

    Attributes:
        model: a model found it, since words alone do not show it.
    """

    follows: bool
    needed: frozenset[int] = frozenset()
    model: bool = False


class Following:
    """Says what follows from accepted claims.

    Args:
        accepted: their texts.
    """

    def __init__(self, accepted: Sequence[str]) -> None:
        self._accepted = tuple(accepted)
        self._statements = Statements(accepted)
        self._words = tuple(words_of(text) for text in accepted)

    def basis(self, sentence: Sentence) -> frozenset[int]:
        """Return the accepted claims that a sentence may rest on: its own, and those that say it or a clause of it."""
        return sentence.own | self._statements.saying(sentence.plain)

    def by_words(self, sentence: Sentence) -> Followed:
        """Say whether words alone show that a sentence follows."""
        if not self._shown(sentence, frozenset()):
            return Followed(follows=False)
        basis = self.basis(sentence)
        needed = (number for number in basis if not self._shown(sentence, frozenset({number})))
        return Followed(follows=True, needed=frozenset(needed))

    def _shown(self, sentence: Sentence, without: frozenset[int]) -> bool:
        return self._statements.cover(sentence.plain, without) or self._made_of(sentence, without)

    def _made_of(self, sentence: Sentence, without: frozenset[int]) -> bool:
        """Whether the claims that were taken from a sentence have each word of it, and deny and limit as it does."""
        left = sorted(sentence.own - without)
        if not sentence.whole or not left:
            return False
        said = " ".join(self._accepted[number] for number in left)
        return (
            words_of(sentence.plain) <= frozenset[str]().union(*(self._words[number] for number in left))
            and not unshared_scope(sentence.plain, said)
            and not unshared_scope(said, sentence.plain)
        )

    async def by_model(self, step: str, sentence: Sentence, entails: Entails) -> Followed:
        """Say whether a model finds that a sentence follows, and finds that it does not without what it rests on.

        A sentence of which words do not tell what it rests on must not follow from nothing. A model that fails shows
        nothing. Each answer is an effect: ``{step}/all``, ``{step}/none`` and, where a sentence rests on several
        claims, ``{step}/{number}``.
        """
        basis = self.basis(sentence)

        def without(numbers: frozenset[int]) -> list[str]:
            return self._shown_to_model(sentence, basis, numbers)

        try:
            if not await entails(f"{step}/all", sentence.plain, without(frozenset())):
                return Followed(follows=False)
            every = frozenset(range(len(self._accepted)))
            if await entails(f"{step}/none", sentence.plain, without(basis or every)):
                return Followed(follows=False)
            if len(basis) <= 1:
                return Followed(follows=True, needed=basis, model=True)
            needed = [
                number
                for number in sorted(basis)
                if not await entails(f"{step}/{number}", sentence.plain, without(frozenset({number})))
            ]
        except PASS_THROUGH:
            raise
        except Exception:  # noqa: BLE001 - that a model fails shows nothing, so the sentence stays unfounded
            return Followed(follows=False)
        return Followed(follows=True, needed=frozenset(needed), model=True)

    def _shown_to_model(self, sentence: Sentence, basis: frozenset[int], without: frozenset[int]) -> list[str]:
        wanted = words_of(sentence.plain)
        numbers = [number for number in range(len(self._accepted)) if number not in without]
        numbers.sort(key=lambda number: (number not in basis, -len(self._words[number] & wanted), number))
        return [self._accepted[number] for number in sorted(numbers[:_SHOWN])]
