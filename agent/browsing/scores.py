"""Scores of browsing: actions, quotes and citations."""

import re
from collections.abc import Mapping, Sequence

from agent.browsing.quotes import check_quote
from agent.browsing.rouge import common_subsequence, rouge_l
from agent.browsing.state import Kept
from agent.browsing.webcpm.labels import SCORED, UNSCORED
from agent.domain.base import Fact
from agent.verification.sentences import split_sentences

SUPPORTED_FROM = 0.45
"""Share of a sentence's characters that stand in order in its evidence, from which it counts as supported; WebCPM's."""

OURS = (
    "every step whose gold action is one of the ten counts; an answer begins with its label, and one without a label "
    "is a wrong answer of no class; macro is the mean over the classes that occur in gold or answers"
)
"""Counting rule of ``action_scores``."""
WEBCPMS = (
    "as in WebCPM's evaluate.py: an answer that is not exactly a label, such as a label with a quote after it, is left "
    "out together with its gold action; so are start, reject and scroll to top on either side"
)
"""Counting rule of ``action_scores`` with ``exact_only``."""

_CITATION = re.compile(r"\s*\[(?:E\d+|unsupported)\]")
_CITED = re.compile(r"\[(E\d+)\]")


class ClassScore(Fact):
    """One class: how often it was gold, how often it was answered, and its F1."""

    gold: int
    answered: int
    f1: float


class ActionScores(Fact):
    """Scores of answered actions.

    Attributes:
        rule: how they were counted.
        counted: steps that count.
        left_out: steps that do not.
        right: answers that are the gold action.
    """

    rule: str
    counted: int
    left_out: int
    right: int
    micro_f1: float
    macro_f1: float
    classes: dict[str, ClassScore]


def action_scores(pairs: Sequence[tuple[str, str | None]], *, rule: str = OURS) -> ActionScores:
    """Return micro and macro F1 of pairs of gold action and answer.

    Args:
        pairs: labels; None is an answer that is no action.
        rule: ``OURS``, or ``WEBCPMS``, which leaves out answers of None and unscored labels on either side.
    """
    kept = [
        (gold, answer)
        for gold, answer in pairs
        if gold in SCORED and (rule == OURS or (answer is not None and answer not in UNSCORED))
    ]
    names = [name for name in SCORED if any(name in pair for pair in kept)]
    classes = {name: _class_score(kept, name) for name in names}
    right = sum(gold == answer for gold, answer in kept)
    answered = sum(answer is not None for _, answer in kept)
    total = len(kept) + answered
    return ActionScores(
        rule=rule,
        counted=len(kept),
        left_out=len(pairs) - len(kept),
        right=right,
        micro_f1=2 * right / total if total else 0.0,
        macro_f1=sum(score.f1 for score in classes.values()) / len(classes) if classes else 0.0,
        classes=classes,
    )


def _class_score(pairs: Sequence[tuple[str, str | None]], name: str) -> ClassScore:
    gold = sum(pair[0] == name for pair in pairs)
    answered = sum(pair[1] == name for pair in pairs)
    right = sum(pair == (name, name) for pair in pairs)
    return ClassScore(gold=gold, answered=answered, f1=2 * right / (gold + answered))


def mean_rouge_l(pairs: Sequence[tuple[str, str]]) -> float:
    """Return the mean F of Rouge-L over pairs of prediction and reference; 0 where there are none."""
    return sum(rouge_l(prediction, reference).f for prediction, reference in pairs) / len(pairs) if pairs else 0.0


class CitationScores(Fact):
    """How far an answer rests on its evidence; two numbers, since a valid quote may support nothing.

    Attributes:
        quotes: spans of the evidence.
        valid: those that stand in their text, where they say, between their neighbours.
        sentences: of the answer.
        cited: those that cite evidence that exists.
        supported: those of which enough stands in what they cite.
    """

    quotes: int
    valid: int
    sentences: int
    cited: int
    supported: int


def citation_scores(answer: str, kept: Sequence[Kept], texts: Mapping[str, str]) -> CitationScores:
    """Return citation validity and support of an answer.

    Args:
        answer: sentences, each citing its evidence as ``[E1]``.
        kept: the evidence.
        texts: texts of pages by their hash; a quote whose text is missing is not valid.
    """
    quotes = [part.quote for item in kept for part in item.quotes]
    valid = sum(
        (text := texts.get(quote.source.text_sha256)) is not None and check_quote(quote, text) == "valid"
        for quote in quotes
    )
    evidence = {item.id: item.text for item in kept}
    sentences = cited_sentences(answer)
    cited = [(text, ids) for text, ids in sentences if ids and all(name in evidence for name in ids)]
    supported = sum(recall(text, "\n".join(evidence[name] for name in ids)) >= SUPPORTED_FROM for text, ids in cited)
    return CitationScores(
        quotes=len(quotes), valid=valid, sentences=len(sentences), cited=len(cited), supported=supported
    )


def cited_sentences(answer: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the sentences of an answer without citations and marks of doubt, each with the ids that it cites."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for start, end in split_sentences(answer):
        text = answer[start:end]
        ids = tuple(dict.fromkeys(_CITED.findall(text)))
        bare = _CITATION.sub("", text).strip()
        leading = re.match(r"(?:\[E\d+\]\s*)+", text)
        if found and leading:
            # citations after a full stop belong to the sentence before them
            before = tuple(_CITED.findall(leading[0]))
            found[-1] = (found[-1][0], tuple(dict.fromkeys((*found[-1][1], *before))))
            ids = tuple(dict.fromkeys(_CITED.findall(text[leading.end() :])))
        if any(character.isalnum() for character in bare):
            found.append((bare, ids))
    return found


def recall(sentence: str, evidence: str) -> float:
    """Return the share of a sentence's characters that stand in the evidence in the same order; a floor, no proof."""
    characters = "".join(sentence.split())
    return common_subsequence(characters, "".join(evidence.split())) / len(characters) if characters else 0.0
