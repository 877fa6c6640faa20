"""What is told of each request, and the orders and answers between a manager and its proxy: a line of JSON each."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from toolserver.egress.policy import Policy
from toolserver.forms import Fact, Form

Decision = Literal["allowed", "refused", "failed"]
"""``failed`` was allowed but could not be done, or was cut off by a limit."""


class EgressEvent(Fact):
    """One request of a sandbox to the outside. Values of headers are never part of it.

    Attributes:
        at: when it ended.
        host: as asked for; empty where the request was no request.
        port: as asked for; 0 where the request was no request.
        method: ``CONNECT`` for a tunnel, of which nothing more is known.
        url: without what may hold secrets: user, query and fragment; None for a tunnel.
        secrets: the names of the secrets that were put in.
        decision: what came of it.
        reason: why it was refused or failed; empty otherwise.
        status: the server's answer; None for a tunnel and where there was none.
        sent: bytes that went out, after the head.
        received: bytes that came back, after the head.
        seconds: from the request to its end.
    """

    at: datetime
    host: str = ""
    port: int = 0
    method: str = ""
    url: str | None = None
    secrets: tuple[str, ...] = ()
    decision: Decision
    reason: str = ""
    status: int | None = None
    sent: int = 0
    received: int = 0
    seconds: float = 0.0

    def line(self) -> str:
        """Return the event as one line for a person."""
        what = self.url or (f"{self.host}:{self.port}" if self.host else "a request that is none")
        how = f": {self.reason}" if self.reason else f", {self.received:,} bytes in {self.seconds:.1f} s"
        return f"egress {self.decision}: {self.method} {what}{how}"


class Open(Form):
    """Let a sandbox out by a socket. A door that is open under the same id is replaced."""

    order: Literal["open"] = "open"
    id: str
    socket: str
    policy: Policy


class Close(Form):
    """Let a sandbox out no longer."""

    order: Literal["close"] = "close"
    id: str


Order = Annotated[Open | Close, Field(discriminator="order")]
ORDER: TypeAdapter[Open | Close] = TypeAdapter(Order)


class Opened(Form):
    """An order was carried out, or could not be."""

    answer: Literal["opened"] = "opened"
    id: str
    problem: str | None = None


class Closed(Form):
    """A door is closed."""

    answer: Literal["closed"] = "closed"
    id: str


class Told(Form):
    """A request has ended."""

    answer: Literal["told"] = "told"
    id: str
    event: EgressEvent


Answer = Annotated[Opened | Closed | Told, Field(discriminator="answer")]
ANSWER: TypeAdapter[Opened | Closed | Told] = TypeAdapter(Answer)
