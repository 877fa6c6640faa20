"""What travels between a client and a node, and what both sides call it.

These are structs of msgspec and not models of pydantic: every sandbox has a node, and importing pydantic would cost it
ten megabytes.
"""

from typing import Annotated, Any, Final, Literal, dataclass_transform

from msgspec import Meta, Struct, StructMeta, field

PROTOCOL: Final = 1
"""Raised when a client and a node of different versions can no longer work together."""

CALL_ID: Final = "plumbline/call-id"
"""Key of a request's ``_meta``: the id under which the node journals the call."""

SECONDS: Final = "plumbline/seconds"
"""Key of a request's ``_meta``: the longest time the call may take, in seconds."""

INTERNAL: Final = "plumbline/internal"
"""Key of a tool's ``_meta``: the tool is not meant for models. In a ``tools/list`` request: list those tools too."""

EFFECTS: Final = "plumbline/effects"
"""Key of a tool's ``_meta``: the tool's declared effects."""

ERROR: Final = "plumbline/error"
"""Key of a result's ``_meta``: the kind of failure."""

RELAY_GREETING: Final = b"plumbline\n"
"""What a relay in a container says once it has reached the node; ``toolserver/node/relay.py`` has it word for word."""

MAX_LINE: Final = 64 * 1024 * 1024
"""Longest JSON-RPC message, in bytes."""

CHUNK: Final = 1024 * 1024
"""Bytes of a file in one transfer message, before base64."""

Effect = Literal["reads", "writes", "executes", "network", "outside"]
"""What a tool may do: read the workspace, change it, run programs, use the network, act outside the sandbox."""


_PACKAGE: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?"
_VERSION: Final = r"(?:===|==|~=|!=|<=|>=|<|>) ?[A-Za-z0-9][A-Za-z0-9.*+!_-]{0,60}"

REQUIREMENT: Final = rf"{_PACKAGE}(?:\[{_PACKAGE}(?:, ?{_PACKAGE}){{0,9}}\])? ?(?:{_VERSION}(?:, ?{_VERSION}){{0,5}})?"
LONGEST_REQUIREMENT: Final = 300
"""A Python package by name, with extras and versions if need be; never an option, a path or an address."""

Network = Literal["none", "packages", "allow-list", "open", "host"]


class _ByName(StructMeta):
    """Makes structs whose fields are given by name, theirs and those of what is derived from them."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any) -> "_ByName":
        return super().__new__(cls, name, bases, namespace, **{"kw_only": True, **config})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class _Record(Struct, metaclass=_ByName, frozen=True, forbid_unknown_fields=True):
    pass


class Fact(_Record):
    """Something that happened or was given; it never changes once made. Unknown fields are refused."""


class Form(_Record):
    """Something a person or a model fills in. Unknown fields are refused."""


def matching(expression: str, **more: Any) -> Meta:
    """Return the constraint that a text matches a regular expression from its first to its last character.

    Python lets a line feed follow a ``$``, so there is none here; the schema that models see has one.
    """
    return Meta(pattern=rf"^(?:{expression})\Z", **more)


Requirement = Annotated[str, matching(REQUIREMENT, max_length=LONGEST_REQUIREMENT)]
"""What ``REQUIREMENT`` says."""

Sha256 = Annotated[str, matching("[0-9a-f]{64}")]
"""A SHA-256 in hexadecimal digits."""


class ToolImage(Fact):
    """A picture that a tool gave back, for models and people who can see.

    Attributes:
        media_type: ``image/png``, ``image/jpeg``, ``image/gif`` or ``image/webp``.
        data: its bytes in base64.
    """

    media_type: Literal["image/png", "image/jpeg", "image/gif", "image/webp"]
    data: str


class ToolOutcome(Fact):
    """What a tool call gave: ``text`` is what a model reads, ``data`` the same for programs, ``images`` what it saw.

    ``ok`` is False when the tool failed in a way the model can react to; ``error`` then names the kind of failure.
    """

    ok: bool = True
    text: str
    data: dict[str, Any] = field(default_factory=dict)
    images: tuple[ToolImage, ...] = ()
    error: str | None = None


Approval = Literal["never", "always", "effects"]
"""When a person is asked before a tool is used: never, always, or by its effects as the run's mode says."""


class Progress(Fact):
    """How a call gets on.

    Attributes:
        seconds: how long it has run.
        line: the last line its program printed, without control characters; empty where there is none.
    """

    seconds: float
    line: str


class NodeTool(Fact):
    """A tool as a node offers it. ``parameters`` is a JSON Schema of type object; models never see internal tools.

    Attributes:
        server: the attached server that runs it; None for tools of the sandbox.
        approval: when a person is asked before it is used.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    effects: tuple[Effect, ...] = ()
    internal: bool = False
    server: str | None = None
    approval: Approval = "effects"


class FileEntry(Fact):
    r"""One name in the workspace that is not a folder.

    Attributes:
        path: relative to the workspace, ``/`` between parts; bytes that are not UTF-8 are shown as ``\xNN``.
        kind: only a ``file`` can be downloaded; links are never followed.
        size: bytes; 0 for anything but a file.
        sha256: of a file's content; None for other kinds and for files too large or not allowed to be read.
        mode: permission bits.
    """

    path: str
    kind: Literal["file", "link", "fifo", "socket", "device", "unreadable"]
    size: int
    sha256: str | None
    mode: int


class SnapshotEntry(Fact, omit_defaults=True):
    r"""One name of a workspace as a snapshot keeps it.

    Attributes:
        path: relative to the workspace; a backslash is doubled, and a byte that is not UTF-8 stands as ``\xNN``.
        kind: folders, regular files and symbolic links are kept.
        mode: permission bits, without those that give a program another user's rights.
        size: bytes of a file.
        sha256: of a file's content.
        target: of a link, written like ``path``.
    """

    path: Annotated[str, Meta(min_length=1)]
    kind: Literal["folder", "file", "link"]
    mode: Annotated[int, Meta(ge=0, le=0o777)]
    size: Annotated[int, Meta(ge=0)] = 0
    sha256: Sha256 | None = None
    target: str | None = None


class LeftOut(Fact):
    """A name that a snapshot does not keep, and why."""

    path: str
    reason: str


class ProgramRequest(Form):
    """First line of a connection that is to become the standard input and output of a program in the sandbox.

    Attributes:
        program: version of this request.
        argv: the program, looked up in the sandbox's ``PATH``, and its arguments.
        env: variables beside those that every program gets.
    """

    program: Literal[1] = 1
    argv: Annotated[tuple[str, ...], Meta(min_length=1)]
    env: dict[str, str] = field(default_factory=dict)


class ProgramStarted(Fact):
    """The line that answers it; after it the connection is the program's.

    Attributes:
        output: id under which ``read_output`` shows the program's standard error.
        error: why there is no program.
    """

    output: str | None = None
    error: str | None = None


class NodeHealth(Fact):
    """What a node says about itself.

    Attributes:
        protocol: version of this protocol.
        version: version of the node's package.
        python: version of the interpreter.
        pid: process id as seen inside the sandbox.
        uid: user id the node runs under, as seen inside the sandbox.
        running: ids of the calls that are running.
        capabilities: the effective capability set as a number; None where the system has none to show.
        no_new_privileges: whether programs can gain rights by being executed; None where unknown.
        seccomp: mode of the system call filter (0 none, 2 filter); None where unknown.
        absent: the tools that are not offered, each with the libraries it lacks.
    """

    protocol: int
    version: str
    python: str
    pid: int
    uid: int
    running: tuple[str, ...]
    capabilities: int | None
    no_new_privileges: bool | None
    seccomp: int | None
    absent: tuple[str, ...] = ()


class NodeEgress(Form):
    """What a node is told of the way out of its sandbox.

    Attributes:
        socket: path of the proxy's socket, as seen inside the sandbox.
        index_url: the package index, where it is not PyPI.
    """

    socket: str
    index_url: str | None = None


class SandboxDescription(Fact):
    """Where a sandbox runs and what that keeps apart.

    Attributes:
        kind: the deployment.
        isolation: one sentence that says plainly what the sandbox does and does not keep apart.
        image: tag and id of the container image; None without one.
        version: version of the node's package.
        network: what the sandbox can reach: nothing, what its egress profile lets through, or all that the user can.
        reason: why this deployment was chosen, where it was chosen automatically.
        absent: the tools that are not offered, each with the libraries it lacks.
    """

    kind: Literal["docker", "local", "in-process"]
    isolation: str
    image: str | None = None
    version: str
    network: Network = "none"
    reason: str | None = None
    absent: tuple[str, ...] = ()

    @property
    def weak(self) -> bool:
        """Whether programs of the sandbox can do what the user can."""
        return self.network == "host"
