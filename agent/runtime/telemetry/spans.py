"""Makes spans of what a run did in one session: the session, its model calls, its tool calls."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context

import agent
from agent.domain.budget import Usage
from agent.domain.events import Event
from agent.domain.messages import Message, Reply, canonical
from agent.domain.view import RunView
from agent.runtime.calls import ModelCall
from agent.runtime.history import apply
from agent.runtime.telemetry import names

_LONE = re.compile(r"[\ud800-\udfff]")
"""Halves of characters, which models write and UTF-8 has no form for."""


class RunIds(IdGenerator):
    """Ids that follow from run and event: all sessions of a run are one trace, and a span sent twice is the same."""

    def __init__(self) -> None:
        self._trace = self._span = 1

    def of(self, run_id: str, seq: int, part: str = "") -> None:
        """Say whose the next span is; ``part`` tells a session from what its first event begins."""
        self._trace = int.from_bytes(hashlib.sha256(f"trace/{run_id}".encode()).digest()[:16]) or 1
        self._span = int.from_bytes(hashlib.sha256(f"span/{run_id}/{seq}{part}".encode()).digest()[:8]) or 1

    def generate_trace_id(self) -> int:
        """Return the id of the run's trace."""
        return self._trace

    def generate_span_id(self) -> int:
        """Return the id of the span that was announced."""
        return self._span


class SessionSpans:
    """Makes the spans of one session of a run.

    Args:
        provider: makes spans; its ids are ``ids``.
        ids: is told whose each span is.
        content: spans hold what was said and what came back.
    """

    def __init__(self, provider: TracerProvider, ids: RunIds, *, content: bool) -> None:
        self._tracer = provider.get_tracer("plumbline", agent.__version__)
        self._ids = ids
        self._content = content

    def make(self, run_id: str, events: Sequence[Event], calls: Sequence[ModelCall], since: int) -> None:
        """Make the spans of what began or ended after event ``since``; the events are all of the run.

        Raises:
            LedgerUnavailable: an event is not as this version writes it.
        """
        new = [event for event in events if event.seq > since]
        if not new:
            return
        view = RunView()
        for event in events:
            apply(view, event)
        mine = [call for call in calls if (call.done_seq or call.started_seq) > since]
        self._ids.of(run_id, new[0].seq, "/session")
        root = self._tracer.start_span(
            f"{names.INVOKE_AGENT} plumbline",
            kind=SpanKind.INTERNAL,
            start_time=_ns(new[0].at),
            attributes=_sendable(_session(run_id, view, mine)),
        )
        if view.status == "failed" or (view.report is not None and view.report.outcome == "failed"):
            _failed(root, "run_failed", view.reason)
        for call in mine:
            self._model(run_id, root, call, new[-1].at)
        self._tools(run_id, root, events, calls, since)
        root.end(_ns(new[-1].at))

    def _model(self, run_id: str, root: Span, call: ModelCall, cut: datetime) -> None:
        reply = call.reply
        by = reply.by if reply is not None else ""
        values: dict[str, Any] = {
            names.OPERATION: names.CHAT,
            names.PROVIDER: names.PROVIDERS.get(by.partition(":")[0], "openai"),
            names.CONVERSATION: run_id,
            names.STEP: call.key,
            names.ROLE: call.role,
        }
        if reply is not None:
            values |= {
                names.REQUEST_MODEL: by or reply.model,
                names.RESPONSE_MODEL: reply.model or by,
                names.FINISH_REASONS: [_finished(reply)],
                **_usage(reply.usage),
            }
        if self._content:
            values[names.INPUT_MESSAGES] = _messages(call.messages)
            if reply is not None:
                values[names.OUTPUT_MESSAGES] = _messages([reply.as_message()], finish_reason=_finished(reply))
        model = f" {by}" if by else ""
        span = self._child(
            run_id, root, call.started_seq, f"{names.CHAT}{model}", SpanKind.CLIENT, call.started_at, values
        )
        if reply is None:
            _failed(span, "interrupted", "the run was cut off before there was a reply")
        elif reply.finish in ("unavailable", "filtered"):
            _failed(span, reply.finish, "the model gave no answer")
        span.end(_ns(call.done_at or cut))

    def _tools(self, run_id: str, root: Span, events: Sequence[Event], calls: Sequence[ModelCall], since: int) -> None:
        ids = {call.key: call for call in calls}
        started = {event.key: event for event in events if event.kind == "tool" and event.phase == "started"}
        done = {event.key: event for event in events if event.kind == "tool" and event.phase == "done"}
        for key, begun in started.items():
            ended = done.get(key)
            if (ended.seq if ended is not None else begun.seq) <= since:
                continue
            request = begun.payload["request"]
            values: dict[str, Any] = {
                names.OPERATION: names.EXECUTE_TOOL,
                names.TOOL: request["tool"],
                names.TOOL_TYPE: "function",
                names.CONVERSATION: run_id,
                names.STEP: key or "",
            }
            if call_id := _asked_by(key or "", ids):
                values[names.TOOL_CALL] = call_id
            result = ended.payload["result"] if ended is not None else {}
            if self._content:
                values[names.TOOL_ARGUMENTS] = canonical(request.get("arguments", {})).decode()
                if ended is not None:
                    values[names.TOOL_RESULT] = canonical(result).decode()
            name = f"{names.EXECUTE_TOOL} {request['tool']}"
            span = self._child(run_id, root, begun.seq, name, SpanKind.INTERNAL, begun.at, values)
            if ended is None:
                _failed(span, "interrupted", "the run was cut off before the call ended")
            elif result.get("ok", True) is False:
                _failed(span, str(result.get("error") or "tool_error"), "the call failed")
            span.end(_ns((ended or events[-1]).at))

    def _child(
        self, run_id: str, root: Span, seq: int, name: str, kind: SpanKind, at: datetime, values: Mapping[str, Any]
    ) -> Span:
        self._ids.of(run_id, seq)
        return self._tracer.start_span(
            _whole(name),
            context=set_span_in_context(root),
            kind=kind,
            start_time=_ns(at),
            attributes=_sendable(values),
        )


def _session(run_id: str, view: RunView, calls: Sequence[ModelCall]) -> dict[str, Any]:
    used = sum((call.reply.usage for call in calls if call.reply is not None), Usage())
    values: dict[str, Any] = {
        names.OPERATION: names.INVOKE_AGENT,
        names.PROVIDER: "plumbline",
        names.AGENT: "plumbline",
        names.AGENT_VERSION: agent.__version__,
        names.CONVERSATION: run_id,
        names.STATUS: view.status,
        **_usage(used),
    }
    if view.report is not None:
        values[names.OUTCOME] = view.report.outcome
    return values


def _usage(usage: Usage) -> dict[str, Any]:
    values: dict[str, Any] = {names.INPUT_TOKENS: usage.input_tokens, names.OUTPUT_TOKENS: usage.output_tokens}
    if usage.cached_tokens:
        values[names.CACHED_TOKENS] = usage.cached_tokens
    if usage.cost:
        values[names.COST] = float(usage.cost)
    return values


def _asked_by(key: str, calls: Mapping[str, ModelCall]) -> str:
    """Return the id of the model's call that a tool call answers."""
    branch, _, step = key.partition("/tool/")
    number, _, index = step.partition(".")
    call = calls.get(f"{branch}/model/{number}")
    if call is None or call.reply is None or not index.isdecimal() or int(index) >= len(call.reply.calls):
        return ""
    return call.reply.calls[int(index)].id


def _finished(reply: Reply) -> str:
    return names.FINISHED.get(reply.finish, reply.finish)


def _messages(messages: Sequence[Message], **besides: str) -> str:
    """Return messages in the form of the conventions: a role, and parts, with what all of them have besides."""
    told = [{"role": message["role"], "parts": _parts(message), **besides} for message in messages]
    return json.dumps(told, ensure_ascii=False)


def _parts(message: Message) -> list[dict[str, Any]]:
    content = message.get("content")
    if message["role"] == "tool":
        return [{"type": "tool_call_response", "id": message.get("tool_call_id", ""), "response": content}]
    pieces = content if isinstance(content, list) else [{"type": "text", "text": content}] if content else []
    parts = [{"type": "text", "content": str(piece.get("text", f"[{piece.get('type')}]"))} for piece in pieces]
    return [
        *parts,
        *(
            {
                "type": "tool_call",
                "id": call["id"],
                "name": call["function"]["name"],
                "arguments": _arguments(call["function"]["arguments"]),
            }
            for call in message.get("tool_calls") or ()
        ),
    ]


def _arguments(written: str) -> Any:
    """Return arguments as an object; what a model wrote that is no JSON as it is."""
    try:
        return json.loads(written)
    except ValueError:
        return written


def _failed(span: Span, kind: str, why: str) -> None:
    span.set_attribute(names.ERROR, _whole(kind))
    span.set_status(Status(StatusCode.ERROR, _whole(why)))


def _sendable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes without lone surrogates: one of them would keep all spans from being sent that wait with it."""
    return {
        name: _whole(value) if isinstance(value, str) else [*map(_whole, value)] if isinstance(value, list) else value
        for name, value in values.items()
    }


def _whole(text: str) -> str:
    return _LONE.sub("\N{REPLACEMENT CHARACTER}", text)


def _ns(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1_000
