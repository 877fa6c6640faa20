"""A run's record that somebody has changed is told in one line, and never ends in a traceback."""

import hashlib
from pathlib import Path

import orjson
import pytest

from agent.browsing.annotation.record import RecordedSession
from agent.domain.errors import LedgerUnavailable, ReplayDivergence
from agent.domain.task import BrowseOrder, Task
from agent.ledger.cassette import export_run, import_run
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import ScriptedModel
from agent.runtime.history import read_view
from agent.runtime.verifying import verify_kept
from tests.browsing.annotation.seats import QUESTION, world
from tests.studio import StudioServices, studio


@pytest.fixture
async def cassette(ledger: Ledger, folder: Path) -> list[bytes]:
    """The lines of a browsing run's cassette, without the last."""
    script = [call("search", query="north works valves"), call("open", result=1), call("reject", reason="no")]
    async with studio(ledger, StudioServices(ScriptedModel(script), folder, browsed=world())) as runner:
        run_id = await runner.start(Task(goal=QUESTION, browse=BrowseOrder(seat="model")))
        await runner.wait(run_id)
    return [line async for line in export_run(ledger, run_id)][:-1]


async def altered(lines: list[bytes], before: bytes, after: bytes, folder: Path, *, kind: str) -> tuple[Ledger, str]:
    """Return a ledger with a run in whose events of a kind something was changed, with a cassette signed for again."""
    mark = f'"kind":"{kind}"'.encode()
    changed = [line.replace(before, after) if mark in line else line for line in lines]
    assert changed != lines
    end = {"line": "end", "lines": len(lines), "sha256": hashlib.sha256(b"".join(changed)).hexdigest()}
    path = folder / "altered.jsonl"
    path.write_bytes(b"".join(changed) + orjson.dumps(end) + b"\n")
    ledger = await Ledger.open(folder / "altered")
    return ledger, (await import_run(ledger, path)).run_id


async def test_a_page_that_no_page_can_be_leaves_its_session_unverified(cassette: list[bytes], tmp_path: Path) -> None:
    ledger, run_id = await altered(cassette, b'"tier":"text"', b'"tier":"bad"', tmp_path, kind="tool")
    with pytest.raises(ReplayDivergence, match=r"is not as this version writes it: page\.tier: Input should be"):
        await RecordedSession.open(ledger, run_id)
    assert not (await verify_kept(ledger, run_id)).good
    await ledger.close()


async def test_a_step_without_a_name_is_told(cassette: list[bytes], tmp_path: Path) -> None:
    ledger, run_id = await altered(cassette, b'"name":"open"', b'"nume":"open"', tmp_path, kind="action")
    with pytest.raises(ReplayDivergence, match=r"step 2 of run .* is not as this version writes it: name: Field"):
        await RecordedSession.open(ledger, run_id)
    await ledger.close()


async def test_a_call_without_a_name_is_told(cassette: list[bytes], tmp_path: Path) -> None:
    ledger, run_id = await altered(cassette, b'"name":"search"', b'"nume":"search"', tmp_path, kind="model")
    with pytest.raises(LedgerUnavailable, match=r"event \d+ of run .* is not as this version writes it"):
        await read_view(ledger, run_id)
    await ledger.close()
