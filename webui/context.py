"""What all requests of one web application work with."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fastapi import Request

from agent.ledger.store import Ledger
from agent.runtime.runner import Runner
from agent.runtime.services import Services
from agent.runtime.settings import Settings


@dataclass(frozen=True)
class Context:
    """What all requests share.

    Attributes:
        home: the user's data folder.
        settings: as they were read when the application started.
        ledger: of all runs.
        services: what makes models, sandboxes and documents for runs.
        runner: works on runs in this process.
        local_sandboxes: whether programs of runs may be kept in local sandboxes.
    """

    home: Path
    settings: Settings
    ledger: Ledger
    services: Services
    runner: Runner
    local_sandboxes: bool = False


def context_of(request: Request) -> Context:
    """Return the context of the application that a request came to; a dependency of routes."""
    return cast("Context", request.app.state.context)
