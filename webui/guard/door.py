"""Who asks: finds it out for every request to the API, and refuses whom it does not know.

A browser brings the cookie of a session, a program a token, a trusted proxy the name of a user. Static files and what
is meant for everybody need none of them.
"""

import asyncio
import ipaddress
from typing import Final, cast

from fastapi import Request
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from webui.guard.access import Access
from webui.guard.headers import is_api
from webui.guard.places import SAFE_METHODS
from webui.guard.principals import LOCAL, Principal
from webui.guard.rates import Rates
from webui.guard.rules import Rules
from webui.problems import told

OPEN: Final = ("/api/health", "/api/enter")
"""Addresses that need no session."""

OPEN_BELOW: Final = "/api/shared/"
"""What lies below it was shared with everybody who has the link."""

LEAVE: Final = "/api/leave"
"""The one thing that a viewer may change: to be signed in no more."""

_HELP: Final = "sign in with a new link; make one with: plumbline serve link"


class Door:
    """Finds out who asks, and lets nobody else pass.

    Args:
        app: what is asked when somebody was recognised, with ``state["principal"]`` in the scope.
    """

    def __init__(self, app: ASGIApp, *, access: Access, rules: Rules, rates: Rates) -> None:
        self._app = app
        self._access = access
        self._rules = rules
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with who asks, or refuse it."""
        if scope["type"] != "http" or not is_api(scope["path"]):
            await self._app(scope, receive, send)
            return
        problem = None if _is_open(scope["path"]) else await self._identified(scope)
        if problem is None:
            await self._app(scope, receive, send)
        else:
            status, error, message = problem
            await told(status, error, message, _headers(status, self._rates, scope))(scope, receive, send)

    async def _identified(self, scope: Scope) -> tuple[int, str, str] | None:
        """Put who asks into the scope; return why that is not possible."""
        connection = HTTPConnection(scope)
        found = await asyncio.to_thread(self._principal, connection)
        if isinstance(found, str):
            if connection.headers.get("authorization") and not self._rates.may(address_of(scope), "enter"):
                return 429, "TooManyRequests", "too many wrong tokens came from this address; wait a little"
            return 401, "SignedOut", f"{found}; {_HELP}"
        if found.role == "viewer" and scope["method"] not in SAFE_METHODS and scope["path"] != LEAVE:
            return 403, "NotAllowed", "a viewer changes nothing; ask an admin for the role of an operator"
        scope.setdefault("state", {})["principal"] = found
        return None

    def _principal(self, connection: HTTPConnection) -> Principal | str:
        if not self._rules.authenticate:
            return Principal(name=LOCAL, role="admin", via="loopback")
        named = _proxied_user(connection.scope, connection.headers, self._rules)
        if named is not None:
            return self._access.of_name(named) or "the proxy named nobody who is a user here"
        authorization = connection.headers.get("authorization")
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            known = self._access.of_token(token.strip()) if scheme.lower() == "bearer" else None
            return known or "this token is not valid"
        secret = connection.cookies.get(cookie_name(connection.headers))
        if not secret:
            return "nobody is signed in"
        session = self._access.of_session(secret)
        if isinstance(session, Principal):
            return session
        return "your session has expired" if session == "expired" else "your session has ended"


def principal_of(request: Request) -> Principal:
    """Return who asks; a dependency of routes."""
    return cast("Principal", request.state.principal)


def cookie_name(headers: Headers) -> str:
    """Return the name of the session's cookie; browsers keep one jar for all ports of a host, so it tells the port."""
    port = headers["host"].rpartition("]")[2].rpartition(":")[2]
    return f"plumbline_{port}" if port.isdecimal() else "plumbline"


def address_of(scope: Scope) -> str:
    """Return the address that a request came from, without its port."""
    client = scope.get("client")
    return client[0] if client else ""


def is_secure(scope: Scope, headers: Headers, rules: Rules) -> bool:
    """Return whether a browser reached this server, or the trusted proxy before it, by HTTPS."""
    if scope.get("scheme") == "https":
        return True
    return _by_proxy(scope, rules) and headers.getlist("x-forwarded-proto") == ["https"]


def _proxied_user(scope: Scope, headers: Headers, rules: Rules) -> str | None:
    """Return the user that a trusted proxy names; None where the request came by no such proxy, or it names nobody."""
    if rules.user_header is None or not _by_proxy(scope, rules):
        return None
    named = headers.getlist(rules.user_header)
    return named[0] if len(named) == 1 else None


def _by_proxy(scope: Scope, rules: Rules) -> bool:
    try:
        address = ipaddress.ip_address(address_of(scope))
    except ValueError:
        return False
    return any(address in network for network in rules.proxies)


def _is_open(path: str) -> bool:
    return path in OPEN or path.startswith(OPEN_BELOW)


def _headers(status: int, rates: Rates, scope: Scope) -> dict[str, str] | None:
    if status == 401:
        return {"WWW-Authenticate": "Bearer"}
    if status == 429:
        return {"Retry-After": str(rates.seconds_until(address_of(scope), "enter"))}
    return None
