"""Errors of the local corpus and of quoting, under the agent's one tree.

PlumblineError
├── UsageError
│   ├── UnknownDocument        no document of the corpus has that id
│   ├── UnknownSentence        the document does not have those sentence numbers
│   └── UnreadableDocument     a file yields no text; ``reason`` says why
├── ServiceError
│   ├── CorpusBusy             another process is writing the corpus
│   └── CorpusUnavailable      the corpus file cannot be read or written
└── ModelOutputError
    └── QuoteNotFound          the literal text is not on the page
"""

from typing import Literal

from agent.domain.errors import ModelOutputError, ServiceError, UsageError

SkipReason = Literal["unreadable", "too_large", "binary", "encrypted", "damaged", "empty", "collision"]
"""Why a file gives no document. ``collision``: its short id belongs to another text."""


class UnknownDocument(UsageError, LookupError):
    """No document of the corpus has the given id."""


class UnknownSentence(UsageError, LookupError):
    """A document does not have the given sentence numbers."""


class UnreadableDocument(UsageError):
    """A file gives no text. ``reason`` is for programs, the message for people."""

    def __init__(self, reason: SkipReason, detail: str) -> None:
        super().__init__(detail)
        self.reason: SkipReason = reason


class CorpusBusy(ServiceError):
    """Another process holds the corpus for writing."""


class CorpusUnavailable(ServiceError, OSError):
    """The corpus file cannot be opened, is no corpus, or cannot be written."""


class QuoteNotFound(ModelOutputError):
    """The text to be quoted does not stand in the document."""
