"""Whether an example holds an answer that a model was told and did not find, or something of a set that is held out."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from agent.domain.base import Fact
from agent.domain.messages import Message
from evals.suite.sample import Sample
from evals.training.texts import by_roles, grams, has, is_slight, joined, said, tokens

GRAM: Final = 8
"""Words in a row that an example may not share with a goal or an answer that is held out."""

_LETTER: Final = re.compile(r"[A-Za-z]")
_LABELLED: Final = (
    r"\(\s*{0}\s*\)|"
    r"\b(?:answer|choice|choose|label|letter|option|pick|select)(?:\s+is|:)?\s+[\"'(]?{0}(?!\w)(?!\s+\w)"
)
_OF_ADVICE: Final = re.compile(
    r"\b(advice|advised|adviser|hint(ed|s)?|reflector|feedback|the (person|user) (said|says|told)|"
    r"(as|like) (you|the person) (said|suggested|told)|as (suggested|instructed|told))\b",
    re.IGNORECASE,
)


def answers_of(sample: Sample) -> tuple[str, ...]:
    """Return the right answers of a sample; where a choice is right, its label and its text."""
    labels = {answer.strip().casefold() for answer in sample.gold}
    return (*sample.gold, *(one.text for one in sample.choices if one.label.casefold() in labels))


def own_texts(sample: Sample) -> tuple[str, ...]:
    """Return what a sample itself says to whoever works on it, where its answer may stand."""
    choices = tuple(one.text for one in sample.choices)
    return (sample.goal, *sample.task.constraints, *choices, *sample.files)


def gives_away(text: str, sample: Sample) -> bool:
    """Whether what was advised holds a right answer, however short it is."""
    within = joined((text,))
    for answer in answers_of(sample):
        if _LETTER.fullmatch(answer.strip()):
            # the label of a choice; in small letters it may be an article, but for where labels stand
            label = answer.strip()
            if re.search(rf"(?<!\w){label.upper()}(?!\w)", text):
                return True
            if re.search(_LABELLED.format(label), text, re.IGNORECASE):
                return True
        elif has(within, answer):
            return True
    return False


def told_answer(messages: Sequence[Message], sample: Sample, found: str, besides: Collection[str] = ()) -> bool:
    """Whether a system or user message holds a right answer that is neither of the sample's own words nor found before.

    Args:
        messages: of the example, in order.
        sample: whose example it is.
        found: what tools of the run returned and what was said in its earlier conversations, as ``joined`` makes it.
        besides: further texts that prompts hold by themselves, such as the date.
    """
    answers = [answer for answer in answers_of(sample) if not is_slight(answer) and not has(found, answer)]
    own = sorted((text for text in (*own_texts(sample), *besides) if text), key=len, reverse=True)
    earlier: list[str] = []
    for message in messages:
        text = said(message)
        if message["role"] in ("system", "user") and answers:
            for one in own:
                text = text.replace(one, " ")
            within, before = joined((text,)), joined(earlier)
            if any(has(within, answer) and not has(before, answer) for answer in answers):
                return True
        elif message["role"] in ("assistant", "tool"):
            earlier.append(text)
    return False


def shows_advice(messages: Sequence[Message], advice: Iterable[str], goal: str) -> bool:
    """Whether messages still hold advice that was taken out of them, repeat it, or speak of it."""
    texts = [said(message) for message in messages]
    known = grams(goal, GRAM)
    for one in advice:
        parts = grams(one, GRAM) - known
        if any(parts & grams(text, GRAM) for text in texts if len(tokens(text)) >= GRAM) or has(joined(texts), one):
            return True
    return any(_OF_ADVICE.search(text) for text in by_roles(messages, "assistant"))


class HeldOut(Fact):
    """What no example may hold.

    Attributes:
        goals: runs of words of the goals and of long answers.
        answers: short answers.
        n: words in a row.
    """

    goals: frozenset[tuple[str, ...]] = frozenset()
    answers: tuple[str, ...] = ()
    n: int = GRAM

    @classmethod
    def of(cls, samples: Iterable[tuple[str, Sequence[str]]], n: int = GRAM) -> "HeldOut":
        """Return what is held out, of goals with their answers."""
        goals: set[tuple[str, ...]] = set()
        answers: dict[str, None] = {}
        for goal, right in samples:
            goals |= grams(goal, n)
            for answer in right:
                if len(tokens(answer)) >= n:
                    goals |= grams(answer, n)
                elif not is_slight(answer):
                    answers[answer] = None
        return cls(goals=frozenset(goals), answers=tuple(answers), n=n)

    def reason(self, messages: Sequence[Message], read: str) -> str:
        """Return why messages are not to be trained on; empty where they may be.

        Args:
            messages: of the example.
            read: what the run was asked and what its tools and documents returned, as ``joined`` makes it.
        """
        for text in by_roles(messages, "user", "assistant", "tool"):
            words = tokens(text)
            sizes = {len(one) for one in self.goals}
            for size in sizes:
                if any(words[at : at + size] in self.goals for at in range(len(words) - size + 1)):
                    return "shares words with what is held out"
        within = joined(by_roles(messages, "assistant"))
        if any(has(within, answer) and not has(read, answer) for answer in self.answers):
            return "states a held-out answer that nothing it read has"
        return ""
