"""Make requests to the outside, through the proxy that decides what may be reached."""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from msgspec import Meta, field

from toolserver.errors import ToolFailure
from toolserver.node.machine import Machine
from toolserver.node.outputs import Output, as_text
from toolserver.node.processes.supervisor import Command
from toolserver.node.text import shortened
from toolserver.node.toolbox import Answer, Tool
from toolserver.node.waiting import to_the_end
from toolserver.protocol import Fact, Form, matching

_WORKER: Final = Path(__file__).parent.parent / "workers" / "fetch.py"

REFUSAL: Final = "x-plumbline-egress"
"""Header that marks an answer as the proxy's own."""

SHOWN_BYTES: Final = 16_000
"""Longer texts are saved as a file; so is everything that is no text."""

SHOWN_HEADERS: Final = 40

HeaderName = Annotated[str, matching("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")]
HeaderValue = Annotated[str, matching(r"[\t\x20-\x7e]*", max_length=8000)]


class _Request(Form):
    url: Annotated[str, matching(r"https?://[^\s]+", max_length=8000, description="Whole address, http or https.")]
    headers: Annotated[dict[HeaderName, HeaderValue], Meta(max_length=50)] = field(default_factory=dict)
    save_as: Annotated[str | None, Meta(description="Path in the workspace to save the body to.")] = None
    max_bytes: Annotated[int, Meta(ge=1, le=1_000_000_000, description="Largest body, decompressed.")] = 10_000_000
    redirects: Annotated[int, Meta(ge=0, le=10, description="How many redirects are followed.")] = 5
    seconds: Annotated[float, Meta(gt=0, le=1800, description="Time limit.")] = 60


class Http(_Request):
    """Read from a server outside over HTTP. Only allowed hosts can be reached; a refusal says which.

    Texts are shown, anything else and what is long is saved as a file of the workspace. A header's value may hold
    {secret:NAME} in place of a secret that the user has set up for that host.
    """

    method: Literal["GET", "HEAD"] = "GET"


class HttpSend(_Request):
    """Send to a server outside over HTTP, where it may change something: a request is made at most once.

    Otherwise it is like http.
    """

    method: Literal["POST", "PUT", "PATCH", "DELETE"]
    body: Annotated[str | None, Meta(description="Text to send.")] = None
    json_body: Annotated[Any, Meta(description="Value to send as JSON, instead of body.")] = field(
        default=None, name="json"
    )


class HttpResult(Fact):
    """A server's answer.

    Attributes:
        status: its code.
        url: where it came from, after redirects.
        redirects: the addresses that led there.
        headers: by name in lower case; several of one name are joined by commas.
        size: bytes of the body, decompressed.
        text: the body where it is a text and short.
        file: where else the body is in the workspace.
    """

    status: int
    url: str
    redirects: tuple[str, ...]
    headers: dict[str, str]
    size: int
    text: str | None
    file: str | None


class HttpTool:
    """Requests, each in a process of its own: one tool reads, another may change something outside."""

    def __init__(self, machine: Machine, proxy_port: int) -> None:
        self._machine = machine
        self._port = proxy_port

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tools."""
        return (
            Tool(Http, self.read, effects=("reads", "network")),
            Tool(HttpSend, self.send, effects=("reads", "network", "outside")),
        )

    async def read(self, form: Http) -> Answer:
        """Make a request that changes nothing."""
        return await self._made("http", form, self._request(form))

    async def send(self, form: HttpSend) -> Answer:
        """Make a request that may change something."""
        if form.body is not None and form.json_body is not None:
            raise ToolFailure("invalid_arguments", "http_send: give body or json, not both")
        request = self._request(form)
        if form.json_body is not None:
            request["body"] = json.dumps(form.json_body)
            if not any(name.lower() == "content-type" for name in request["headers"]):
                request["headers"]["content-type"] = "application/json"
        elif form.body is not None:
            request["body"] = form.body
        return await self._made("http_send", form, request)

    async def _made(self, tool: str, form: Http | HttpSend, request: dict[str, Any]) -> Answer:
        output = self._machine.outputs.create()
        try:
            body = output.folder / "body"
            answer = await self._asked(tool, {**request, "file": str(body)}, output)
            # copying a gigabyte must hold up nobody else; a cancelled call waits for it, as for other short work
            return await to_the_end(asyncio.to_thread(self._answer, tool, form, answer, output, body))
        finally:
            output.discard()

    async def _asked(self, tool: str, request: dict[str, Any], output: Output) -> dict[str, Any]:
        stdin = output.folder / "request.json"
        stdin.write_text(json.dumps(request))
        command = Command(
            argv=(sys.executable, "-I", "-S", str(_WORKER)),
            cwd=self._machine.workspace.root,
            env=self._machine.environment.variables(),
            output=output.folder,
            stdin=stdin,
        )
        ended = await self._machine.supervisor.run(command, request["seconds"])
        if ended.timed_out:
            raise ToolFailure("timeout", f"{tool}: not done after {request['seconds']:g} s")
        if ended.code != 0:
            text = as_text(output.kept("stderr"))[-300:].strip() or "the request's process was killed"
            raise ToolFailure("failed", f"{tool}: {text}")
        return dict(json.loads(output.kept("stdout")))

    def _request(self, form: Http | HttpSend) -> dict[str, Any]:
        own = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}
        return {
            "url": form.url,
            "method": form.method,
            "headers": {name: value for name, value in form.headers.items() if name.lower() not in own},
            "body": None,
            "port": self._port,
            "max_bytes": form.max_bytes,
            "redirects": form.redirects,
            "seconds": form.seconds,
        }

    def _answer(self, tool: str, form: Http | HttpSend, answer: dict[str, Any], output: Output, body: Path) -> Answer:
        if "error" in answer:
            raise ToolFailure(answer["error"], f"{tool}: {as_text(answer['message'].encode('utf-8', 'replace'))}")
        headers = _by_name(answer["headers"])
        if REFUSAL in headers:
            reason = as_text(body.read_bytes()).strip() or f"egress {headers[REFUSAL]}: {answer['reason']}"
            raise ToolFailure(f"egress_{headers[REFUSAL]}", f"{tool}: {reason}")
        content, size = None, int(answer["size"])
        if form.save_as is None and size <= SHOWN_BYTES:
            content = _text(body.read_bytes(), headers.get("content-type", ""))
        file = None
        if content is None and size > 0:
            file = form.save_as or f"downloads/{output.id}-{_name(answer['url'])}"
            with body.open("rb") as saved:
                self._machine.workspace.replace(file, saved)
        result = HttpResult(
            status=answer["status"],
            url=answer["url"],
            redirects=tuple(answer["redirects"]),
            headers=headers,
            size=size,
            text=content,
            file=file,
        )
        return Answer(_told(result, answer["reason"]), result)


def _told(result: HttpResult, reason: str) -> str:
    lines = [f"{address} ->" for address in result.redirects]
    lines.append(f"{result.url}: {result.status} {shortened(reason, 100)}")
    shown = ("content-type", "location", "retry-after", "www-authenticate", "link")
    lines += [f"{name}: {shortened(result.headers[name], 300)}" for name in shown if name in result.headers]
    if result.text:
        lines += ["", result.text]
    elif result.file is not None:
        lines += ["", f"[{result.size:,} bytes saved to {result.file}]"]
    else:
        lines += ["", "[no body]"]
    return "\n".join(lines)


def _by_name(pairs: list[list[str]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in pairs[:SHOWN_HEADERS]:
        key, clean = name.lower(), as_text(value.encode("utf-8", "replace"))
        headers[key] = f"{headers[key]}, {clean}" if key in headers else clean
    return headers


def _text(data: bytes, content_type: str) -> str | None:
    """Return a body as text; None when it is none."""
    charset = re.search(r"charset=\"?([A-Za-z0-9_.:-]{1,40})", content_type)
    if b"\0" in data:
        return None
    try:
        return data.decode(charset[1] if charset is not None else "utf-8")
    except (UnicodeDecodeError, LookupError):
        return None


def _name(url: str) -> str:
    """Return a name for a file that was made of an address."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9._-]+", "_", last).lstrip(".-")[-80:] or "body"
