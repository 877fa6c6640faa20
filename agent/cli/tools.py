"""``plumbline tools``: list the tools an executor has."""

import uuid
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import clean, err, out, print_json, run_async
from agent.cli.run import SandboxOption
from agent.execution.document_tools import DOCUMENT_TOOLS
from agent.execution.toolbox import Tool
from agent.runtime.options import RunOptions
from agent.runtime.sandbox import offered_tools
from agent.runtime.services import ConfiguredServices
from agent.runtime.settings import home_folder, load_settings

app = typer.Typer(add_completion=False)


@app.command()
def tools(
    sandbox: SandboxOption = None,
    schema: Annotated[str | None, typer.Option(help="show the JSON Schema of one tool")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """List the tools an executor has: those of its sandbox, and ours over the person's documents."""
    found, isolation = run_async(_found(RunOptions(sandbox=sandbox)))
    if schema is not None:
        found = tuple(tool for tool in found if tool.spec.name == schema)
    if json or schema is not None:
        print_json([tool.model_dump(mode="json") for tool in found])
        return 0 if found else 1
    table = Table("tool", "does", "effects", "where", box=box.SIMPLE)
    for tool in found:
        first_line = clean(tool.spec.description).split("\n")[0]
        table.add_row(tool.spec.name, first_line, ", ".join(tool.effects), tool.where)
    out().print(table)
    err().print(f"sandbox: {clean(isolation)}", style="dim")
    return 0


async def _found(options: RunOptions) -> tuple[tuple[Tool, ...], str]:
    home = home_folder()
    services = ConfiguredServices(load_settings(home), home)
    sandbox = await services.open_sandbox(options, f"tools-{uuid.uuid4().hex[:8]}")
    if sandbox is None:
        return DOCUMENT_TOOLS, "none"
    try:
        return (*DOCUMENT_TOOLS, *await offered_tools(sandbox)), sandbox.description.isolation
    finally:
        await sandbox.close()
