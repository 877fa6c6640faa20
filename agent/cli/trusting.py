"""Showing a person what an attached MCP server says of its tools, before models read it."""

from pathlib import Path

from pydantic_core import to_json

from agent.cli.console import clean, err, out
from agent.domain.errors import ServiceError
from agent.runtime.people import Asker
from agent.runtime.services import trust_file
from agent.runtime.settings import Settings
from toolserver.client import ExaminedServer, ToolServerError, accept_server, examined_server, unknown_servers


async def looked_at(name: str, settings: Settings, home: Path) -> ExaminedServer:
    """Start a server in a sandbox of its own and return what it says of its tools.

    Raises:
        ToolServerError: it cannot be started, or does not answer.
    """
    async with examined_server(
        name,
        settings.mcp_servers[name],
        secrets=settings.secrets,
        trust_file=trust_file(home),
        state_dir=home / "sandboxes",
    ) as found:
        return found


def show(found: ExaminedServer) -> None:
    """Show everything that models would read."""
    if found.known and not found.accepted:
        err().print("This server's tools are not as you accepted them.", style="bold yellow")
    for tool in found.tools:
        out().print(clean(tool.name), style="bold", markup=False)
        out().print(clean(tool.description), markup=False)
        out().print(f"effects: {', '.join(tool.effects)}", style="dim", markup=False)
        out().print(clean(to_json(tool.parameters).decode()), style="dim", markup=False)
    for line in found.refused:
        err().print(f"not offered: {clean(line)}", style="yellow", markup=False)


async def ask_about_servers(settings: Settings, home: Path, asker: Asker | None) -> None:
    """Show a person who is here the servers that were never accepted, and ask about each; one that fails is told of.

    Raises:
        WaitingForPerson: the input ended instead of an answer.
        ServiceError: the file of acceptances cannot be used.
    """
    if asker is None or not settings.mcp_servers:
        return
    try:
        for name in unknown_servers(trust_file(home), settings.mcp_servers):
            err().print(f"The server {name} was never accepted. It says of its tools:", style="bold", markup=False)
            try:
                found = await looked_at(name, settings, home)
            except ToolServerError as error:
                err().print(f"{clean(str(error))}; the run goes on without it", style="yellow", markup=False)
                continue
            show(found)
            answer = await asker(f"{name}: offer these tools to models?", ("yes", "no"))
            if answer.strip().lower() in ("y", "yes"):
                accept_server(trust_file(home), name, found.digest)
    except ToolServerError as error:
        raise ServiceError(str(error)) from error
