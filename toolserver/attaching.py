"""The way to MCP servers of others. Importing this loads no MCP library; attaching or looking at one does."""

from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from toolserver.attached.config import ServerConfig
from toolserver.deployment.config import SandboxConfig
from toolserver.opening import open_sandbox
from toolserver.protocol import Fact, NodeTool
from toolserver.sandbox import Sandbox
from toolserver.secrets import Secret

if TYPE_CHECKING:
    from toolserver.attached.server import AttachedServer


class ExaminedServer(Fact):
    """An attached server as it shows itself.

    Attributes:
        name: of the server.
        digest: changes with anything it says of its tools.
        tools: what it would offer.
        refused: a line for each tool that cannot be offered.
        accepted: the user has accepted exactly this.
        known: the user has accepted this server, as it was or is.
    """

    name: str
    digest: str
    tools: tuple[NodeTool, ...]
    refused: tuple[str, ...]
    accepted: bool
    known: bool


def attach_servers(
    sandbox: Sandbox,
    servers: Mapping[str, ServerConfig],
    *,
    secrets: Mapping[str, Secret],
    trust_file: Path,
    state_dir: Path,
) -> None:
    """Offer the tools of other MCP servers beside those of a sandbox; the servers start when they are first needed.

    Args:
        sandbox: the run's; the servers end with it.
        servers: their configurations by name.
        secrets: the user's secrets by name.
        trust_file: which descriptions the user has accepted; tools of other servers are not offered.
        state_dir: folder for sandboxes that servers get for themselves.
    """
    if servers:
        from toolserver.attached.servers import AttachedServers

        sandbox.equip(AttachedServers(_attached(sandbox, servers, secrets, trust_file, state_dir)))


@asynccontextmanager
async def examined_server(
    name: str, config: ServerConfig, *, secrets: Mapping[str, Secret], trust_file: Path, state_dir: Path
) -> AsyncIterator[ExaminedServer]:
    """Start a server to look at it, in a sandbox of its own whatever its configuration says, and end it afterwards.

    Raises:
        ToolServerError: it cannot be started, or does not answer.
    """
    from toolserver.attached.trust import TrustFile

    shared = None
    if config.transport == "stdio" and config.where == "shared":
        shared = await open_sandbox(config.sandbox, f"mcp-look-{token_hex(6)}", state_dir=state_dir, keep=False)
    (server,) = _attached(shared, {name: config}, secrets, trust_file, state_dir)
    try:
        found = await server.look()
        trust = TrustFile(trust_file)
        yield ExaminedServer(
            name=name,
            digest=found.digest,
            tools=tuple(tool.offered for tool in found.tools),
            refused=found.refused,
            accepted=trust.accepted(name, found.digest),
            known=trust.known(name),
        )
    finally:
        await server.close()
        if shared is not None:
            await shared.close()


def unknown_servers(trust_file: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Return those of some servers that the user never accepted, as they are or were.

    Raises:
        ToolServerError: the file cannot be read.
    """
    from toolserver.attached.trust import TrustFile

    trust = TrustFile(trust_file)
    return tuple(name for name in names if not trust.known(name))


def accept_server(trust_file: Path, name: str, digest: str | None) -> None:
    """Note that the user accepts a server as it was examined; None takes an acceptance back.

    Raises:
        ToolServerError: the file cannot be read or written.
    """
    from toolserver.attached.trust import TrustFile

    trust = TrustFile(trust_file)
    if digest is None:
        trust.forget(name)
    else:
        trust.accept(name, digest)


def _attached(
    sandbox: Sandbox | None,
    servers: Mapping[str, ServerConfig],
    secrets: Mapping[str, Secret],
    trust_file: Path,
    state_dir: Path,
) -> "list[AttachedServer]":
    from toolserver.attached.server import AttachedServer
    from toolserver.attached.trust import TrustFile

    def open_own(config: SandboxConfig, sandbox_id: str) -> Awaitable[Sandbox]:
        return open_sandbox(config, sandbox_id, state_dir=state_dir, keep=False)

    trust = TrustFile(trust_file)
    return [AttachedServer(name, config, sandbox, open_own, secrets, trust) for name, config in servers.items()]
