"""``plumbline tools``: list the tools an executor has, add own ones, accept those of attached servers."""

import sys
import uuid
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from msgspec import to_builtins
from rich import box
from rich.table import Table

from agent.cli.apis import API_SUFFIXES, looked_at_api
from agent.cli.console import clean, err, out, print_json, run_async
from agent.cli.run import SandboxOption
from agent.cli.trusting import looked_at, show
from agent.domain.errors import ServiceError, UsageError
from agent.execution.document_tools import DOCUMENT_TOOLS
from agent.execution.toolbox import Tool
from agent.runtime.offering import offered_tools
from agent.runtime.options import RunOptions
from agent.runtime.services import services_of_one_command, tool_folder, trust_file
from agent.runtime.settings import config_file, home_folder, load_settings
from toolserver.client import ApiTool, Effect, OwnTool, ToolServerError, accept_server, derived

app = typer.Typer(add_completion=False)


@app.callback(invoke_without_command=True)
def tools(
    context: typer.Context,
    sandbox: SandboxOption = None,
    schema: Annotated[str | None, typer.Option(help="show the JSON Schema of one tool")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """List the tools an executor has: those of its sandbox, of attached servers, and ours over documents."""
    if context.invoked_subcommand is not None:
        return 0
    found, isolation = run_async(_found(RunOptions(sandbox=sandbox)))
    if schema is not None:
        if all(tool.spec.name != schema for tool in found):
            raise UsageError(f"there is no tool {schema!r}; plumbline tools lists them")
        found = tuple(tool for tool in found if tool.spec.name == schema)
    if json or schema is not None:
        print_json([tool.model_dump(mode="json") for tool in found])
        return 0
    table = Table("tool", "does", "effects", "where", box=box.SIMPLE)
    for tool in found:
        first_line = clean(tool.spec.description).split("\n")[0]
        table.add_row(tool.spec.name, first_line, ", ".join(tool.effects), tool.where)
    out().print(table)
    err().print(f"sandbox: {clean(isolation)}", style="dim")
    return 0


@app.command()
def add(
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE.py:FUNCTION|OPENAPI",
            help="a function with type hints and a docstring, or an OpenAPI document (json, yaml)",
        ),
    ],
    effects: Annotated[
        str | None, typer.Option(help="what a function may do: reads, writes, executes, network, outside; with commas")
    ] = None,
    prefix: Annotated[str | None, typer.Option(help="before the names of an API's tools")] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="OPERATION", help="an operation of an API to take, may be repeated")
    ] = None,
    secret: Annotated[
        list[str] | None,
        typer.Option(metavar="SCHEME=NAME", help="secret for a security scheme of an API, may be repeated"),
    ] = None,
    server: Annotated[str | None, typer.Option(help="address of an API, where it is not the document's")] = None,
    seconds: Annotated[float, typer.Option(help="time limit of a call")] = 60,
    sandbox: SandboxOption = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Make a tool of a Python function of yours, or tools of the operations of an HTTP API.

    A function is looked at, and later run, in a sandbox only. Requests to an API are the sandbox's, so its host must be
    in sandbox.egress of the settings. Adding an API again replaces all its tools.
    """
    home = home_folder()
    file, _, function = what.rpartition(":")
    tools: tuple[OwnTool | ApiTool, ...]
    notes: tuple[str, ...] = ()
    try:
        if what.endswith(API_SUFFIXES):
            _refuse_options(effects=effects, sandbox=sandbox)
            found = looked_at_api(
                load_settings(home), Path(what), prefix, only or (), secret or (), server=server, seconds=seconds
            )
            tools, notes = found.tools, found.notes
            tool_folder(home).replace(found.prefix, found.tools)
        elif file.endswith(".py") and function.isidentifier():
            _refuse_options(prefix=prefix, only=only, secret=secret, server=server)
            declared = None if effects is None else _effects(effects)
            own_tool = run_async(_derived(RunOptions(sandbox=sandbox), Path(file), function, declared, seconds))
            tool_folder(home).add(own_tool)
            tools = (own_tool,)
        else:
            raise UsageError(f"give FILE.py:FUNCTION or an OpenAPI document ({', '.join(API_SUFFIXES)}), not {what!r}")
    except ToolServerError as error:
        raise UsageError(str(error)) from error
    for note in notes:
        err().print(clean(note), style="yellow", markup=False, soft_wrap=True)
    if json:
        listed = [tool.model_dump(mode="json") for tool in tools]
        print_json(listed if what.endswith(API_SUFFIXES) else listed[0])
    else:
        for tool in tools:
            err().print(f"added {tool.name}: {', '.join(tool.effects)}", markup=False)
    return 0


@app.command("list")
def own(json: Annotated[bool, typer.Option("--json")] = False) -> int:
    """List the tools you have added."""
    try:
        found = tool_folder(home_folder()).tools()
    except ToolServerError as error:
        raise UsageError(str(error)) from error
    if json:
        print_json([{**tool.model_dump(mode="json"), "effects": list(tool.effects)} for tool in found])
        return 0
    for tool in found:
        out().print(f"{tool.name}  {', '.join(tool.effects)}  {clean(tool.file)}", markup=False, soft_wrap=True)
    return 0


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="name of a tool you have added, or the prefix of an API's tools")],
) -> int:
    """Remove a tool you have added, or all tools of an API; runs under way keep them."""
    try:
        removed = tool_folder(home_folder()).remove(name)
    except ToolServerError as error:
        raise UsageError(str(error)) from error
    if not removed:
        raise UsageError(f"there is no tool {name!r} of yours; plumbline tools list shows them")
    for one in removed:
        err().print(f"removed {clean(one)}", markup=False)
    return 0


def _refuse_options(**given: object) -> None:
    for name, value in given.items():
        if value is not None:
            raise UsageError(f"--{name} is not for this kind of tool")


def _effects(text: str) -> tuple[Effect, ...]:
    named = tuple(part.strip() for part in text.split(","))
    unknown = set(named) - set(get_args(Effect))
    if unknown:
        raise UsageError(f"there is no effect {min(unknown)!r}; use {', '.join(get_args(Effect))}")
    return cast("tuple[Effect, ...]", named)


async def _derived(
    options: RunOptions, file: Path, function: str, effects: tuple[Effect, ...] | None, seconds: float
) -> OwnTool:
    home = home_folder()
    settings = load_settings(home).model_copy(update={"mcp_servers": {}})
    async with services_of_one_command(settings, home) as services:
        sandbox = await services.open_sandbox(options, f"tools-{uuid.uuid4().hex[:8]}", own_tools=False, keep=False)
        if sandbox is None:
            raise UsageError("--sandbox none has nowhere to look at a function")
        try:
            return await derived(sandbox, file, function, effects, seconds)
        finally:
            await sandbox.close()


@app.command()
def trust(
    name: Annotated[str, typer.Argument(help="name of the server in mcp_servers")],
    yes: Annotated[bool, typer.Option("--yes", help="accept without being asked")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="take an acceptance back")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Start an attached MCP server, show what it says of its tools, and offer them to models if you accept that."""
    home = home_folder()
    settings = load_settings(home)
    if name not in settings.mcp_servers:
        raise UsageError(f"there is no server {name!r} in mcp_servers; add it to {config_file(home)}")
    try:
        if forget:
            accept_server(trust_file(home), name, None)
            return 0
        found = run_async(looked_at(name, settings, home))
        accepted = found.accepted or yes
        if not json:
            show(found)
            if not accepted and sys.stdin.isatty():
                accepted = typer.confirm("offer these tools to models?", err=True)
        if accepted:
            accept_server(trust_file(home), name, found.digest)
    except ToolServerError as error:
        raise ServiceError(str(error)) from error
    if json:
        print_json({**to_builtins(found), "accepted": accepted})
    elif not accepted:
        err().print("not accepted; its tools are not offered. Accept them with --yes")
    return 0 if accepted else 1


async def _found(options: RunOptions) -> tuple[tuple[Tool, ...], str]:
    home = home_folder()
    try:
        async with services_of_one_command(load_settings(home), home) as services:
            sandbox = await services.open_sandbox(options, f"tools-{uuid.uuid4().hex[:8]}", keep=False)
            if sandbox is None:
                return DOCUMENT_TOOLS, "none"
            try:
                return (*DOCUMENT_TOOLS, *await offered_tools(sandbox)), sandbox.description.isolation
            finally:
                await sandbox.close()
    except ToolServerError as error:
        raise ServiceError(str(error)) from error
