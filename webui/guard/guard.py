"""The guard of a server: what all requests go through, from outside to inside."""

from dataclasses import dataclass
from typing import cast

from fastapi import Request
from starlette.types import ASGIApp

from agent.runtime.web_settings import WebSettings
from webui.guard.access import Access
from webui.guard.audited import Audited
from webui.guard.door import Door
from webui.guard.headers import SecurityHeaders
from webui.guard.limits import Limits
from webui.guard.places import Places
from webui.guard.rates import Action, Rates
from webui.guard.rules import Rules


@dataclass(frozen=True)
class Guard:
    """What decides who may do what.

    Attributes:
        access: users, links and sessions.
        rules: what the server was told.
        rates: how often who asked.
    """

    access: Access
    rules: Rules
    rates: Rates

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return an application that answers only requests that are in order."""
        limits = Limits(Audited(app), rates=self.rates, runs_at_once=self.rules.runs_at_once)
        door = Door(limits, access=self.access, rules=self.rules, rates=self.rates)
        return SecurityHeaders(Places(door, hosts=self.rules.hosts))


def make_guard(access: Access, rules: Rules, settings: WebSettings) -> Guard:
    """Return the guard of a server that begins."""
    per_minute: dict[Action, int] = {
        "enter": 20,
        "submit": settings.submits_per_minute,
        "upload": settings.uploads_per_minute,
    }
    return Guard(access, rules, Rates(per_minute, streams=settings.streams_per_user))


def guard_of(request: Request) -> Guard:
    """Return the guard of the application that a request came to; a dependency of routes."""
    return cast("Guard", request.app.state.guard)
