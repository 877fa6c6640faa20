"""Opens telemetry where the settings want it; nothing of OpenTelemetry is loaded before."""

from typing import Protocol

from agent.domain.errors import ConfigurationError
from agent.ledger.store import Ledger
from agent.runtime.telemetry.settings import TelemetrySettings


class Telemetry(Protocol):
    """Is told of runs after the fact, from their events."""

    async def ended(self, ledger: Ledger, run_id: str, since: int) -> None:
        """Take notice that a process has left a run, for now or for good; ``since`` is where it took it up."""

    async def close(self) -> None:
        """Send what is left, and free what is held."""


def open_telemetry(settings: TelemetrySettings) -> Telemetry | None:
    """Return what sends spans; None where none are wanted.

    Raises:
        ConfigurationError: its libraries are not installed.
    """
    if not settings.enabled:
        return None
    try:
        from agent.runtime.telemetry.sending import OpenTelemetry
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "opentelemetry":
            raise
        raise ConfigurationError(
            "telemetry needs OpenTelemetry; install it with: pip install 'plumbline-agent[otel]', "
            "or set telemetry.enabled = false"
        ) from error
    return OpenTelemetry(settings)
