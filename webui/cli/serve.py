"""``plumbline serve``: the web application."""

from typing import Annotated

import typer
import uvicorn

from agent.cli.console import err, run_async
from agent.cli.workshop import open_workshop
from webui.app import create_app
from webui.context import Context

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="port to listen on")] = 8765,
) -> int:
    """Serve the web application: submit tasks, watch and steer runs, read reports."""

    async def main() -> int:
        async with open_workshop() as shop:
            web = create_app(Context(shop.home, shop.settings, shop.ledger, shop.services, shop.runner))
            server = uvicorn.Server(uvicorn.Config(web, host=host, port=port, log_level="warning", lifespan="on"))
            err().print(f"Plumbline serves http://{host}:{port}/")
            await server.serve()
        return 0

    return run_async(main())
