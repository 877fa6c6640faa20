"""What a run's sandbox asks of the outside, as events of the run."""

import asyncio
import contextlib

from agent.domain.errors import LeaseLost, LedgerUnavailable
from agent.ledger.lease import Lease
from agent.ledger.store import Ledger
from toolserver.client import EgressEvent


class EgressRecord:
    """Writes requests to a run's ledger. They are facts that no re-run asks for, so they have no key."""

    def __init__(self, ledger: Ledger, lease: Lease) -> None:
        self._ledger = ledger
        self._lease = lease
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, event: EgressEvent) -> None:
        """Have a request written."""
        task = asyncio.ensure_future(self._write(event))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def flush(self) -> None:
        """Wait until everything noted is written."""
        if self._writing:
            await asyncio.wait(self._writing)

    async def _write(self, event: EgressEvent) -> None:
        payload = {"line": event.line(), "request": event.model_dump(mode="json")}
        # a run that may not write, or cannot, meets that at its own next event
        with contextlib.suppress(LeaseLost, LedgerUnavailable):
            await self._ledger.append(self._lease.run_id, self._lease.fence, "egress", None, "fact", payload)
