"""Cutting a long quote for a prompt down to the sentences that bear on a question."""

from agent.verification.sentences import split_sentences
from agent.verification.words import features, tokens

_GAP = " ... "


def shortened(text: str, question: str, longest: int) -> str:
    """Return a text, or those of its sentences that share most with a question, in order, within a length.

    Args:
        text: what was quoted.
        question: what it is to answer.
        longest: characters.
    """
    if len(text) <= longest:
        return text
    asked = features(tokens(question))
    spans = split_sentences(text, longest=max(longest // 2, 50))
    scores = [len(features(tokens(text[start:end])) & asked) for start, end in spans]
    chosen: set[int] = set()
    used = 0
    for index in sorted(range(len(spans)), key=lambda index: (-scores[index], index)):
        size = spans[index].end - spans[index].start + len(_GAP)
        if used + size <= longest:
            chosen.add(index)
            used += size
    return _GAP.join(text[spans[index].start : spans[index].end] for index in sorted(chosen)) or text[:longest]
