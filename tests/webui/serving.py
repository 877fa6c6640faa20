"""A real server for tests: over a temporary data folder, with a scripted model, in the test's own loop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from agent.domain.errors import PlumblineError
from agent.ledger.store import Ledger
from agent.models.config import OpenAIConfig
from agent.models.testing.script import Step, call
from agent.models.testing.scripted_server import ScriptedServer
from agent.runtime.options import RunOptions
from agent.runtime.runner import Runner
from agent.runtime.services import ConfiguredServices
from agent.runtime.settings import Settings
from agent.runtime.web_settings import WebSettings
from toolserver.client import EgressEvent, LocalSandbox, Sandbox
from webui.app import create_app
from webui.context import Context
from webui.guard.access import Access
from webui.guard.guard import make_guard
from webui.guard.rules import rules_for
from webui.serving import Server, listening

DONE = call("submit", answer="Done.")
"""What the scripted model says where a test told it nothing: the end of a run."""


@dataclass
class Turns:
    """What the model of a server says next; ``DONE`` where nothing is left.

    ``by`` says it from the request instead, where subtasks are worked on at the same time or many runs are.
    """

    left: list[Step] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    by: Callable[[dict[str, Any]], Step] | None = None

    def will(self, *steps: Step) -> None:
        """Add steps to what the model says."""
        self.left.extend(steps)

    def forget(self) -> None:
        """Go back to the beginning."""
        self.left, self.asked, self.by = [], [], None

    def __call__(self, request: dict[str, Any], _number: int) -> Step:
        self.asked.append(request)
        if self.by is not None:
            return self.by(request)
        return self.left.pop(0) if self.left else DONE


@dataclass
class Web:
    """A server that answers at ``url``, and what it works with.

    ``client`` is signed in as whoever started the server.
    """

    url: str
    home: Path
    ledger: Ledger
    runner: Runner
    access: Access
    model: Turns
    client: httpx.AsyncClient

    def link(self, name: str = "local") -> str:
        """Return an address that signs a browser in, once."""
        return f"{self.url}/api/enter?token={self.access.new_link(name, seconds=60)}"

    async def submit(self, goal: str, *steps: Step, **fields: Any) -> str:
        """Submit a task, for which the model says these steps, and return the id of its run."""
        self.model.will(*steps)
        answer = await self.client.post("/api/runs", json={"goal": goal, **fields})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    async def clear(self) -> None:
        """Delete all runs, whatever they are at, and have the model forget what it was to say."""
        async with asyncio.timeout(30):
            while runs := (await self.get("/api/runs", limit=200))["runs"]:
                for run in runs:
                    await self.client.delete(f"/api/runs/{run['id']}")
        self.model.forget()

    async def stopped(self, run_id: str) -> dict[str, Any]:
        """Wait until nobody works on a run any more and return its card."""
        with contextlib.suppress(PlumblineError):
            await self.runner.wait(run_id)
        card: dict[str, Any] = await self.get(f"/api/runs/{run_id}")
        return card

    async def get(self, path: str, **parameters: Any) -> Any:
        """Return what an address answers with."""
        answer = await self.client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()


class _NoSandbox(ConfiguredServices):
    """Services whose runs have no tools that run programs or touch files."""

    async def open_sandbox(
        self,
        options: RunOptions,
        run_id: str,
        on_egress: Callable[[EgressEvent], None] | None = None,
        *,
        own_tools: bool = True,
        keep: bool = True,
    ) -> Sandbox | None:
        return None


class _Server(Server):
    """A server whose process goes on when it stops: signals are the test's own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(
    home: Path,
    steps: Sequence[Step] = (),
    *,
    sandbox: str = "none",
    web: WebSettings | None = None,
    authenticate: bool = True,
    local_sandboxes: bool = True,
    port: int = 0,
    database_url: str | None = None,
    **settings: Any,
) -> AsyncIterator[Web]:
    """Serve a data folder.

    Args:
        home: the data folder.
        steps: what the model says first.
        sandbox: ``none``, or ``local`` for runs that run programs.
        web: settings of the web application.
        authenticate: whether anybody has to sign in.
        local_sandboxes: whether programs may be kept in local sandboxes.
        port: 0 takes a free one.
        database_url: of the ledger; by default it is a file in the data folder.
        settings: other settings by their names.
    """
    turns, web = Turns(list(steps)), web or WebSettings()
    async with contextlib.AsyncExitStack() as stack:
        model = await stack.enter_async_context(ScriptedServer(turns))
        scripted = OpenAIConfig(model="scripted", base_url=model.base_url, api_key_env=None)
        chosen: dict[str, Any] = {"models": {"scripted": scripted}, "model": "scripted", "web": web, **settings}
        if sandbox == "local":
            chosen["sandbox"] = LocalSandbox()
        made = Settings.model_validate(chosen)
        ledger = await Ledger.open(home, url=database_url)
        stack.push_async_callback(ledger.close)
        kind = _NoSandbox if sandbox == "none" else ConfiguredServices
        services = kind(made, home, local_sandboxes=local_sandboxes)
        stack.push_async_callback(services.close)
        runner = Runner(ledger, services, made, hold_seconds=web.hold_seconds, taken_up_again=True)
        stack.push_async_callback(runner.close)
        access = Access(home)
        guard = make_guard(access, rules_for("127.0.0.1", web, authenticate=authenticate), web)
        app = create_app(Context(home, made, ledger, services, runner, local_sandboxes), guard)
        listener = stack.enter_context(listening("127.0.0.1", port))
        server = _Server(app)
        serve = asyncio.create_task(server.serve(sockets=[listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        bearer = {"Authorization": f"Bearer {access.own_token()}"}
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, headers=bearer, timeout=30))
        try:
            yield Web(url, home, ledger, runner, access, turns, client)
        finally:
            server.should_exit = True
            await serve
