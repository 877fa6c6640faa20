"""Which servers are attached, and what they may do. One model for each transport, told apart by ``transport``."""

from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from toolserver.deployment.config import AutoSandbox, SandboxConfig
from toolserver.egress.profiles import PackagesEgress
from toolserver.forms import Form
from toolserver.protocol import LONGEST_REQUIREMENT, REQUIREMENT, Approval, Effect
from toolserver.secrets import references

ServerName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,15}(-[a-z0-9]{1,15})?$")]
"""Name of an attached server; its tools are offered as ``NAME__TOOL``."""

Package = Annotated[str, StringConstraints(pattern=f"^{REQUIREMENT}$", max_length=LONGEST_REQUIREMENT)]
"""A package by name, with extras and versions if need be."""

ALL_EFFECTS: Final[tuple[Effect, ...]] = ("writes", "executes", "network", "outside")


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError("write http:// or https://, a host and a path, without a user name")
    if references(text):
        raise ValueError("a secret belongs into a header, not into the url")
    return text


class ServerSettings(Form):
    """What all transports share.

    Attributes:
        tools: the only tools that are offered, by the server's names; None for all.
        without: tools that are not offered.
        approval: when a person is asked before a tool is used.
        seconds: time limit of one call.
        start_seconds: time limit of starting and listing.
        effects: what its tools may do, as the user declares it.
        trust_annotations: take a tool that the server calls read-only for one that only reads.
    """

    tools: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    approval: Approval = "effects"
    seconds: float = Field(default=60, gt=0, le=3600)
    start_seconds: float = Field(default=60, gt=0, le=600)
    effects: tuple[Effect, ...] = ALL_EFFECTS
    trust_annotations: bool = False


class StdioServer(ServerSettings):
    """A server that is a program. It runs in a sandbox.

    Attributes:
        command: the program, looked up in the sandbox's ``PATH``.
        args: its arguments.
        env: its variables; values may name secrets as ``{secret:NAME}``.
        where: ``own`` starts it in a sandbox of its own, which no program of a model can enter; ``shared`` in the run's
            sandbox, where it sees the workspace and gets no secrets.
        sandbox: of a server of its own.
        packages: Python packages that are installed into that sandbox before the server is started.
        index: where they come from; nothing else can be reached while they are installed, and what ``sandbox`` says
            holds from then on.
        install_seconds: time limit of installing them.
    """

    transport: Literal["stdio"] = "stdio"
    command: str = Field(min_length=1)
    args: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    where: Literal["own", "shared"] = "own"
    sandbox: SandboxConfig = Field(default_factory=AutoSandbox)
    packages: tuple[Package, ...] = Field(default=(), max_length=50)
    index: PackagesEgress = Field(default_factory=PackagesEgress)
    install_seconds: float = Field(default=300, gt=0, le=1800)

    @model_validator(mode="after")
    def _own_packages(self) -> Self:
        if self.packages and self.where == "shared":
            raise ValueError("packages are installed into a sandbox of the server's own only")
        return self


class HttpServer(ServerSettings):
    """A server that is reached over HTTP, from outside of any sandbox, and at its own host only.

    Attributes:
        url: of its MCP endpoint.
        headers: sent with each request; values may name secrets as ``{secret:NAME}``.
    """

    transport: Literal["http"]
    url: Annotated[str, AfterValidator(_http_url)]
    headers: dict[str, str] = Field(default_factory=dict)


def _with_transport(given: Any) -> Any:
    """Return what was given, with the transport that a url or a command tells of where it names none."""
    if not isinstance(given, dict):
        return given
    return {"transport": "http" if "url" in given and "command" not in given else "stdio", **given}


ServerConfig = Annotated[StdioServer | HttpServer, Field(discriminator="transport"), BeforeValidator(_with_transport)]
"""Any attached server; one with a url is reached over HTTP where no transport is named."""
