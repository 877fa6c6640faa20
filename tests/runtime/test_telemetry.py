"""Spans of runs, by OpenTelemetry's own exporter in memory, and over HTTP to a collector that answers or does not."""

import json
import logging
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agent.domain.budget import Usage
from agent.domain.errors import LedgerUnavailable
from agent.domain.events import Event, EventKind, Phase
from agent.domain.messages import Reply
from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_server import ScriptedServer
from agent.runtime.calls import model_calls
from agent.runtime.options import RunOptions
from agent.runtime.runner import Runner
from agent.runtime.services import NO_SANDBOX, ConfiguredServices
from agent.runtime.settings import Settings
from agent.runtime.telemetry.opening import open_telemetry
from agent.runtime.telemetry.sending import OpenTelemetry
from agent.runtime.telemetry.settings import TelemetrySettings

SECRET = "a goal that nobody else is to read"


def played(request: dict[str, Any], number: int) -> Reply:
    """Recall what is not there, then submit."""
    usage = Usage(calls=1, input_tokens=50, cached_tokens=20, output_tokens=5)
    if not any(message["role"] == "tool" for message in request["messages"]):
        names = [tool["function"]["name"] for tool in request["tools"]]
        first = call("shell", command="echo 4") if "shell" in names else call("recall", id="nothing")
        return first.model_copy(update={"usage": usage})
    return call("submit", answer="The sum is 4.", success=True).model_copy(update={"usage": usage})


async def run(ledger: Ledger, home: Path, telemetry: OpenTelemetry, *, sandbox: str = NO_SANDBOX) -> str:
    settings = Settings()
    async with ScriptedServer(played) as server:
        services = ConfiguredServices(settings, home)
        runner = Runner(ledger, services, settings, telemetry=telemetry)
        try:
            run_id = await runner.start(
                Task(goal=SECRET), RunOptions(model=f"scripted@{server.base_url}", sandbox=sandbox)
            )
            await runner.wait(run_id)
        finally:
            await runner.close()
            await services.close()
            await telemetry.close()
    return run_id


def values(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


async def test_a_run_is_a_span_whose_children_are_its_calls(ledger: Ledger, home: Path) -> None:
    exporter = InMemorySpanExporter()

    run_id = await run(ledger, home, OpenTelemetry(TelemetrySettings(enabled=True), exporter), sandbox="local")

    spans = {span.name: span for span in exporter.get_finished_spans()}
    root = spans["invoke_agent plumbline"]
    assert root.parent is None
    assert values(root)["gen_ai.conversation.id"] == run_id
    assert values(root)["gen_ai.usage.input_tokens"] == 100
    assert values(root)["plumbline.run.status"] == "finished"
    children = [span for span in exporter.get_finished_spans() if span is not root]
    assert {span.name.split()[0] for span in children} == {"chat", "execute_tool"}
    assert root.context is not None
    assert all(span.parent is not None and span.parent.span_id == root.context.span_id for span in children)
    assert all((span.context and span.context.trace_id) == root.context.trace_id for span in children)
    chat = next(span for span in children if span.name.startswith("chat "))
    assert values(chat)["gen_ai.operation.name"] == "chat"
    assert values(chat)["gen_ai.provider.name"] == "openai"
    assert values(chat)["gen_ai.response.finish_reasons"] == ("tool_call",)
    assert values(chat)["gen_ai.usage.cache_read.input_tokens"] == 20
    shell = spans["execute_tool shell"]
    assert values(shell)["gen_ai.tool.name"] == "shell"
    assert values(shell)["gen_ai.tool.call.id"] == "call_0"
    assert all((span.start_time or 0) <= (span.end_time or 0) for span in exporter.get_finished_spans())
    assert SECRET not in str([values(span) for span in exporter.get_finished_spans()])


async def test_contents_are_in_the_spans_only_where_they_are_asked_for(ledger: Ledger, home: Path) -> None:
    exporter = InMemorySpanExporter()

    await run(ledger, home, OpenTelemetry(TelemetrySettings(enabled=True, content=True), exporter))

    chats = [span for span in exporter.get_finished_spans() if span.name.startswith("chat ")]
    assert SECRET in values(chats[0])["gen_ai.input.messages"]
    (said,) = json.loads(values(chats[0])["gen_ai.output.messages"])
    assert (said["role"], said["finish_reason"]) == ("assistant", "tool_call")
    (asked,) = [part for part in said["parts"] if part["type"] == "tool_call"]
    assert (asked["name"], asked["arguments"]) == ("recall", {"id": "nothing"})


async def test_all_sessions_of_a_run_are_one_trace_and_nothing_is_told_twice(ledger: Ledger, home: Path) -> None:
    exporter = InMemorySpanExporter()
    telemetry = OpenTelemetry(TelemetrySettings(enabled=True), exporter)
    run_id = await run(ledger, home, OpenTelemetry(TelemetrySettings(enabled=True), InMemorySpanExporter()))
    answers = [event.seq async for event in ledger.events(run_id) if event.kind == "model" and event.phase == "done"]

    await telemetry.ended(ledger, run_id, answers[0])
    await telemetry.close()

    spans = exporter.get_finished_spans()
    # also where a session begins with a call
    assert len({span.context.span_id for span in spans if span.context}) == len(spans)
    assert sum(span.name.startswith("chat ") for span in spans) == 1
    whole = InMemorySpanExporter()
    again = OpenTelemetry(TelemetrySettings(enabled=True), whole)
    await again.ended(ledger, run_id, 0)
    await again.close()
    first = {span.context.span_id for span in whole.get_finished_spans() if span.context and span.parent}
    assert {span.context.span_id for span in spans if span.context and span.parent} < first
    assert len({span.context.trace_id for span in (*spans, *whole.get_finished_spans()) if span.context}) == 1


def named(taken: Sequence[ExportTraceServiceRequest]) -> list[str]:
    """Return the names of the spans that a collector has taken."""
    return [
        span.name
        for one in taken
        for resource in one.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


class Recorded(Ledger):
    """Holds one run, given by its events."""

    def __init__(self, *given: Event) -> None:
        self._given = given

    async def events(
        self, run_id: str, *, after: int = 0, until: int | None = None, limit: int | None = None
    ) -> AsyncIterator[Event]:
        for event in self._given:
            yield event


def event(seq: int, kind: EventKind, phase: Phase, **payload: Any) -> Event:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Event(run_id="long", seq=seq, at=at, kind=kind, key=f"root/{kind}/{seq}", phase=phase, payload=payload)


async def test_all_spans_of_a_long_run_wait_for_a_slow_collector() -> None:
    free = threading.Event()

    class Slow(InMemorySpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            free.wait(60)
            return super().export(spans)

    exporter = Slow()
    telemetry = OpenTelemetry(TelemetrySettings(enabled=True), exporter)
    calls = [event(seq, "tool", "started", request={"tool": "shell"}) for seq in range(1, 4001)]

    await telemetry.ended(Recorded(*calls), "long", 0)
    free.set()
    await telemetry.close()

    assert len(exporter.get_finished_spans()) == 4001


async def test_a_record_that_cannot_be_read_is_told_and_ends_no_run(caplog: pytest.LogCaptureFixture) -> None:
    telemetry = OpenTelemetry(TelemetrySettings(enabled=True, content=True), InMemorySpanExporter())

    await telemetry.ended(Recorded(event(1, "model", "started", request={"messages": [{"content": "?"}]})), "long", 0)
    await telemetry.close()

    assert "no spans are made of run long" in caplog.text


async def test_what_has_no_utf_8_keeps_no_span_from_being_sent(
    collector: tuple[str, list[ExportTraceServiceRequest]], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, taken = collector
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", place)
    telemetry = OpenTelemetry(TelemetrySettings(enabled=True, content=True))
    request = {"tool": "shell\ud83d", "arguments": {"command": "\ud83d"}}
    begun = event(1, "tool", "started", request=request)
    ended = event(2, "tool", "done", result={"ok": False, "error": "\ud83d", "text": "\ud83d"})

    await telemetry.ended(Recorded(begun, ended.model_copy(update={"key": begun.key})), "long", 0)
    await telemetry.close()

    assert sorted(named(taken)) == ["execute_tool shell\ufffd", "invoke_agent plumbline"]


async def test_a_reply_of_another_version_is_told_as_such() -> None:
    asked = event(1, "model", "started", request={"messages": []})
    answered = event(2, "model", "done", result={"text": 1}).model_copy(update={"key": asked.key})
    with pytest.raises(LedgerUnavailable, match="event 2 of run long is not as this version writes it"):
        await model_calls(Recorded(asked, answered).events("long"))


@pytest.fixture
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    taken: list[ExportTraceServiceRequest] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if self.headers["Content-Encoding"] is None:
                taken.append(ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Taking) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", taken
        server.shutdown()
        thread.join()


async def test_spans_go_where_the_standard_variables_say(
    ledger: Ledger,
    home: Path,
    collector: tuple[str, list[ExportTraceServiceRequest]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place, taken = collector
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", place)

    await run(ledger, home, OpenTelemetry(TelemetrySettings(enabled=True)))

    spans = named(taken)
    assert "invoke_agent plumbline" in spans
    assert sum(name.startswith("chat ") for name in spans) == 2


async def test_a_dead_collector_is_told_of_once_and_keeps_no_run_from_ending(
    ledger: Ledger, home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")

    with caplog.at_level(logging.WARNING):
        run_id = await run(ledger, home, OpenTelemetry(TelemetrySettings(enabled=True)))

    assert (await ledger.find(run_id)).status == "finished"
    assert [record.message for record in caplog.records if "collector" in record.message] == [
        "the collector of OpenTelemetry takes no spans; runs go on without (OTEL_EXPORTER_OTLP_ENDPOINT)"
    ]
    assert not [record for record in caplog.records if record.name.startswith("opentelemetry")]


def test_without_the_setting_there_is_none() -> None:
    assert open_telemetry(TelemetrySettings()) is None
