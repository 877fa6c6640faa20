"""Make requests to the outside, through the proxy that decides what may be reached."""

import json
import re
import sys
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, JsonValue, StringConstraints

from toolserver.errors import ToolFailure
from toolserver.node.machine import Machine
from toolserver.node.outputs import Output, as_text
from toolserver.node.processes.supervisor import Command
from toolserver.node.text import shortened
from toolserver.node.toolbox import Answer, Tool
from toolserver.protocol import Fact, Form

_WORKER: Final = Path(__file__).parent.parent / "workers" / "fetch.py"

REFUSAL: Final = "x-plumbline-egress"
"""Header that marks an answer as the proxy's own."""

SHOWN_BYTES: Final = 16_000
"""Longer texts are saved as a file; so is everything that is no text."""

SHOWN_HEADERS: Final = 40

HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\t\x20-\x7e]*$", max_length=8000)]


class Http(Form):
    """Make an HTTP request to a server outside. Only allowed hosts can be reached; a refusal says which.

    Texts are shown, anything else and what is long is saved as a file of the workspace. A header's value may hold
    {secret:NAME} in place of a secret that the user has set up for that host.
    """

    url: str = Field(pattern=r"^https?://[^\s]+$", max_length=8000, description="Whole address, http or https.")
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = "GET"
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict, max_length=50)
    body: str | None = Field(default=None, description="Text to send.")
    json_body: JsonValue = Field(default=None, alias="json", description="Value to send as JSON, instead of body.")
    save_as: str | None = Field(default=None, description="Path in the workspace to save the body to.")
    max_bytes: int = Field(default=10_000_000, ge=1, le=1_000_000_000, description="Largest body, decompressed.")
    redirects: int = Field(default=5, ge=0, le=10, description="How many redirects are followed.")
    seconds: float = Field(default=60, gt=0, le=1800, description="Time limit.")


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
    """Requests, each in a process of its own."""

    def __init__(self, machine: Machine, proxy_port: int) -> None:
        self._machine = machine
        self._port = proxy_port

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tool."""
        return (Tool(Http, self.run, effects=("reads", "network")),)

    async def run(self, form: Http) -> Answer:
        """Make a request."""
        if form.body is not None and form.json_body is not None:
            raise ToolFailure("invalid_arguments", "http: give body or json, not both")
        output = self._machine.outputs.create()
        try:
            body = output.folder / "body"
            answer = await self._asked(form, output, body)
            return self._answer(form, answer, output, body)
        finally:
            output.discard()

    async def _asked(self, form: Http, output: Output, body: Path) -> dict[str, Any]:
        stdin = output.folder / "request.json"
        stdin.write_text(json.dumps(self._request(form, body)))
        command = Command(
            argv=(sys.executable, "-I", "-S", str(_WORKER)),
            cwd=self._machine.workspace.root,
            env=self._machine.environment.variables(),
            output=output.folder,
            stdin=stdin,
        )
        ended = await self._machine.supervisor.run(command, form.seconds)
        if ended.timed_out:
            raise ToolFailure("timeout", f"http: not done after {form.seconds:g} s")
        if ended.code != 0:
            text = as_text(output.kept("stderr"))[-300:].strip() or "the request's process was killed"
            raise ToolFailure("failed", f"http: {text}")
        return dict(json.loads(output.kept("stdout")))

    def _request(self, form: Http, body: Path) -> dict[str, Any]:
        headers, text = dict(form.headers), form.body
        if form.json_body is not None:
            text = json.dumps(form.json_body)
            if not any(name.lower() == "content-type" for name in headers):
                headers["content-type"] = "application/json"
        own = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}
        return {
            "url": form.url,
            "method": form.method,
            "headers": {name: value for name, value in headers.items() if name.lower() not in own},
            "body": text,
            "port": self._port,
            "file": str(body),
            "max_bytes": form.max_bytes,
            "redirects": form.redirects,
            "seconds": form.seconds,
        }

    def _answer(self, form: Http, answer: dict[str, Any], output: Output, body: Path) -> Answer:
        if "error" in answer:
            raise ToolFailure(answer["error"], f"http: {as_text(answer['message'].encode('utf-8', 'replace'))}")
        headers = _by_name(answer["headers"])
        if REFUSAL in headers:
            reason = as_text(body.read_bytes()).strip() or f"egress {headers[REFUSAL]}: {answer['reason']}"
            raise ToolFailure(f"egress_{headers[REFUSAL]}", f"http: {reason}")
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
