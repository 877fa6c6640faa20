"""What one principal may ask for in a minute and at once, so that nobody takes the server from the others."""

import re
from typing import Final, cast

from sqlalchemy import func, select
from starlette.types import ASGIApp, Receive, Scope, Send

from agent.ledger.tables import runs
from webui.context import Context
from webui.guard.principals import Principal
from webui.guard.rates import Action, Rates
from webui.problems import told

_BEGINS: Final = re.compile(r"/api/runs(?:/[^/]+/(?:resume|fork))?")
_STREAM: Final = re.compile(r"/api/runs/[^/]+/stream")
_UNDER_WAY: Final = ("queued", "running", "waiting")
_AGAIN_SECONDS: Final = 10


class Limits:
    """Refuses what is too much, with the time after which to ask again.

    Args:
        app: what is asked otherwise.
        runs_at_once: runs of one principal that are under way.
    """

    def __init__(self, app: ASGIApp, *, rates: Rates, runs_at_once: int) -> None:
        self._app = app
        self._rates = rates
        self._runs_at_once = runs_at_once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        who: Principal | None = scope.get("state", {}).get("principal")
        if scope["type"] != "http" or who is None:
            await self._app(scope, receive, send)
            return
        action = _action(scope)
        if action is not None and not self._rates.may(who.name, action):
            await _refuse(
                self._rates.seconds_until(who.name, action), "you ask for this too often", scope, receive, send
            )
        elif action == "submit" and await self._has_too_many(scope, who):
            reason = f"you have {self._runs_at_once} runs under way, which is the most; wait for one, or cancel one"
            await _refuse(_AGAIN_SECONDS, reason, scope, receive, send)
        elif _STREAM.fullmatch(scope["path"]):
            with self._rates.stream(who.name) as allowed:
                if allowed:
                    await self._app(scope, receive, send)
                else:
                    reason = "you follow as many runs as one may; close some of their pages"
                    await _refuse(_AGAIN_SECONDS, reason, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _has_too_many(self, scope: Scope, who: Principal) -> bool:
        context = cast("Context", scope["app"].state.context)
        query = select(func.count().label("number")).where(runs.c.owner == who.name, runs.c.status.in_(_UNDER_WAY))
        return bool((await context.ledger.rows(query))[0].number >= self._runs_at_once)


def _action(scope: Scope) -> Action | None:
    if scope["method"] != "POST":
        return None
    if scope["path"] == "/api/uploads":
        return "upload"
    return "submit" if _BEGINS.fullmatch(scope["path"]) else None


async def _refuse(seconds: int, reason: str, scope: Scope, receive: Receive, send: Send) -> None:
    answer = told(429, "TooManyRequests", f"{reason}; ask again in {seconds} s", {"Retry-After": str(seconds)})
    await answer(scope, receive, send)
