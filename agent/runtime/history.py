"""Reading runs back: their state at any event."""

from agent.domain.view import RunView
from agent.ledger.store import Ledger


async def read_view(ledger: Ledger, run_id: str, *, until: int | None = None) -> RunView:
    """Return the state of a run after its event ``until``, or its newest."""
    view = RunView()
    async for event in ledger.events(run_id, until=until):
        view.apply(event)
    return view
