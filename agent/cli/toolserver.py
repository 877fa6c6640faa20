"""``plumbline toolserver``: build the sandbox image, and serve the tools to any MCP client."""

import asyncio
import contextlib
import sys
import uuid
from typing import Annotated, Literal

import typer

from agent.cli.console import err, print_json, run_async
from agent.cli.run import SandboxOption
from agent.domain.errors import ServiceError, UsageError
from agent.runtime.options import RunOptions
from agent.runtime.services import ConfiguredServices
from agent.runtime.settings import home_folder, load_settings
from toolserver.client import ToolServerError, build_image

app = typer.Typer(add_completion=False, no_args_is_help=True)
image = typer.Typer(no_args_is_help=True)
app.add_typer(image, name="image", help="The image that the Docker deployment runs.")

_LONGEST_LINE = 64 << 20


@image.command()
def build(
    base: Annotated[
        str | None, typer.Option(help="image to build on; by default python:3.12-slim, which is pulled")
    ] = None,
    bootstrap: Annotated[str | None, typer.Option(help="debian: make the base from Debian's packages instead")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Build the sandbox image. Takes a few minutes; afterwards runs use Docker by default."""
    way = _bootstrap(bootstrap)
    if base and way:
        raise UsageError("give either --base or --bootstrap, not both")
    console = err()

    async def main() -> str:
        try:
            with console.status("building the sandbox image") as status:
                return await build_image(
                    base, way, lambda line: status.update(f"building: {line.strip()[:100]}", spinner_style="cyan")
                )
        except ToolServerError as error:
            raise ServiceError(str(error)) from error

    tag = run_async(main())
    if json:
        print_json({"image": tag})
    else:
        console.print(f"built {tag}")
    return 0


@app.command()
def serve(sandbox: SandboxOption = None) -> int:
    """Serve the tools of a new sandbox over MCP on standard input and output, until the input ends."""
    run_async(_serve(RunOptions(sandbox=sandbox)))
    return 0


def _bootstrap(name: str | None) -> Literal["debian"] | None:
    match name:
        case None | "debian":
            return name
    raise UsageError(f"--bootstrap knows debian only, not {name!r}")


async def _serve(options: RunOptions) -> None:
    home = home_folder()
    services = ConfiguredServices(load_settings(home), home)
    try:
        sandbox = await services.open_sandbox(options, f"mcp-{uuid.uuid4().hex[:8]}")
    except ToolServerError as error:
        raise ServiceError(str(error)) from error
    if sandbox is None:
        raise UsageError("--sandbox none has nothing to serve")
    err().print(f"serving {sandbox.description.kind}: {sandbox.description.isolation}", style="dim")
    try:
        reader, writer = await sandbox.connect()
        outward = asyncio.create_task(_to_stdout(reader))
        inward = asyncio.create_task(_from_stdin(writer))
        await asyncio.wait({outward, inward}, return_when=asyncio.FIRST_COMPLETED)
        writer.close()
        for task in (outward, inward):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    finally:
        await sandbox.close()


async def _to_stdout(reader: asyncio.StreamReader) -> None:
    while line := await reader.readline():
        await asyncio.to_thread(sys.stdout.buffer.write, line)
        sys.stdout.buffer.flush()


async def _from_stdin(writer: asyncio.StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    stdin = asyncio.StreamReader(limit=_LONGEST_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    while line := await stdin.readline():
        writer.write(line)
        await writer.drain()
