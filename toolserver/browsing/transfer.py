"""Getting bytes of the web with bounds on everything: size before and after decompression, time, redirects."""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import Message
from email.utils import collapse_rfc2231_value, parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

import httpx2

from toolserver.browsing.settings import BrowsingSettings
from toolserver.errors import PageFailed

REFUSAL: Final = "x-plumbline-egress"
"""Header that marks an answer as the proxy's own."""

REDIRECTS: Final = (301, 302, 303, 307, 308)
LONGEST_URL: Final = 8000
IDLE_SECONDS: Final = 20.0
_STEP: Final = 64 * 1024
_NAMELESS: Final = ("name or service not known", "no address associated", "nodename nor servname", "name resolution")


class Arrived(NamedTuple):
    """What an address answered.

    Attributes:
        content_type: without parameters, in lower case; empty where the server says nothing.
        charset: as the server says; empty where it does not.
        name: file name as the server says; empty where it does not.
    """

    url: str
    status: int
    content_type: str
    charset: str
    name: str
    data: bytes


class Transfer:
    """Makes requests through a proxy.

    Args:
        settings: how to behave.
        proxy: its address.
    """

    def __init__(self, settings: BrowsingSettings, proxy: str) -> None:
        self._settings = settings
        self._client = httpx2.AsyncClient(
            proxy=proxy,
            trust_env=False,
            verify=ssl.create_default_context(),
            follow_redirects=False,
            timeout=httpx2.Timeout(IDLE_SECONDS),
            # what one page remembers must not change another
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            limits=httpx2.Limits(max_connections=24, max_keepalive_connections=8, keepalive_expiry=10),
            headers={
                "User-Agent": settings.user_agent,
                "Accept": "text/html,application/xhtml+xml,text/plain,application/pdf;q=0.9,*/*;q=0.5",
                "Accept-Language": settings.languages,
                "Accept-Encoding": "gzip, deflate",
            },
        )

    async def close(self) -> None:
        """Drop all connections."""
        await self._client.aclose()

    async def once(self, url: str, limit: int, *, cut: bool = False) -> Arrived | str:
        """Return what an address answers, or where it sends us.

        Args:
            url: the address.
            limit: bytes, decompressed.
            cut: leave out what is beyond the limit, instead of raising.

        Raises:
            PageFailed: it cannot be had. A status is no failure here, but 429 is.
        """
        async with _translated(url), self._client.stream("GET", url) as response:
            _require_let_out(response)
            if response.status_code in REDIRECTS and (location := response.headers.get("location")):
                return checked(_joined(url, location))
            if response.status_code == 429 or (response.status_code == 503 and "retry-after" in response.headers):
                raise _rate_limited(response)
            data = await _body(response, limit, cut=cut)
            media = response.headers.get("content-type", "")
            return Arrived(
                url=url,
                status=response.status_code,
                content_type=media.partition(";")[0].strip().lower()[:100],
                charset=_parameter(media, "content-type", "charset")[:40],
                name=_file_name(response.headers.get("content-disposition", ""), url),
                data=data,
            )


def checked(url: str) -> str:
    """Return an address without its fragment.

    Raises:
        PageFailed: it is none of the web.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        httpx2.URL(url)
    except (ValueError, httpx2.InvalidURL) as error:
        raise PageFailed("refused_address", f"{url[:200]!r} is no address: {error}") from error
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise PageFailed("refused_address", f"{url[:200]!r} is no address of the web; only http and https can be read")
    if parts.username or parts.password:
        raise PageFailed("refused_address", "addresses with a user name or password are not opened")
    if len(url) > LONGEST_URL:
        raise PageFailed("refused_address", f"the address has more than {LONGEST_URL:,} characters")
    return parts._replace(fragment="").geturl()


def _joined(url: str, location: str) -> str:
    """Return where a redirect leads.

    Raises:
        PageFailed: to nothing that could be an address.
    """
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise PageFailed("refused_address", f"{url} leads to {location[:200]!r}, which is no address") from error


@asynccontextmanager
async def _translated(url: str) -> AsyncIterator[None]:
    host = urlsplit(url).netloc
    try:
        yield
    except httpx2.ProxyError as error:
        raise _not_let_out(str(error), "refused" in str(error)) from error
    except httpx2.TimeoutException as error:
        raise PageFailed("timeout", f"{host} did not answer in time; try later or open another page") from error
    except (httpx2.TransportError, httpx2.DecodingError, ssl.SSLError) as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise PageFailed("unreachable", f"{host} could not be read from: {said}") from error
    except httpx2.InvalidURL as error:
        raise PageFailed("refused_address", f"{url[:200]!r} is no address: {error}") from error


def _require_let_out(response: httpx2.Response) -> None:
    decision = response.headers.get(REFUSAL)
    if decision is None and response.reason_phrase.startswith("egress refused: "):
        # what the proxy says before it has looked at a request has no headers
        decision = "refused"
    if decision is not None:
        raise _not_let_out(response.reason_phrase, decision == "refused")


def _not_let_out(reason: str, refused: bool) -> PageFailed:
    """Return the failure for what the proxy said; ``reason`` is its phrase, maybe after a status."""
    said = reason.partition("egress ")[2].partition(": ")[2] or reason
    if "requests a second" in said or "too many connections" in said:
        return PageFailed("rate_limited", f"this sandbox asks for too much at a time: {said}", retry_after=1.0)
    if refused:
        return PageFailed("refused_address", f"{said}; open another page")
    if any(phrase in said.lower() for phrase in _NAMELESS):
        return PageFailed("not_found", f"no host has this name: {said}")
    return PageFailed("timeout" if "within" in said else "unreachable", f"the host cannot be reached: {said}")


def _rate_limited(response: httpx2.Response) -> PageFailed:
    seconds = retry_after(response.headers.get("retry-after", ""))
    when = "later" if seconds is None else f"again in {seconds:.0f} s"
    return PageFailed(
        "rate_limited",
        f"{response.url.host} answered {response.status_code}: too many requests for now; try {when}",
        retry_after=seconds,
    )


def retry_after(value: str) -> float | None:
    """Return the seconds that a server's ``Retry-After`` asks for; None where it says nothing that makes sense."""
    if _is_number(value.strip()):
        return float(value.strip()[:6])
    try:
        at = parsedate_to_datetime(value)
        then = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(then - datetime.now(UTC).timestamp(), 0.0)


def _is_number(value: str) -> bool:
    """Return whether a value is digits that can be reckoned with, which superscripts and the like are not."""
    return value.isascii() and value.isdecimal()


async def _body(response: httpx2.Response, limit: int, *, cut: bool) -> bytes:
    declared = response.headers.get("content-length", "")
    coding = response.headers.get("content-encoding", "").strip().lower()
    if not cut and _is_number(declared) and int(declared) > limit:
        raise _too_large(limit)
    expander = _Expander(coding)
    data = bytearray()
    async for piece in response.aiter_raw(_STEP):
        for part in expander.parts(piece):
            data += part
            if len(data) > limit:
                if cut:
                    return bytes(data[:limit])
                raise _too_large(limit)
            # a bomb is many parts of one piece
            await asyncio.sleep(0)
    expander.require_end()
    return bytes(data)


def _too_large(limit: int) -> PageFailed:
    return PageFailed("too_large", f"the page has more than {limit:,} bytes; open another page")


class _Expander:
    """Decompresses in parts of bounded size; several members in a row are one, as in files of gzip."""

    def __init__(self, coding: str) -> None:
        if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise PageFailed("unreachable", f"the server sent the coding {coding[:30]!r}, which was not asked for")
        self._plain = coding in ("", "identity")
        self._deflate = coding == "deflate"
        self._inner = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._begun = self._fed = False

    def parts(self, piece: bytes) -> Iterator[bytes]:
        """Return what a piece of the body holds.

        Raises:
            PageFailed: it is damaged.
        """
        if self._plain:
            yield piece
            return
        self._fed = True
        try:
            yield from self._expanded(piece)
        except zlib.error as error:
            raise PageFailed("unreachable", f"the page is damaged: it cannot be decompressed ({error})") from error

    def require_end(self) -> None:
        """Raise where a compressed body broke off.

        Raises:
            PageFailed: it did.
        """
        if self._fed and not self._plain and not self._inner.eof:
            raise PageFailed(
                "unreachable", "the page is damaged: it ends in the middle; try later or open another page"
            )

    def _expanded(self, piece: bytes) -> Iterator[bytes]:
        while piece:
            if self._inner.eof:
                if not piece.strip(b"\0"):
                    return
                self._inner = zlib.decompressobj(zlib.MAX_WBITS | 32)
            try:
                part = self._inner.decompress(piece, _STEP)
            except zlib.error:
                if self._begun or not self._deflate:
                    raise
                # many servers send deflate without the header that it has by the book
                self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
                part = self._inner.decompress(piece, _STEP)
            self._begun = True
            piece = self._inner.unconsumed_tail or self._inner.unused_data
            yield part


def _file_name(disposition: str, url: str) -> str:
    """Return the name of a file as a server says, else by the address; never a path."""
    name = _parameter(disposition, "content-disposition", "filename") or unquote(urlsplit(url).path.rpartition("/")[2])
    return "".join(letter for letter in name.replace("\\", "/").rpartition("/")[2] if letter.isprintable())[:200]


def _parameter(value: str, header: str, name: str) -> str:
    """Return a parameter of a header as RFC 2231 has it; empty where there is none, or one that nobody understands."""
    message = Message()
    message[header] = value.encode("ascii", "replace").decode()
    try:
        return collapse_rfc2231_value(message.get_param(name, "", header)).strip()
    except (TypeError, ValueError, LookupError, AttributeError):
        return ""
