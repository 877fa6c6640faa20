"""Reading runs back: their state at any event."""

from agent.domain.errors import LedgerUnavailable
from agent.domain.events import Event
from agent.domain.report import Report
from agent.domain.view import RunView
from agent.ledger.looking import newest_of_kind
from agent.ledger.store import Ledger


async def read_view(ledger: Ledger, run_id: str, *, until: int | None = None) -> RunView:
    """Return the state of a run after its event ``until``, or its newest.

    Raises:
        LedgerUnavailable: an event is not as it is written.
    """
    view = RunView()
    async for event in ledger.events(run_id, until=until):
        apply(view, event)
    return view


async def report_of(ledger: Ledger, run_id: str) -> tuple[Report, int] | None:
    """Return the report of a run with the number of its event; None where there is none yet. Reads no other event.

    Raises:
        LedgerUnavailable: the event is not as it is written.
    """
    async for event in newest_of_kind(ledger, run_id, "report", limit=1):
        view = RunView()
        apply(view, event)
        return None if view.report is None else (view.report, event.seq)
    return None


def apply(view: RunView, event: Event) -> None:
    """Move a run's state on by one event. What comes with a cassette may be anything.

    Raises:
        LedgerUnavailable: the event is not as it is written.
    """
    try:
        view.apply(event)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LedgerUnavailable(
            f"event {event.seq} of run {event.run_id} is not as this version writes it; "
            f"get the run's cassette again from where it was recorded"
        ) from error
