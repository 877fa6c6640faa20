"""Sends spans to a collector, as the standard variables say, from a thread of its own."""

import asyncio
import logging
import threading
from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from agent.ledger.store import Ledger
from agent.runtime.calls import model_calls
from agent.runtime.telemetry.settings import TelemetrySettings
from agent.runtime.telemetry.spans import RunIds, SessionSpans

log = logging.getLogger(__name__)

LAST_SECONDS = 2.0
"""So long a process waits at its end for a collector to take what is left."""


MOST_WAITING = 2**16
"""Spans that wait to be sent at most, of which the oldest are dropped: those of a long run are made all at once."""


class OpenTelemetry:
    """Tells a collector of runs. Implements ``Telemetry``.

    Args:
        settings: whether spans hold contents.
        exporter: takes the spans; the standard one over HTTP, whose place the variables name.
    """

    def __init__(self, settings: TelemetrySettings, exporter: SpanExporter | None = None) -> None:
        self._exporter = _Once(exporter if exporter is not None else _over_http())
        ids = RunIds()
        self._provider = TracerProvider(id_generator=ids, shutdown_on_exit=False)
        self._processor = BatchSpanProcessor(self._exporter, max_queue_size=MOST_WAITING)
        self._provider.add_span_processor(self._processor)
        self._spans = SessionSpans(self._provider, ids, content=settings.content)

    async def ended(self, ledger: Ledger, run_id: str, since: int) -> None:
        """Make spans of what a run did after an event; they are sent in the background."""
        try:
            events = [event async for event in ledger.events(run_id)]
            calls = await model_calls(ledger.events(run_id))
            self._spans.make(run_id, events, calls, since)
        except Exception as error:  # noqa: BLE001 - no run may end otherwise because nobody could be told of it
            log.warning("no spans are made of run %s: %s: %s", run_id, type(error).__name__, error)

    async def close(self) -> None:
        """Send what is left, for two seconds at most."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        # a collector that does not answer is left when the time is up, which ends the exporter's own retries
        late = threading.Timer(0.0 if self._exporter.failed else LAST_SECONDS, self._exporter.give_up)
        late.daemon = True
        late.start()
        self._provider.shutdown()
        late.cancel()
        late.join()


class _Once(SpanExporter):
    """Says once that spans are not taken."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self._down = threading.Lock()
        self._closed = False
        self.failed = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Pass spans on."""
        if self._closed:
            return SpanExportResult.FAILURE
        result = self._inner.export(spans)
        if result is not SpanExportResult.SUCCESS and not self.failed:
            self.failed = True
            log.warning(
                "the collector of OpenTelemetry takes no spans; runs go on without (OTEL_EXPORTER_OTLP_ENDPOINT)"
            )
        return result

    def give_up(self) -> None:
        """Close the exporter, and end what it is about."""
        with self._down:
            if not self._closed:
                self._closed = True
                self._inner.shutdown()

    def shutdown(self) -> None:
        """Close the exporter."""
        self.give_up()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Return True: nothing is held here."""
        return True


def _over_http() -> SpanExporter:
    # it tells each of its attempts, and we say once what matters
    logging.getLogger("opentelemetry.exporter").setLevel(logging.CRITICAL)
    logging.getLogger("opentelemetry.sdk.trace.export").setLevel(logging.CRITICAL)
    return OTLPSpanExporter()
