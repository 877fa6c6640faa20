"""Errors of the local corpus, of browsing and of quoting, under the agent's one tree.

PlumblineError
├── UsageError
│   ├── StaleState             the session has moved on since whoever acts looked at it
│   ├── UnknownDocument        no document of the corpus has that id
│   ├── UnknownSentence        the document does not have those sentence numbers
│   └── UnreadableDocument     a file yields no text; ``reason`` says why
├── ServiceError
│   ├── CorpusBusy             another process is writing the corpus
│   ├── CorpusUnavailable      the corpus file cannot be read or written
│   ├── CacheUnavailable       the page cache cannot be read or written
│   └── BrowsingFailed         ``kind`` says why; whoever browses is told and goes on
│       ├── FetchFailed        a page could not be had
│       └── SearchFailed       a search could not be done
└── ModelOutputError
    ├── IllegalAction          not possible in this state of the session
    └── QuoteNotFound          the literal text is not on the page
"""

from typing import Literal

from agent.domain.errors import ModelOutputError, ServiceError, UsageError

SkipReason = Literal["unreadable", "too_large", "binary", "encrypted", "damaged", "empty", "collision"]
"""Why a file gives no document. ``collision``: its short id belongs to another text."""

FailureKind = Literal[
    "not_found",  # 404, 410, or an address that no host has
    "status",  # another answer that is no page: 401, 403, 5xx
    "robots",  # the site's robots.txt does not allow it
    "login",  # a page that asks for a login
    "challenge",  # a page that asks whether you are a person
    "empty",  # no text, or nearly none
    "word_list",  # words without sentences, as made for search engines
    "not_text",  # a picture, a program or another file without text
    "too_large",  # more bytes than are read
    "refused_address",  # not allowed by the network policy
    "redirects",  # too many of them
    "rate_limited",  # too many requests for now
    "timeout",
    "unreachable",  # no connection, a broken answer, or TLS that cannot be trusted
    "stale",  # the element is no longer on the page
]
"""Why a page or search could not be had."""


class StaleState(UsageError):
    """A session has moved on since whoever acts looked at it; nothing was done."""


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


class CacheUnavailable(ServiceError, OSError):
    """The page cache cannot be opened, is damaged, or cannot be written."""


class QuoteNotFound(ModelOutputError):
    """The text to be quoted does not stand in the document."""


class IllegalAction(ModelOutputError):
    """An action is not possible in the state of the session; the message says what is."""


class BrowsingFailed(ServiceError):
    """A page or a search could not be had, for a reason that whoever browses can react to.

    A session tells it as an observation, never as a crash. ``kind`` is for programs, the message for models and people.
    """

    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(detail)
        self.kind: FailureKind = kind


class FetchFailed(BrowsingFailed):
    """A page could not be fetched, or what came is no page to read.

    Attributes:
        needs_browser: a real browser might get it.
        retry_after: seconds after which the server wants to be asked again.
    """

    def __init__(
        self, kind: FailureKind, detail: str, *, needs_browser: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(kind, detail)
        self.needs_browser = needs_browser
        self.retry_after = retry_after


class SearchFailed(BrowsingFailed):
    """A search backend gave no results; another one, or a later try, may.

    ``retry_after`` is how long the backend is not to be asked again, where it said so.
    """

    def __init__(self, kind: FailureKind, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(kind, detail)
        self.retry_after = retry_after
