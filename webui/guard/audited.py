"""The audit: who changed what, kept in the ledger before whoever asked is told."""

import logging
from typing import Final, cast

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.domain.errors import PlumblineError
from agent.ledger.audit import Audit
from webui.context import Context
from webui.guard.places import SAFE_METHODS
from webui.guard.principals import Principal

_LOG: Final = logging.getLogger(__name__)


class Audited:
    """Notes every request that changed something: approvals, answers, edits, deletions, settings, sign-ins."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; note it when it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400 and _counts(scope):
                await _note(scope)
            await send(message)

        await self._app(scope, receive, noting)


def audit_as(request: Request, detail: str = "", *, run_id: str | None = None) -> None:
    """Say in the audit, in one line, what a request was about, and about which run where its address names none.

    It also has a request noted whose method changes nothing.
    """
    request.state.audited = (run_id, detail)


def _counts(scope: Scope) -> bool:
    return scope["method"] not in SAFE_METHODS or "audited" in scope.get("state", {})


async def _note(scope: Scope) -> None:
    state = scope.get("state", {})
    who: Principal | None = state.get("principal")
    route = scope.get("route")
    what = getattr(route, "operation_id", None)
    if who is None or what is None:
        return
    context = cast("Context", scope["app"].state.context)
    run_id, detail = state.get("audited", (None, ""))
    run_id = run_id or scope.get("path_params", {}).get("run_id")
    try:
        await Audit(context.ledger).note(who.name, what, run_id, detail)
    except PlumblineError as error:
        # what was asked for is done: it is not taken back for this
        _LOG.error("%s did %s to %s, which the audit does not hold: %s", who.name, what, run_id, error)
