"""Sentences of a document as exact spans; the splitter lives below, where claims are checked by sentence too."""

from agent.verification.sentences import LONGEST_SENTENCE, Span, split_sentences

__all__ = ["LONGEST_SENTENCE", "Span", "split_sentences"]
