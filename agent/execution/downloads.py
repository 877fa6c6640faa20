"""Files that pages handed over, on their way into the run's workspace."""

from collections.abc import Sequence

from agent.browsing.page import Download
from agent.browsing.state import BrowseState
from agent.domain.messages import ToolOutcome
from agent.domain.task import WorkspaceFile, workspace_path
from agent.execution.context import RunContext
from agent.ledger.effects import RunLedger

FOLDER = "downloads"
HAND_OVER = "hand_over"
"""Name under which handing over is recorded."""

_LONGEST_NAME = 240
"""Bytes of a file's own name."""


def downloads_of(trail: Sequence[BrowseState]) -> tuple[WorkspaceFile, ...]:
    """Return the files that came in a session, in order, by their paths in the workspace."""
    pages = (state.page.page for state in trail if state.page is not None)
    files = (_placed(download) for page in pages for download in page.downloads)
    return tuple({file.path: file for file in files}.values())


async def hand_over(run: RunContext, branch: str, files: Sequence[WorkspaceFile]) -> ToolOutcome:
    """Put files into the workspace, once, under a key of the branch that they came in.

    Raises:
        SandboxUnavailable: the run's sandbox was lost.
    """
    request = {
        "tool": HAND_OVER,
        "arguments": {"files": [file.model_dump() for file in files]},
        "where": "host",
        "effects": ["writes"],
    }
    return await run.ledger.effect(f"{branch}/{HAND_OVER}", "tool", request, ToolOutcome, lambda: run.hand(files))


async def handed_over(ledger: RunLedger) -> tuple[WorkspaceFile, ...]:
    """Return the files that were put into the workspace before the run was loaded; none that was refused."""
    files: list[WorkspaceFile] = []
    for key, request in await ledger.done_requests("tool"):
        if request["tool"] != HAND_OVER:
            continue
        done = await ledger.recorded(key)
        if done is not None and done["result"]["ok"]:
            files += [WorkspaceFile.model_validate(file) for file in request["arguments"]["files"]]
    return tuple(files)


def _placed(download: Download) -> WorkspaceFile:
    """Return where a file goes: two of one name do not take each other's place, and none takes that of another file."""
    try:
        # file systems count bytes
        end = download.name[-200:].encode("utf-8", "surrogatepass")[-_LONGEST_NAME:].decode("utf-8", "ignore")
        name = workspace_path(end).replace("/", "-")
    except ValueError:
        name = "file"
    return WorkspaceFile(path=f"{FOLDER}/{download.sha256[:8]}-{name}", sha256=download.sha256, size=download.size)
