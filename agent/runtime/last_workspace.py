"""Brings a workspace to how a run left its own, from what the ledger has of it."""

from collections.abc import Sequence

from agent.domain.errors import NotInRun
from agent.domain.report import Report
from agent.domain.task import Task, WorkspaceFile
from agent.ledger.effects import RunLedger
from agent.ledger.store import Ledger
from agent.runtime.run_files import newest_snapshot
from toolserver.client import Sandbox, Snapshot


async def fill_as_left(ledger: Ledger, run_id: str, report: Report, sandbox: Sandbox) -> tuple[str, ...]:
    """Fill an empty workspace with what a run left, and return what could not be kept of it, in a line each.

    The newest snapshot is what is taken, with the files of the report over it; without a snapshot what was given.

    Raises:
        NotInRun: what the run left was not kept.
        LedgerUnavailable: it cannot be read.
        ToolServerError: the sandbox does not take it.
    """
    task, _ = await ledger.created(run_id)
    _, snapshot = await newest_snapshot(ledger, run_id)
    if snapshot is None:
        if await _worked_on(ledger, run_id):
            raise NotInRun(f"the files that run {run_id} left were not kept")
        await _upload(ledger, sandbox, [file for file in _given(task) if file.path not in report.removed])
    elif not await snapshot.complete_in(ledger.blobs):
        raise NotInRun(f"the files that run {run_id} left are not here")
    else:
        await sandbox.restore(snapshot, ledger.blobs)
    there = {entry.path: entry.sha256 for entry in snapshot.entries} if snapshot is not None else {}
    made = [WorkspaceFile(path=one.path, sha256=one.sha256, size=one.size) for one in report.artefacts]
    await _upload(ledger, sandbox, [file for file in made if there.get(file.path) != file.sha256])
    return _left_out(snapshot)


def _given(task: Task) -> tuple[WorkspaceFile, ...]:
    return (*task.files, *(task.setup.files if task.setup is not None else ()))


async def _upload(ledger: Ledger, sandbox: Sandbox, files: Sequence[WorkspaceFile]) -> None:
    for file in files:
        await sandbox.upload(file.path, await ledger.blobs.get(file.sha256))


async def _worked_on(ledger: Ledger, run_id: str) -> bool:
    """Whether a run made calls that may have changed its workspace."""
    record = RunLedger(ledger, run_id, fence=None, mode="replay")
    await record.load()
    requests = [request for _, request in await record.done_requests("tool")]
    return any(
        request["where"] == "sandbox" and not {"writes", "executes"}.isdisjoint(request["effects"])
        for request in requests
    )


def _left_out(snapshot: Snapshot | None) -> tuple[str, ...]:
    return tuple(f"{left.path}: {left.reason}" for left in snapshot.left_out) if snapshot is not None else ()
