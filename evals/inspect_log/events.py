"""A run's events as a transcript of Inspect: one span for each branch, with the calls of models and tools in it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from inspect_ai.event import Event as InspectEvent
from inspect_ai.event import InfoEvent, ModelEvent, ScoreEvent, SpanBeginEvent, SpanEndEvent, ToolEvent
from inspect_ai.model import GenerateConfig, ModelOutput
from inspect_ai.scorer import Score
from inspect_ai.tool import ToolCallError, ToolChoice, ToolFunction, ToolInfo
from pydantic import JsonValue

from agent.domain.events import Event
from agent.domain.messages import ToolSpec, canonical
from agent.ledger.blobs import BlobStore
from agent.runtime.calls import ModelCall
from evals.inspect_log.messages import conversation, model_output
from evals.inspect_log.schemas import tool_info

_TOLD = frozenset({"plan", "check", "design", "retry", "sandbox", "egress", "command", "subtask", "action"})
"""Kinds of facts that are shown as they are stored."""

_ERRORS: Mapping[str, str] = {
    "timeout": "timeout",
    "refused": "approval",
    "invalid": "parsing",
    "not_found": "file_not_found",
    "cancelled": "cancelled",
}


class Transcript:
    """Makes a transcript of a run's events.

    Args:
        run_id: names the transcript's own ids, so that the same run gives the same transcript.
        calls: the run's model calls.
        tools: what the run could use.
        subtasks: ids of the plan's subtasks, which Inspect's viewer shows as agents beside each other.
        blobs: holds pictures.
    """

    def __init__(
        self,
        run_id: str,
        calls: Sequence[ModelCall],
        tools: Sequence[ToolSpec],
        subtasks: Collection[str],
        blobs: BlobStore,
    ) -> None:
        self._run = run_id
        self._subtasks = subtasks
        self._calls = {call.key: call for call in calls}
        self._tools: dict[str, ToolInfo] = {spec.name: tool_info(spec) for spec in tools}
        self._blobs = blobs
        self._begun: datetime | None = None
        self._last: datetime | None = None
        self._spans: dict[str, str] = {}
        self._started: dict[str, Event] = {}
        self.events: list[InspectEvent] = []

    async def take(self, event: Event) -> None:
        """Add what an event tells."""
        self._begun = self._begun or event.at
        self._last = event.at
        key = event.key or ""
        if event.phase == "started":
            self._started[key] = event
            if event.kind == "model":
                # shown where it began: calls of the same time stand in the order in which they were made
                await self._model(self._calls[key])
        elif event.phase == "done" and event.kind == "tool" and key in self._started:
            self._tool(self._started[key], event)
        elif event.phase == "done" and event.kind == "person" and key in self._started:
            question = self._started[key].payload["request"]
            self._info(event, "person", {**question, "answer": event.payload["result"].get("text", "")})
        elif event.phase == "fact" and event.kind in _TOLD:
            self._info(event, event.kind, event.payload)

    def end(self, scores: Mapping[str, Score], target: Sequence[str]) -> None:
        """Close all spans, and add what scorers said at the end."""
        for name, span in reversed(self._spans.items()):
            values = self._base(f"end-{name}", self._last, span)
            self.events.append(SpanEndEvent(**values, id=span))
        self._spans.clear()
        whole = f"{self._run}-scorers"
        self._begin("scorers", whole, None, None)
        for name, score in scores.items():
            span = f"{whole}-{name}"
            self._begin(name, span, whole, "scorer")
            values = self._base(f"score-{name}", self._last, span)
            self.events.append(ScoreEvent(**values, score=score, scorer=name, target=list(target)))
            self.events.append(SpanEndEvent(**self._base(f"end-scorer-{name}", self._last, span), id=span))
        self.events.append(SpanEndEvent(**self._base("end-scorers", self._last, whole), id=whole))

    def _begin(self, name: str, span: str, parent: str | None, kind: str | None) -> None:
        values = self._base(f"begin-{span}", self._last, span)
        self.events.append(SpanBeginEvent(**values, id=span, parent_id=parent, type=kind, name=name))

    async def _model(self, call: ModelCall) -> None:
        reply, seconds = call.reply, _seconds(call.started_at, call.done_at)
        name = (reply.model or reply.by) if reply is not None else ""
        self.events.append(
            ModelEvent(
                **self._base(call.started_seq, call.started_at, self._span(call.branch, call.started_at)),
                metadata={"step": call.key, "seq": call.started_seq},
                model=name,
                role=call.role,
                input=await conversation(call.messages, self._blobs),
                tools=[self._tools.get(tool) or ToolInfo(name=tool, description="") for tool in call.tools],
                tool_choice=_choice(call.tool_choice),
                config=GenerateConfig(),
                output=await model_output(reply, seconds=seconds) if reply is not None else ModelOutput(),
                error=None if reply is not None else "the run was cut off before there was a reply",
                retries=call.retries or None,
                completed=call.done_at,
                working_time=seconds,
            )
        )

    def _tool(self, started: Event, done: Event) -> None:
        request = started.payload["request"]
        result = done.payload["result"]
        ok = result.get("ok", True) is not False
        # what the run does for itself, such as collecting its files, has a result of its own shape
        text = result["text"] if isinstance(result.get("text"), str) else canonical(result).decode()
        key = started.key or ""
        self.events.append(
            ToolEvent(
                **self._base(started.seq, started.at, self._span(key.partition("/")[0], started.at)),
                metadata={"step": key, "seq": started.seq},
                id=self._asked_by(key) or key,
                function=request["tool"],
                arguments=request.get("arguments", {}),
                result=text,
                error=None if ok else _error(result.get("error"), text),
                failed=None if ok else True,
                completed=done.at,
                working_time=_seconds(started.at, done.at),
            )
        )

    def _asked_by(self, key: str) -> str:
        """Return the id of the model's call that a tool call answers: ``s1/tool/3.0`` is that of ``s1/model/3``."""
        branch, _, step = key.partition("/tool/")
        number, _, index = step.partition(".")
        call = self._calls.get(f"{branch}/model/{number}")
        if call is None or call.reply is None or not index.isdecimal() or int(index) >= len(call.reply.calls):
            return ""
        return call.reply.calls[int(index)].id

    def _info(self, event: Event, source: str, data: JsonValue) -> None:
        branch = (event.key or "").partition("/")[0]
        self.events.append(
            InfoEvent(**self._base(event.seq, event.at, self._spans.get(branch)), source=source, data=data)
        )

    def _span(self, branch: str, at: datetime) -> str:
        if branch not in self._spans:
            span = f"{self._run}-{branch}"
            self._spans[branch] = span
            self._last = at
            self._begin(branch or "run", span, None, "agent" if branch in self._subtasks else None)
        return self._spans[branch]

    def _base(self, number: int | str, at: datetime | None, span: str | None) -> dict[str, Any]:
        return {
            "uuid": f"{self._run}-{number}",
            "timestamp": at,
            "span_id": span,
            "working_start": _seconds(self._begun, at) or 0.0,
        }


def _choice(choice: str) -> ToolChoice:
    if choice in ("auto", "none"):
        return "auto" if choice == "auto" else "none"
    return "any" if choice == "required" else ToolFunction(name=choice)


def _error(name: object, text: str) -> ToolCallError:
    kind: Any = _ERRORS.get(str(name), "unknown")
    return ToolCallError(type=kind, message=text)


def _seconds(begun: datetime | None, ended: datetime | None) -> float | None:
    return None if begun is None or ended is None else max(0.0, (ended - begun).total_seconds())
