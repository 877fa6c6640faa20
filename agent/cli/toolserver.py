"""``plumbline toolserver``: build the sandbox image, serve the tools to any MCP client, remove what was left behind."""

import asyncio
import os
import secrets
import signal
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Literal

import typer

from agent.cli.console import clean as clean_text
from agent.cli.console import err, out, print_json, run_async
from agent.cli.run import SandboxOption
from agent.domain.errors import ServiceError, UsageError
from agent.runtime.options import RunOptions
from agent.runtime.services import ConfiguredServices, services_of_one_command
from agent.runtime.settings import home_folder, load_settings
from toolserver.client import (
    Leftovers,
    Sandbox,
    SandboxDescription,
    ToolServerError,
    build_image,
    clean_engine,
    serve_http,
    serve_stdio,
)

app = typer.Typer(add_completion=False, no_args_is_help=True)
image = typer.Typer(no_args_is_help=True)
app.add_typer(image, name="image", help="The image that the Docker deployment runs.")


@image.command()
def build(
    base: Annotated[
        str | None, typer.Option(help="image to build on; by default python:3.12-slim, which is pulled")
    ] = None,
    bootstrap: Annotated[str | None, typer.Option(help="debian: make the base from Debian's packages instead")] = None,
    browsing: Annotated[
        bool,
        typer.Option("--browsing", help="the image of browsing sandboxes, which has Chromium"),
    ] = False,
    cad: Annotated[
        bool,
        typer.Option("--cad", help="the image of CAD sandboxes, which has a geometry kernel and physics"),
    ] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Build the sandbox image. Takes a few minutes; afterwards runs use Docker by default."""
    way = _bootstrap(bootstrap)
    if base and way:
        raise UsageError("give either --base or --bootstrap, not both")
    if browsing and cad:
        raise UsageError("give either --browsing or --cad, not both")
    console = err()

    async def main() -> str:
        try:
            with console.status("building the sandbox image") as status:
                return await build_image(
                    base,
                    way,
                    lambda line: status.update(f"building: {line.strip()[:100]}", spinner_style="cyan"),
                    browsing=browsing,
                    cad=cad,
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
def clean(
    everything: Annotated[
        bool, typer.Option("--all", help="everything of ours, containers that run and the files in them too")
    ] = False,
    keep_images: Annotated[bool, typer.Option("--keep-images", help="leave images of other versions")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Remove what crashed programs left: containers, volumes, networks, loop devices, images of other versions."""

    async def main() -> Leftovers:
        try:
            return await clean_engine(
                everything=everything, images=not keep_images, state_dirs=[home_folder() / "sandboxes"]
            )
        except ToolServerError as error:
            raise ServiceError(str(error)) from error

    removed = run_async(main()).model_dump(mode="json")
    if json:
        print_json(removed)
        return 0
    for kind, names in removed.items():
        for name in names:
            out().print(f"removed {kind.replace('_', ' ').removesuffix('s')} {clean_text(name)}", markup=False)
    if not any(removed.values()):
        out().print("nothing was left behind")
    return 0


@app.command()
def serve(
    sandbox: SandboxOption = None,
    stdio: Annotated[bool, typer.Option("--stdio", help="on standard input and output; the default")] = False,
    http: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="over HTTP, to clients with the token")] = None,
    token_env: Annotated[
        str | None, typer.Option(metavar="NAME", help="environment variable with the token; else one is made up")
    ] = None,
    host_name: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="further name under which clients reach this server")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="serve a sandbox that isolates nothing, too")] = False,
) -> int:
    """Serve the tools of a new sandbox to any MCP client, until the input ends or the command is interrupted."""
    if stdio and http is not None:
        raise UsageError("give either --stdio or --http, not both")
    if http is None and (token_env is not None or host_name):
        raise UsageError("--token-env and --host-name belong to --http")
    address = None if http is None else _address(http)
    home = home_folder()
    settings = load_settings(home)

    async def main() -> None:
        try:
            async with ended_by_signals(), services_of_one_command(settings, home) as services:
                opening = _opening(services, RunOptions(sandbox=sandbox))
                if address is None:
                    await serve_stdio(opening, force=force, ready=_tell)
                else:
                    token, tell_token = _token(token_env)

                    def ready(description: SandboxDescription, url: str) -> None:
                        tell_token()
                        _tell_address(description, url)

                    await serve_http(opening, *address, token, names=host_name or (), force=force, ready=ready)
        except ToolServerError as error:
            raise ServiceError(str(error)) from error

    run_async(main())
    return 0


@asynccontextmanager
async def ended_by_signals() -> AsyncIterator[None]:
    """Let SIGTERM and SIGINT end a block in good order, and not as a failure."""
    loop, block = asyncio.get_running_loop(), asyncio.current_task()
    asked: list[int] = []

    def end(number: int) -> None:
        if not asked and block is not None:
            block.cancel()
        asked.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    try:
        yield
    except asyncio.CancelledError:
        if not asked:
            raise
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _opening(services: ConfiguredServices, options: RunOptions) -> Callable[[], Awaitable[Sandbox]]:
    sandbox_id = f"mcp-{uuid.uuid4().hex[:8]}"

    async def opening() -> Sandbox:
        sandbox = await services.open_sandbox(options, sandbox_id)
        if sandbox is None:
            raise UsageError("--sandbox none has nothing to serve")
        return sandbox

    return opening


def _tell(description: SandboxDescription) -> None:
    err().print(f"serving {description.kind}: {clean_text(description.isolation)}", style="dim", markup=False)


def _tell_address(description: SandboxDescription, url: str) -> None:
    _tell(description)
    err().print(f"listening on {url}", markup=False, highlight=False, soft_wrap=True)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"--http takes HOST:PORT, for example 127.0.0.1:8765, not {text!r}")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _token(variable: str | None) -> tuple[str, Callable[[], None]]:
    """Return the token that clients must send, and what tells it: one that was made up is shown once it serves."""
    if variable is None:
        token = secrets.token_urlsafe(32)
        line = f"token (shown this once): {token}"
        return token, lambda: err().print(line, markup=False, highlight=False, soft_wrap=True)
    given = os.environ.get(variable, "").strip()
    if not given:
        raise UsageError(f"the environment variable {variable} of --token-env is not set")
    return given, lambda: None


def _bootstrap(name: str | None) -> Literal["debian"] | None:
    match name:
        case None | "debian":
            return name
    raise UsageError(f"--bootstrap knows debian only, not {name!r}")
