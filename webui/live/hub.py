"""What runs tell as they go on, passed on to everybody who watches."""

from typing import Annotated, cast

from fastapi import Depends, Request

from agent.ledger.store import Ledger
from agent.runtime.runner import Runner
from webui.live.slim import Slimmer


class Hub:
    """Passes on the events of runs.

    Args:
        ledger: where they are.
        runner: works on some of the runs, and tells of these what is not in the ledger.
    """

    def __init__(self, ledger: Ledger, runner: Runner) -> None:
        self.slimmer = Slimmer(ledger.blobs)
        self._ledger = ledger
        self._runner = runner

    def close(self) -> None:
        """End all streams."""


def hub_of(request: Request) -> Hub:
    """Return the hub of the application that a request came to; a dependency of routes."""
    return cast("Hub", request.app.state.hub)


TheHub = Annotated[Hub, Depends(hub_of)]
