"""An application with its guard, asked in process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from agent.ledger.store import Ledger
from agent.runtime.runner import Runner
from agent.runtime.services import ConfiguredServices
from agent.runtime.settings import Settings
from agent.runtime.web_settings import WebSettings
from webui.app import create_app
from webui.context import Context
from webui.guard.access import Access
from webui.guard.guard import make_guard
from webui.guard.rules import rules_for

HERE = "http://127.0.0.1:8765"


class Clock:
    """A time that tests move."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class House:
    """An application, and the file of who may use it."""

    app: FastAPI
    access: Access
    clock: Clock
    client: httpx.AsyncClient
    ledger: Ledger

    def bearer(self, token: str | None = None) -> dict[str, str]:
        """Return the header of a program; by default with the server's own token."""
        return {"Authorization": f"Bearer {token or self.access.own_token()}"}

    async def enter(self, name: str = "local") -> httpx.Response:
        """Follow a new link, as a browser does."""
        secret = self.access.new_link(name, seconds=60)
        return await self.client.get("/api/enter", params={"token": secret})


@asynccontextmanager
async def opened(home: Path, web: WebSettings | None = None, *, authenticate: bool = True) -> AsyncIterator[House]:
    """Open an application over a data folder."""
    clock, web = Clock(), web or WebSettings()
    access, settings = Access(home, clock=clock), Settings(web=web)
    ledger = await Ledger.open(home)
    services = ConfiguredServices(settings, home)
    runner = Runner(ledger, services, settings)
    guard = make_guard(access, rules_for("127.0.0.1", web, authenticate=authenticate), web)
    app = create_app(Context(home, settings, ledger, services, runner), guard)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("127.0.0.1", 1))
    try:
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            yield House(app, access, clock, client, ledger)
    finally:
        await runner.close()
        await services.close()
        await ledger.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path) as one:
        yield one
