"""Files that pages handed over are known again when a run is taken up, but for those that were refused."""

from agent.domain.messages import ToolOutcome
from agent.domain.task import Task, WorkspaceFile
from agent.execution.downloads import HAND_OVER, handed_over
from agent.ledger.effects import RunLedger
from agent.ledger.store import Ledger


async def test_only_files_that_were_accepted_are_put_back(ledger: Ledger) -> None:
    run_id = await ledger.create(Task(goal="browse"))
    lease = await ledger.leases.claim(run_id, "first")
    run = RunLedger(ledger, run_id, fence=lease.fence)
    await run.load()
    outcomes = {"kept": ToolOutcome(text="kept"), "refused": ToolOutcome(ok=False, error="refused", text="too long")}
    for name, outcome in outcomes.items():
        file = WorkspaceFile(path=f"downloads/{name}", sha256="0" * 64, size=1)

        async def perform(outcome: ToolOutcome = outcome) -> ToolOutcome:
            return outcome

        request = {"tool": HAND_OVER, "arguments": {"files": [file.model_dump()]}}
        await run.effect(f"{name}/{HAND_OVER}", "tool", request, ToolOutcome, perform)
    await run.flush()

    again = RunLedger(ledger, run_id, fence=None, mode="replay")
    await again.load()
    assert [file.path for file in await handed_over(again)] == ["downloads/kept"]
