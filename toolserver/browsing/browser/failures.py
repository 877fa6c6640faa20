"""Why a browser shows no page, in the words of ``agent.browsing.errors.FailureKind``."""

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from toolserver.errors import FailureKind, PageFailed

if TYPE_CHECKING:
    from playwright.async_api import Response

REFUSAL: Final = "x-plumbline-egress"
"""Header of answers that are the egress proxy's own."""

ASKING_SECONDS: Final = 15.0

READABLE: Final = ("text/", "application/xhtml", "application/xml", "application/json", "image/svg")
"""How the content types of pages begin."""

_CODE: Final = re.compile(r"net::(ERR_[A-Z0-9_]+)")

_KINDS: Final[Mapping[str, FailureKind]] = {
    "ERR_NAME_NOT_RESOLVED": "not_found",
    "ERR_INVALID_URL": "not_found",
    "ERR_TOO_MANY_REDIRECTS": "redirects",
    "ERR_UNSAFE_PORT": "refused_address",
    "ERR_UNKNOWN_URL_SCHEME": "refused_address",
    "ERR_DISALLOWED_URL_SCHEME": "refused_address",
    "ERR_UNSAFE_REDIRECT": "refused_address",
    "ERR_TIMED_OUT": "timeout",
    "ERR_CONNECTION_TIMED_OUT": "timeout",
    "ERR_INVALID_AUTH_CREDENTIALS": "login",
    "ERR_OUT_OF_MEMORY": "too_large",
}


def of_status(status: int, url: str) -> PageFailed | None:
    """Return the failure that an HTTP status stands for; None where there is a page to read."""
    if status < 400:
        return None
    if status in (404, 410):
        return PageFailed("not_found", f"{url} answered {status}; open another page")
    if status in (401, 407):
        return PageFailed("login", f"{url} asks for a login ({status}); open another page")
    if status == 429:
        return PageFailed("rate_limited", f"{url} takes no more requests for now (429); try later or elsewhere")
    return PageFailed("status", f"{url} answered {status}; open another page")


def of_network(text: str, url: str) -> PageFailed:
    """Return the failure for an error of the browser's network, such as ``net::ERR_TOO_MANY_REDIRECTS``."""
    found = _CODE.search(text)
    if found is None:
        return PageFailed("unreachable", f"{url} could not be opened: {text.splitlines()[0][:200]}")
    code = found[1]
    kind = _KINDS.get(code, "unreachable")
    trust = "; its certificate cannot be trusted" if code.startswith(("ERR_CERT", "ERR_SSL")) else ""
    return PageFailed(kind, f"{url} could not be opened ({code}{trust}); open another page")


def of_proxy(decision: str, status: int, reason: str) -> PageFailed:
    """Return what an answer of the egress proxy itself means."""
    message = " ".join(reason.split())[:300] or f"the egress proxy answered {status}"
    if status == 429:
        return PageFailed("rate_limited", message)
    return PageFailed("refused_address" if decision == "refused" else "unreachable", message)


def of_refusal(response: "Response") -> PageFailed | None:
    """Return the refusal that the egress proxy answered with; None where a server answered."""
    refused = response.headers.get(REFUSAL)
    return None if refused is None else of_proxy(refused, response.status, response.status_text)


def content_type(response: "Response") -> str:
    """Return the content type of an answer without parameters; that of web pages where it names none."""
    return response.headers.get("content-type", "text/html").partition(";")[0].strip().lower()


def of_answer(response: "Response", *, readable: tuple[str, ...]) -> PageFailed | None:
    """Return why an answer is no page; None where it is one.

    Args:
        response: the answer that brought the document.
        readable: how the content types of pages begin.
    """
    failure = of_refusal(response) or of_status(response.status, response.url)
    if failure is not None:
        return failure
    kind = content_type(response)
    if not kind.startswith(readable):
        return PageFailed("not_text", f"{response.url} is {kind[:60]} and no page to read; open it without the browser")
    return None


async def asked(proxy: str, url: str) -> PageFailed | None:
    """Ask the proxy for a tunnel to an address that the browser could not have, to learn why; None where it gives one.

    A browser tells of a tunnel that was denied no more than that.
    """
    parts = urlsplit(url)
    host, _, port = proxy.rpartition(":")
    target = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    try:
        async with asyncio.timeout(ASKING_SECONDS):
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                writer.write(
                    f"CONNECT {target}:{parts.port or 443} HTTP/1.1\r\nhost: {target}\r\n\r\n".encode(
                        "ascii", "replace"
                    )
                )
                await writer.drain()
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None
    first, *lines = head.split("\r\n")
    words = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if REFUSAL not in headers or len(words) < 3 or not words[1].isdecimal():
        return None
    return of_proxy(headers[REFUSAL], int(words[1]), words[2])
