"""Errors of the ToolServer, named by who must act.

ToolServerError
├── SandboxUnavailable     the operator: a sandbox cannot be started here
│   └── ImageError         the operator: the sandbox image is missing or cannot be built
├── SandboxLost            the caller opens the sandbox again: its node no longer answers
├── SecretUnavailable      the operator: a secret's value is not where the settings say, or cannot be used
├── TransferRefused        the caller asks for another file: missing, too large, not a regular file, outside
├── PageFailed             whoever browses asks for another page: this one cannot be had, for a reason of a known kind
├── BrowsingBroken         the caller asks again: the program of a browsing sandbox failed or ended
├── CadFailed              whoever designs changes the program, or what is asked of it, for a reason of a known kind
├── CadBroken              the caller asks again: the program of a CAD sandbox failed or ended
└── ToolFailure            the model corrects its call: inside the node only, where it becomes an outcome

Infrastructure fails with an exception; what a model can react to is an outcome of its call. Every message is one line.
"""

from typing import Literal

FailureKind = Literal[
    "not_found",
    "status",
    "robots",
    "login",
    "challenge",
    "empty",
    "word_list",
    "not_text",
    "too_large",
    "refused_address",
    "redirects",
    "rate_limited",
    "timeout",
    "unreachable",
    "stale",
]
"""Why a page could not be had, in the words of ``agent.browsing.errors``."""

CadFailureKind = Literal["program", "limit", "impossible", "not_concerned", "usage", "unknown"]
"""Why nothing came of a call: a candidate's program is wrong, or broke a limit; it cannot be done with this model; it
does not concern this model at all; there is no such name or parameter; the model has to be given first."""


class ToolServerError(Exception):
    """Root of all errors the ToolServer raises on purpose."""


class SandboxUnavailable(ToolServerError):
    """The sandbox cannot be started, or is not as it was asked for."""


class ImageError(SandboxUnavailable):
    """The sandbox image is missing, stale or cannot be built."""


class SandboxLost(ToolServerError):
    """The node of an open sandbox is gone or no longer answers; opening it again keeps the workspace."""


class SecretUnavailable(ToolServerError):
    """A secret has no value, or one that cannot be used; the message never holds it."""


class TransferRefused(ToolServerError):
    """A file cannot be taken out of the workspace or put into it.

    Attributes:
        kind: short name of the kind of failure, where the node gave one; ``not_found`` where there is no such file.
    """

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


class PageFailed(ToolServerError):
    """A page or file of the web cannot be had.

    Attributes:
        kind: short name of the reason; see ``FailureKind``.
        needs_browser: a real browser might get it.
        retry_after: seconds after which the server wants to be asked again.
    """

    def __init__(
        self, kind: FailureKind, message: str, *, needs_browser: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.kind: FailureKind = kind
        self.needs_browser = needs_browser
        self.retry_after = retry_after


class BrowsingBroken(ToolServerError):
    """The program of a browsing sandbox failed at a request; it is started anew at the next one if it ended."""


class CadFailed(ToolServerError):
    """Something cannot be done in a CAD sandbox.

    Attributes:
        kind: short name of the reason; see ``CadFailureKind``.
    """

    def __init__(self, kind: CadFailureKind, message: str) -> None:
        super().__init__(message)
        self.kind: CadFailureKind = kind


class CadBroken(ToolServerError):
    """The program of a CAD sandbox failed at a request; it is started anew at the next one if it ended."""


class ToolFailure(ToolServerError):
    """A call failed in a way that its caller can react to.

    Attributes:
        kind: short name of the kind of failure, the outcome's ``error``.
        data: what the tool knows in spite of the failure; it becomes the outcome's ``data``.
    """

    def __init__(self, kind: str, message: str, data: dict[str, object] | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.data = data or {}
