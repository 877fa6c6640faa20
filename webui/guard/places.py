"""From where requests may come: hosts by allow-list, pages of this origin alone, bodies of the kinds that are read.

The policy follows Inspect View's (``network.py``, MIT). A foreign page cannot make a browser of ours ask anything: its
name is no allowed host (DNS rebinding), its origin is not ours, and the browser itself says that it is another site.
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from webui.guard.headers import is_api
from webui.problems import told

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

RAW_BODIES: Final = ("/api/uploads",)
"""Addresses that take a file as it is; all others take JSON."""

LARGEST_JSON: Final = 8 * 1024 * 1024
"""Bytes of a JSON body."""

LINKED: Final = ("/api/enter", "/api/shared/")
"""Addresses that people follow from elsewhere, such as from a terminal or a message."""

_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
_HOST: Final = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")


class Places:
    """Refuses requests that come from a wrong place, before anything else looks at them.

    Args:
        app: what is asked when a request is in order.
        hosts: names that this server has besides those of the loopback interface, without ports.
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in (*_LOOPBACK, *hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or say what is wrong with it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "this server has no web sockets"})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        problem = (
            self._wrong_host(headers) or _foreign(scope, headers) or _nameless(scope) or _unreadable(scope, headers)
        )
        if problem is not None:
            await told(*problem)(scope, receive, send)
        else:
            bounded = is_api(scope["path"]) and scope["path"] not in RAW_BODIES
            await self._app(scope, _bounded(receive) if bounded else receive, send)

    def _wrong_host(self, headers: Headers) -> tuple[int, str, str] | None:
        hosts = headers.getlist("host")
        match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if match is None:
            return 400, "WrongHost", "a request names one host"
        if match["name"].lower() not in self._hosts:
            return 400, "WrongHost", "this server has another name; add the name to web.trusted_hosts if it is right"
        return None


def _foreign(scope: Scope, headers: Headers) -> tuple[int, str, str] | None:
    """Return what is wrong with a request that a page of another origin made."""
    origins, sites = headers.getlist("origin"), headers.getlist("sec-fetch-site")
    if len(origins) > 1 or len(sites) > 1:
        return 403, "ForeignOrigin", "a request comes from one origin"
    if origins and not _is_ours(origins[0], headers["host"]):
        return 403, "ForeignOrigin", "this request was made by a page of another origin"
    if is_api(scope["path"]) and sites and sites[0] not in ("same-origin", "none"):
        followed = scope["method"] in SAFE_METHODS and headers.get("sec-fetch-mode") == "navigate"
        if not (followed and headers.get("sec-fetch-dest") == "document" and scope["path"].startswith(LINKED)):
            return 403, "ForeignOrigin", "this request was made by a page of another site"
    return None


def _is_ours(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def _nameless(scope: Scope) -> tuple[int, str, str] | None:
    """Return what is wrong with an address that can be that of nothing: not every database could even look for it."""
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        return 404, "NotFound", "there is nothing at this address: it holds a character that no name has"
    return None


def _unreadable(scope: Scope, headers: Headers) -> tuple[int, str, str] | None:
    """Return what is wrong with the kind or size of a body."""
    if not is_api(scope["path"]) or not _has_body(headers):
        return None
    kinds = headers.getlist("content-type")
    kind = kinds[0].partition(";")[0].strip().lower() if len(kinds) == 1 else ""
    if scope["path"] in RAW_BODIES:
        if kind != "application/octet-stream":
            return 415, "WrongContentType", "send files with the content type application/octet-stream"
        return None
    if kind != "application/json":
        return 415, "WrongContentType", "send JSON with the content type application/json"
    length = headers.get("content-length", "0")
    return _TOO_LARGE if len(length) > 9 or (length.isdecimal() and int(length) > LARGEST_JSON) else None


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _bounded(receive: Receive) -> Receive:
    """Return a way to read a body that ends with a refusal where the body is larger than JSON may be."""
    read = 0

    async def bounded() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LARGEST_JSON:
            raise HTTPException(_TOO_LARGE[0], _TOO_LARGE[2])
        return message

    return bounded


_TOO_LARGE: Final = (413, "TooLarge", f"a JSON body has at most {LARGEST_JSON} bytes; upload files instead")
