"""Make one HTTP request through the proxy; started as ``python -I -S fetch.py`` with the request on standard input.

The request goes out in absolute form, also for ``https``: the proxy speaks TLS for us and can put secrets in. The body
is written to a file; what came of it goes to standard output as JSON.
"""

import http.client
import json
import sys
import zlib
from typing import Any, BinaryIO
from urllib.parse import quote, urljoin, urlsplit

PIECE = 64 * 1024
REDIRECTS = (301, 302, 303, 307, 308)
OWN = ("authorization", "cookie", "proxy-authorization")


class TooLarge(Exception):
    """The body has more bytes than wanted."""


def main() -> None:
    """Read ``{url, method, headers, body, port, file, max_bytes, redirects, seconds}``; write the outcome."""
    request = json.load(sys.stdin)
    try:
        outcome = _followed(request)
    except TooLarge:
        outcome = {"error": "too_large", "message": f"the body has more than {request['max_bytes']:,} bytes"}
    except TimeoutError:
        outcome = {"error": "timeout", "message": "nothing came for too long"}
    except zlib.error as error:
        outcome = {"error": "bad_response", "message": f"the body cannot be decompressed: {error}"}
    except (http.client.HTTPException, ValueError, OSError) as error:
        outcome = {"error": "failed", "message": f"{type(error).__name__}: {error}"[:500]}
    json.dump(outcome, sys.stdout)


def _followed(request: dict[str, Any]) -> dict[str, Any]:
    url, method, body, headers = request["url"], request["method"], request["body"], dict(request["headers"])
    passed: list[str] = []
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", request["port"], timeout=request["seconds"])
        try:
            response = _answer(connection, method, url, body, headers)
            location = response.getheader("location")
            if response.status not in REDIRECTS or not location or request["redirects"] == 0:
                return _taken(response, request) | {"url": url, "redirects": passed}
            if len(passed) == request["redirects"]:
                return {"error": "too_many_redirects", "message": f"more than {len(passed)}: {' -> '.join(passed)}"}
        finally:
            connection.close()
        passed.append(url)
        following = urljoin(url, location)
        if _origin(following) != _origin(url):
            # what is meant for one server is not given to another
            headers = {k: v for k, v in headers.items() if k.lower() not in OWN and "{secret:" not in v}
        if response.status == 303 or (response.status in (301, 302) and method == "POST"):
            method, body = ("HEAD" if method == "HEAD" else "GET"), None
            headers = {k: v for k, v in headers.items() if not k.lower().startswith("content-")}
        url = following


def _answer(
    connection: http.client.HTTPConnection, method: str, url: str, body: str | None, headers: dict[str, str]
) -> http.client.HTTPResponse:
    plain = quote(url.partition("#")[0], safe="!#$%&'()*+,/:;=?@[]~")
    connection.putrequest(method, plain, skip_host=True, skip_accept_encoding=True)
    sent = {
        "host": urlsplit(plain).netloc,
        "accept-encoding": "gzip, deflate",
        "user-agent": "plumbline",
        "accept": "*/*",
    }
    sent |= {name.lower(): value for name, value in headers.items()}
    data = body.encode() if body is not None else None
    if data is not None or method in ("POST", "PUT", "PATCH"):
        sent["content-length"] = str(len(data or b""))
    for name, value in sent.items():
        connection.putheader(name, value)
    connection.endheaders(data)
    return connection.getresponse()


def _taken(response: http.client.HTTPResponse, request: dict[str, Any]) -> dict[str, Any]:
    encoding = (response.getheader("content-encoding") or "").strip().lower()
    with open(request["file"], "wb") as file:  # noqa: PTH123 - pathlib would double the start-up time
        size = _written(response, encoding, file, request["max_bytes"])
    return {
        "status": response.status,
        "reason": response.reason,
        "headers": [[name, value] for name, value in response.getheaders()],
        "size": size,
    }


def _written(response: http.client.HTTPResponse, encoding: str, file: BinaryIO, limit: int) -> int:
    """Write the body, decompressed piece by piece so that a small answer cannot become a huge one unseen."""
    unpack = _decompressor(encoding)
    size = 0
    while piece := response.read(PIECE):
        while piece:
            plain = unpack.decompress(piece, PIECE) if unpack is not None else piece
            size += len(plain)
            if size > limit:
                raise TooLarge
            file.write(plain)
            piece = unpack.unconsumed_tail if unpack is not None else b""
    if unpack is not None:
        rest = unpack.flush()
        size += len(rest)
        if size > limit:
            raise TooLarge
        file.write(rest)
    return size


def _decompressor(encoding: str) -> Any:
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(zlib.MAX_WBITS | 32)
    raise ValueError(f"the server compressed the body with {encoding[:40]!r}, which was not asked for")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


if __name__ == "__main__":
    main()
