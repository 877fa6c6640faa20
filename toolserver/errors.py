"""Errors of the ToolServer, named by who must act.

ToolServerError
├── SandboxUnavailable     the operator: a sandbox cannot be started here
│   └── ImageError         the operator: the sandbox image is missing or cannot be built
├── SandboxLost            the caller opens the sandbox again: its node no longer answers
├── SecretUnavailable      the operator: a secret's value is not where the settings say, or cannot be used
├── TransferRefused        the caller asks for another file: missing, too large, not a regular file, outside
└── ToolFailure            the model corrects its call: inside the node only, where it becomes an outcome

Infrastructure fails with an exception; what a model can react to is an outcome of its call. Every message is one line.
"""


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
    """A file cannot be taken out of the workspace or put into it."""


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
