"""Whether spans are sent, and what is in them."""

from agent.domain.base import Form


class TelemetrySettings(Form):
    """Spans of runs for OpenTelemetry. Where they go is said by the standard variables ``OTEL_EXPORTER_OTLP_*``.

    Attributes:
        enabled: spans are made and sent; without it nothing of OpenTelemetry is loaded.
        content: spans hold what was said to models and tools, and what came back, redacted as the ledger is.
    """

    enabled: bool = False
    content: bool = False
