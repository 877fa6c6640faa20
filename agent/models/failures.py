"""What went wrong at a model server, in one line that says what to do; never with the key in it."""

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import openai

from agent.domain.errors import ModelRefused
from agent.models.retry import AttemptFailed, retry_after

LONGEST_MESSAGE = 300
REPEATABLE = frozenset({408, 409, 425, 429, 529})
"""Status codes below 500, or outside the standard, after which the same request may succeed."""

_OVERFLOW = re.compile(
    r"context[ _](length|size|window)|maximum context|too many tokens|prompt is too long"
    r"|exceeds? the (available )?context",
    re.IGNORECASE,
)
_TOOLS = re.compile(r"\btools?\b|\btool[_ ]choice\b|\bfunctions?\b|\bfunction[_ ]call", re.IGNORECASE)
_UNSUPPORTED = re.compile(
    r"support|unrecogni|unknown|unexpected|not permitted|not allowed|extra|requires?\b|not enabled|not implemented"
    r"|disabled|unavailable",
    re.IGNORECASE,
)


class ToolsRefused(ModelRefused):
    """The server cannot take a ``tools`` parameter; the same request without it may succeed."""


@dataclass(frozen=True)
class Endpoint:
    """A model on a server, as messages call it.

    Attributes:
        base_url: address of the server.
        model: name of the model on that server.
        key_env: environment variable of the key, or None where no key is sent.
        key: the key itself, which is cut out of everything the server says.
    """

    base_url: str
    model: str
    key_env: str | None
    key: str | None = field(repr=False)

    @property
    def host(self) -> str:
        """Host and port of the server."""
        return urlsplit(self.base_url).netloc

    def clean(self, text: object) -> str:
        """Return what a server said as one short line without control characters and without the key."""
        line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
        if self.key:
            line = line.replace(self.key, "***")
        return line if len(line) <= LONGEST_MESSAGE else line[:LONGEST_MESSAGE] + "..."

    def failure(self, error: openai.APIError, *, with_tools: bool) -> AttemptFailed | ModelRefused:
        """Return what an error of the client means: a failed attempt, or a refusal for good.

        Args:
            error: what the client raised.
            with_tools: whether the request had a ``tools`` parameter that the server may be unable to take.
        """
        if isinstance(error, openai.APIStatusError):
            said = self.clean(_said(error.body) or error.message)
            return self._status_failure(error, said, with_tools=with_tools)
        if isinstance(error, openai.APIConnectionError):
            return AttemptFailed(f"cannot reach {self.base_url}: {self.clean(_cause(error))}")
        return AttemptFailed(f"{self.host} reports an error: {self.clean(_said(error.body) or error.message)}")

    def error_in_answer(self, error: Any, *, with_tools: bool) -> AttemptFailed | ModelRefused:
        """Return what an error object inside an answer with status 200 means."""
        said = self.clean(_said(error) or error)
        code = error.get("code") if isinstance(error, dict) else None
        if with_tools and _TOOLS.search(said) and _UNSUPPORTED.search(said):
            return ToolsRefused(self._tools_refused(said))
        if isinstance(code, int) and 400 <= code < 500 and code not in REPEATABLE:
            return ModelRefused(f"{self.host} rejects the request: {said}")
        return AttemptFailed(f"{self.host} reports an error: {said}")

    def _status_failure(
        self, error: openai.APIStatusError, said: str, *, with_tools: bool
    ) -> AttemptFailed | ModelRefused:
        status = error.status_code
        if status in (401, 403):
            return ModelRefused(self._key_refused(status, said))
        if with_tools and status not in REPEATABLE and _TOOLS.search(said) and _UNSUPPORTED.search(said):
            return ToolsRefused(self._tools_refused(said))
        if status == 429 and error.code == "insufficient_quota":
            return ModelRefused(f"the quota at {self.host} is used up: {said}")
        if status in REPEATABLE or status >= 500:
            return AttemptFailed(
                f"{self.host} answered {_named(status)}: {said}", retry_after=retry_after(error.response.headers)
            )
        if _OVERFLOW.search(said):
            return ModelRefused(f"the conversation is too long for {self.model}: {said}")
        return ModelRefused(f"{self.host} rejects the request with {_named(status)}: {said}")

    def _key_refused(self, status: int, said: str) -> str:
        if self.key_env is None or self.key is None:
            wanted = self.key_env or "OPENAI_API_KEY"
            return f"{self.host} asks for a key ({status}); set {wanted}: {said}"
        return f"the key in ${self.key_env} was refused by {self.host} ({status}); check that it belongs there: {said}"

    def _tools_refused(self, said: str) -> str:
        return f"{self.model} at {self.host} takes no tools: {said}"


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _said(body: object) -> str:
    """Return the message inside an error body, in any of the forms servers use."""
    if isinstance(body, dict):
        for key in ("message", "error", "detail"):
            if body.get(key):
                return _said(body[key])
        return ""
    if isinstance(body, str) and body.lstrip().startswith("<"):
        return "it sent a web page; check the base URL, which usually ends in /v1"
    return "" if body is None else str(body)


def _cause(error: BaseException) -> str:
    """Return the words of the error at the root of a chain; the layers between rename refusals to timeouts."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__
