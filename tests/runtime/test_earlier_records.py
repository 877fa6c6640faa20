"""Runs recorded before claims were checked by the chain: they load and show, and say why they do not replay."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.domain.errors import ReplayDivergence
from agent.domain.messages import Reply
from agent.domain.task import Task, WorkspaceFile
from agent.ledger.cassette import export_run, import_run
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import ScriptedModel
from agent.runtime.history import read_view
from agent.runtime.runner import Runner
from agent.runtime.settings import Settings
from tests.studio import StudioServices, studio

SAID = "Insulin is produced by the pancreas."
PARAPHRASE = "The pancreas makes insulin."


def judged() -> Reply:
    return call("judge_claim", verdict="supported", quote=SAID, reason="so it says")


def as_before(lines: Sequence[bytes]) -> bytes:
    """Return a cassette as earlier versions wrote it: nothing of the chain's settings, calls and results is in it."""
    kept: list[bytes] = []
    events = 0
    for line in lines[:-1]:
        item = json.loads(line)
        if item["line"] == "event":
            if str(item["key"]).startswith("report/claims/"):
                continue
            events += 1
            item["seq"] = events
            result, report = item["payload"].get("result"), item["payload"].get("report")
            for name in ("checking", "memory", "told") if item["key"] == "setting/0" and result else ():
                result.pop(name, None)
            if report:
                del report["checking"]
        kept.append(json.dumps(item).encode() + b"\n")
    end = {"line": "end", "lines": len(kept), "sha256": hashlib.sha256(b"".join(kept)).hexdigest()}
    return b"".join([*kept, json.dumps(end).encode() + b"\n"])


async def earlier(ledger: Ledger, folder: Path, claim: str, verifier: ScriptedModel) -> tuple[Ledger, str]:
    model = ScriptedModel(
        [
            call("read_file", path="notes.txt"),
            call("submit", answer=claim, claims=[{"text": claim, "evidence": ["root.0.0"]}]),
        ]
    )
    async with studio(ledger, StudioServices(model, folder, roles={"verifier": verifier})) as runner:
        file = WorkspaceFile(path="notes.txt", sha256=await ledger.blobs.put(SAID.encode()), size=len(SAID))
        run_id = await runner.start(Task(goal="Which organ makes insulin?", files=(file,)))
        await runner.wait(run_id)
    (folder / "earlier.jsonl").write_bytes(as_before([line async for line in export_run(ledger, run_id)]))
    other = await Ledger.open(folder / "earlier")
    await import_run(other, folder / "earlier.jsonl")
    return other, run_id


async def test_a_run_whose_claims_asked_no_model_replays_with_its_claims_checked_as_now(
    ledger: Ledger, folder: Path
) -> None:
    other, run_id = await earlier(ledger, folder, SAID, ScriptedModel([]))
    try:
        report, recorded = await Runner(other, StudioServices(ScriptedModel([]), folder), Settings()).replay(run_id)
        assert recorded is not None
        assert (recorded.checking, report.outcome) == (None, recorded.outcome)
        assert report.model_copy(update={"checking": None}) == recorded
    finally:
        await other.close()


async def test_one_whose_verifier_was_asked_shows_and_says_why_it_does_not_replay(ledger: Ledger, folder: Path) -> None:
    other, run_id = await earlier(ledger, folder, PARAPHRASE, ScriptedModel([judged()]))
    try:
        shown = (await read_view(other, run_id)).report
        assert shown is not None
        assert [one.verdict for one in shown.claims] == ["supported"]
        with pytest.raises(ReplayDivergence, match="recorded by an earlier version, which checked claims otherwise"):
            await Runner(other, StudioServices(ScriptedModel([]), folder), Settings()).replay(run_id)
    finally:
        await other.close()
