"""``plumbline serve user`` and ``plumbline serve link``: who may use the web application."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from agent.runtime.settings import home_folder
from webui.guard.access import Access
from webui.guard.principals import LOCAL

app = typer.Typer(add_completion=False, no_args_is_help=True, help="add, list and remove users")

NameArgument = Annotated[str, typer.Argument(metavar="NAME")]
JsonOption = Annotated[bool, typer.Option("--json")]

_LINK_SECONDS = 15 * 60.0


@app.command()
def add(
    name: NameArgument,
    role: Annotated[str, typer.Option(help="viewer, operator or admin")] = "operator",
    json: JsonOption = False,
) -> int:
    """Add a user and print the token, which cannot be shown again."""
    token = Access(home_folder()).add_user(name, role)
    _show_token(name, token, json=json)
    return 0


@app.command(name="list")
def list_all(json: JsonOption = False) -> int:
    """List all users."""
    users = Access(home_folder()).users()
    if json:
        print_json([user.model_dump(mode="json") for user in users])
        return 0
    if not users:
        err().print("no users; plumbline serve user add NAME adds one")
        return 0
    table = Table("name", "role", "since", box=box.SIMPLE)
    for user in users:
        table.add_row(user.name, user.role, f"{datetime.fromtimestamp(user.added_at, UTC):%Y-%m-%d}")
    out().print(table)
    return 0


@app.command()
def role(name: NameArgument, role: Annotated[str, typer.Argument(metavar="ROLE")]) -> int:
    """Change what a user may do; it holds at once."""
    Access(home_folder()).set_role(name, role)
    err().print(f"{name} is {role} now")
    return 0


@app.command()
def token(name: NameArgument, json: JsonOption = False) -> int:
    """Give a user another token; the old one, links and sessions end at once."""
    _show_token(name, Access(home_folder()).renew_token(name), json=json)
    return 0


@app.command()
def remove(name: NameArgument) -> int:
    """Remove a user; its runs stay, for admins to see."""
    Access(home_folder()).remove_user(name)
    err().print(f"{name} is no user any more")
    return 0


def link(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="whom it lets in; by default you")] = LOCAL,
    host: Annotated[str, typer.Option(help="address or name of the server")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="port of the server")] = 8765,
    json: JsonOption = False,
) -> int:
    """Print a link that signs a browser in, once and within 15 minutes."""
    secret = Access(home_folder()).new_link(name, seconds=_LINK_SECONDS)
    url = f"{address(host, port)}/api/enter?token={secret}"
    if json:
        print_json({"name": name, "url": url})
    else:
        out().print(url)
    return 0


def address(host: str, port: int) -> str:
    """Return the address under which a browser finds a server."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _show_token(name: str, token: str, *, json: bool) -> None:
    if json:
        print_json({"name": name, "token": token})
        return
    err().print(f"the token of {name}, shown this once; it is typed in on the page that opens first:")
    out().print(token)
