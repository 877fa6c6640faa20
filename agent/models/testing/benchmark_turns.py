"""The session that benchmarks run: a number of tool calls, then an answer. The request's path selects it.

``/l{latency in ms}/n{tool turns}/v1/chat/completions`` answers a request that holds k assistant messages with turn k:
alternately ``read_file`` and ``calc`` below n, the answer at n. The server keeps no state, so any number of sessions
may run at once and be repeated. With ``/submit`` or ``/final_answer`` before ``/v1`` the answer is a call of the
function of that name, as agents that end by a function call expect it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from agent.domain.budget import Usage
from agent.domain.messages import Reply, ToolCall, ToolSpec, wire_json
from agent.models.testing.rendering import completion, pieces

TOOLS = (
    ToolSpec(
        name="read_file",
        description="Read a text file of the workspace.",
        parameters={"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
    ),
    ToolSpec(
        name="calc",
        description="Evaluate an arithmetic expression.",
        parameters={"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]},
    ),
)
"""The functions that the session calls."""

ANSWER = "All steps are done; the final answer is 42."

_PATH = re.compile(r"/l(\d{1,6})/n(\d{1,5})(?:/(submit|final_answer))?(/.*)")


@dataclass(frozen=True)
class Session:
    """Which session a path asks for: latency in seconds, tool turns, and the function that ends it, if any."""

    latency: float
    turns: int
    ends_by: str | None = None


def session_of(path: str) -> tuple[Session, str] | None:
    """Return the session that a path asks for and the rest of the path, or None for any other path."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    session = Session(latency=int(match[1]) / 1000, turns=int(match[2]), ends_by=match[3])
    return session, match[4]


def turn_of(body: bytes) -> int:
    """Return how many assistant messages a request body holds."""
    return body.count(b'"role":"assistant"') + body.count(b'"role": "assistant"')


def reply_at(turn: int, turns: int, *, ends_by: str | None = None) -> Reply:
    """Return the reply of one turn."""
    usage = Usage(input_tokens=200 + 80 * turn, output_tokens=20)
    if turn >= turns and ends_by is not None:
        final = ToolCall(id=f"call_{turn}", name=ends_by, arguments=wire_json({"answer": ANSWER}).decode())
        return Reply(calls=(final,), finish="calls", usage=usage)
    if turn >= turns:
        return Reply(text=ANSWER, usage=usage)
    name, arguments = (
        ("calc", {"expression": f"{turn} * 2 + 1"}) if turn % 2 else ("read_file", {"path": f"notes/{turn}.txt"})
    )
    made = ToolCall(id=f"call_{turn}", name=name, arguments=wire_json(arguments).decode())
    return Reply(calls=(made,), finish="calls", usage=usage)


@lru_cache(maxsize=4096)
def answer(turn: int, turns: int, *, stream: bool, ends_by: str | None = None) -> bytes:
    """Return the whole HTTP answer of one turn; a streamed one is sent as one body, without pauses."""
    reply = reply_at(turn, turns, ends_by=ends_by)
    body = b"".join(pieces(reply)) if stream else wire_json(completion(reply))
    kind = b"text/event-stream" if stream else b"application/json"
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(body), body)
