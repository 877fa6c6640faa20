"""What scorers of a batch act with: its kept scores, and where they may act, sandboxes and models."""

from pathlib import Path

from agent.ledger.store import Ledger
from agent.models.asking import Models
from agent.runtime.alone import ModelsAlone
from agent.runtime.options import RunOptions
from agent.runtime.services import ConfiguredServices
from evals.batch.order import BatchOrder, batches_folder
from evals.scorers.acting import Acting, Means
from evals.scorers.agreement import Agreements
from evals.scorers.kept import KeptScores
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
        services: what opens sandboxes and models; None where only what is kept is to be told. Only who holds the
            batch's folder may give them, since then scores are written there.
        again: act even where a score is kept.

    Raises:
        LedgerUnavailable: what is kept cannot be read.
    """
    return Acting(
        ledger,
        suite,
        KeptScores(batches_folder(home) / order.id),
        agreements=Agreements(home),
        judge=order.judge,
        means=None if services is None else means_of(services, ledger, order.options.sandbox),
        again=again,
    )


def means_of(services: ConfiguredServices, ledger: Ledger, sandbox: str | None = None) -> Means:
    """Return what checks and judges act with; ``sandbox`` is the kind of sandbox, None as the settings say."""
    # a check has nothing to look for outside, whatever its run had
    options = RunOptions(sandbox=sandbox, egress="none")

    async def opened(name: str) -> Sandbox | None:
        return await services.open_sandbox(options, name, own_tools=False, keep=False)

    async def models(name: str) -> Models:
        return ModelsAlone(await services.models(RunOptions(model=name)), ledger.blobs)

    return Means(opened, models)
