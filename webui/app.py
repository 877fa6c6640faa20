"""Puts the web application together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from webui.api import (
    batches,
    commands,
    corrections,
    entry,
    evals,
    events,
    evidence,
    exports,
    health,
    options,
    runs,
    seat,
    settings,
    stream,
    uploads,
)
from webui.api import files as run_files
from webui.context import Context
from webui.files.workbench import Workbench
from webui.guard.guard import Guard
from webui.live.adoption import Adoption
from webui.live.hub import Hub
from webui.live.seats import Seats
from webui.problems import Problem, add_problem_handlers, told
from webui.sharing.links import SharedPages

STATIC: Final = Path(str(files("webui"))) / "static"
"""Folder of the built client."""

ROUTERS: Final = (
    health.router,
    entry.router,
    runs.router,
    events.router,
    run_files.router,
    evidence.router,
    exports.router,
    corrections.router,
    stream.router,
    uploads.router,
    commands.router,
    seat.router,
    evals.router,
    batches.router,
    options.router,
    settings.router,
)

_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    422: {"model": Problem, "description": "The request cannot be used as it is."},
    "default": {"model": Problem, "description": "Why the request was refused."},
}


class Application(FastAPI):
    """The web application. Its guard stands around everything, so that failures too have the headers they should."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return what answers requests."""
        guard: Guard = self.state.guard
        return guard.around(super().build_middleware_stack())


def create_app(context: Context, guard: Guard) -> Application:
    """Return an application for one context. It works on runs only while it is served."""
    app = bare_app()
    app.state.context = context
    app.state.guard = guard
    app.state.hub = Hub(context.ledger, context.runner)
    app.state.adoption = adoption = Adoption(context.ledger, context.runner)
    app.state.seats = Seats(context, adoption)
    app.state.workbench = Workbench(context)
    app.state.shared_pages = SharedPages(context.ledger)
    _serve_client(app)
    return app


def bare_app() -> Application:
    """Return an application with all routes of the API and nothing to work with: its document needs nothing else."""
    app = Application(
        title="Plumbline", version="1", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json", lifespan=_served
    )
    add_problem_handlers(app)
    for router in ROUTERS:
        app.include_router(router, responses=_PROBLEMS)
    return app


@asynccontextmanager
async def _served(app: FastAPI) -> AsyncIterator[None]:
    """Work on runs for as long as an application is served."""
    adoption: Adoption = app.state.adoption
    async with adoption.watching():
        yield


def _serve_client(app: FastAPI) -> None:
    """Serve the built client; every other address that is none of the API's is one of its screens."""
    if (STATIC / "assets").is_dir():
        app.mount("/assets", StaticFiles(directory=STATIC / "assets"), name="assets")

    @app.get("/{path:path}", include_in_schema=False)
    async def screen(path: str) -> object:
        page = STATIC / "index.html"
        if path.startswith("api/") or not page.is_file():
            return told(404, "NotFound", "there is nothing at this address")
        return FileResponse(page, headers={"Cache-Control": "no-cache"})
