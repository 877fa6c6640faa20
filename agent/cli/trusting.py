"""Showing a person what an attached MCP server says of its tools, before models read it."""

from pathlib import Path

from pydantic_core import to_json

from agent.cli.console import clean, err, out
from agent.runtime.services import trust_file
from agent.runtime.settings import Settings
from toolserver.client import ExaminedServer, examined_server


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
