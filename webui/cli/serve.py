"""``plumbline serve``: the web application, and who may use it."""

import asyncio
import socket
import webbrowser
from typing import Annotated

import typer
from pydantic import ValidationError

from agent.cli.console import err, run_async
from agent.cli.workshop import open_workshop
from agent.domain.errors import UsageError
from agent.runtime.confinement import confinement_of
from agent.runtime.web_settings import WebSettings
from webui.app import create_app
from webui.cli import users
from webui.context import Context
from webui.guard.access import Access
from webui.guard.guard import make_guard
from webui.guard.principals import LOCAL
from webui.guard.rules import rules_for
from webui.serving import Server, listening

app = typer.Typer(add_completion=False)
app.add_typer(users.app, name="user")
app.command(name="link")(users.link)

_LINK_SECONDS = 86_400.0


@app.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="port to listen on; 0 takes a free one")] = 8765,
    trusted_host: Annotated[
        list[str] | None, typer.Option(help="a name by which browsers reach this server, may be repeated")
    ] = None,
    no_auth: Annotated[bool, typer.Option("--no-auth", help="let in everybody on this machine")] = False,
    allow_local_sandbox: Annotated[
        bool, typer.Option("--allow-local-sandbox", help="run programs also where only a local sandbox keeps them in")
    ] = False,
    open_browser: Annotated[bool, typer.Option("--open", help="open the page in this machine's browser")] = False,
) -> int:
    """Serve the web application: submit tasks, watch and steer runs, read reports."""
    if context.invoked_subcommand is not None:
        return 0

    async def main() -> int:
        async with open_workshop(serving=True, allow_local_sandbox=allow_local_sandbox) as shop:
            settings = _with_hosts(shop.settings.web, trusted_host or [])
            access = Access(shop.home)
            guard = make_guard(access, rules_for(host, settings, authenticate=not no_auth), settings)
            local = allow_local_sandbox or settings.allow_local_sandbox
            here = Context(shop.home, shop.settings, shop.ledger, shop.services, shop.runner, local_sandboxes=local)
            web = create_app(here, guard)
            confinement = await confinement_of(shop.settings.sandbox, local_sandboxes=local)
            with _listening(host, port) as listener:
                address = users.address(host, listener.getsockname()[1])
                # made now where there is none, since it is told where programs find it
                access.own_token()
                token = "" if no_auth else f"api/enter?token={access.new_link(LOCAL, seconds=_LINK_SECONDS)}"
                err().print(f"Plumbline serves {address}/{token}", soft_wrap=True)
                if token:
                    err().print(
                        f"The link works once. Programs send the token in {access.token_path}.",
                        style="dim",
                        soft_wrap=True,
                    )
                err().print(
                    f"{confinement.line[0].upper()}{confinement.line[1:]}.",
                    style="dim" if confinement.place == "docker" else "yellow",
                    soft_wrap=True,
                    markup=False,
                )
                if open_browser:
                    # requests wait until the server answers them
                    await asyncio.to_thread(webbrowser.open, f"{address}/{token}")
                await Server(web).serve(sockets=[listener])
        return 0

    return run_async(main())


def _with_hosts(settings: WebSettings, names: list[str]) -> WebSettings:
    """Return settings with more names of this server.

    Raises:
        UsageError: one of them is no name of a host.
    """
    try:
        return WebSettings.model_validate({**settings.model_dump(), "trusted_hosts": [*settings.trusted_hosts, *names]})
    except ValidationError:
        raise UsageError("--trusted-host takes a name such as plumbline.example, without http:// and port") from None


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        UsageError: the address is taken, or none of this machine's.
    """
    try:
        return listening(host, port)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}, port {port}: {error.strerror}; choose another --port") from error
