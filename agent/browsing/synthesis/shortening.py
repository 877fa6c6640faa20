"""Cutting a long quote for a prompt down to the sentences that bear on a question."""

from agent.browsing.compression import GAP, compressed
from agent.verification.sentences import split_sentences


def shortened(text: str, question: str, longest: int) -> str:
    """Return a text, or those of its sentences that bear on a question, in order and with marks where others stood.

    Args:
        text: what was quoted.
        question: what it is to answer.
        longest: characters, without marks.
    """
    if len(text) <= longest:
        return text
    spans = split_sentences(text, longest=max(longest // 2, 50))
    sentences = [(number, text[start:end]) for number, (start, end) in enumerate(spans)]
    kept = compressed(question, sentences, longest).kept
    parts: list[str] = []
    for position, number in enumerate(kept):
        if position and number != kept[position - 1] + 1:
            parts.append(GAP)
        parts.append(sentences[number][1])
    return " ".join(parts) or text[:longest]
