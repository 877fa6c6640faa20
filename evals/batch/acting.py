"""What scorers of a batch act with: its kept scores, and where they may act, sandboxes."""

from pathlib import Path

from agent.ledger.store import Ledger
from agent.runtime.options import RunOptions
from agent.runtime.services import ConfiguredServices
from evals.batch.order import BatchOrder, batches_folder
from evals.scorers.acting import Acting
from evals.scorers.kept import KeptScores
from evals.scorers.programs import OpenSandbox
from evals.suite.definition import Suite
from toolserver.client import Sandbox


def acts_of(
    order: BatchOrder,
    suite: Suite,
    ledger: Ledger,
    home: Path,
    services: ConfiguredServices | None = None,
    *,
    again: bool = False,
) -> Acting:
    """Return what speaks for the scorers of a batch that act.

    Args:
        order: the batch.
        suite: of the batch.
        ledger: where its runs are.
        home: the data folder.
        services: what opens sandboxes; None where only what is kept is to be told. Only who holds the batch's folder
            may give them, since then scores are written there.
        again: act even where a score is kept.

    Raises:
        LedgerUnavailable: what is kept cannot be read.
    """
    kept = KeptScores(batches_folder(home) / order.id)
    return Acting(ledger, suite.folder, kept, None if services is None else _opener(services, order), again=again)


def _opener(services: ConfiguredServices, order: BatchOrder) -> OpenSandbox:
    # a check has nothing to look for outside, whatever its run had
    options = RunOptions(sandbox=order.options.sandbox, egress="none")

    async def opened(name: str) -> Sandbox | None:
        return await services.open_sandbox(options, name, own_tools=False, keep=False)

    return opened
