"""Recorded sessions that ship with the product: each replays without a network, and goes out and in in every format."""

import json
from pathlib import Path

import pytest

from agent.browsing.annotation.exports import FORMATS, PIPELINE_FILES, exported
from agent.browsing.annotation.imports import imported
from agent.browsing.annotation.record import RecordedSession
from agent.browsing.annotation.scoring import session_scores
from agent.browsing.webcpm.interactive import InteractiveFile
from agent.browsing.webcpm.pipeline import AbstractRecord, AnswerRecord, QueryRecord, read_lines
from agent.browsing.webcpm.training import ChatExample
from agent.ledger.cassette import import_run
from agent.ledger.store import Ledger
from agent.runtime.history import read_view
from agent.runtime.imported import import_session
from agent.runtime.replay import replayed_report
from agent.runtime.settings import Settings

FOLDER = Path(__file__).parent / "cassettes"
CASSETTES = sorted(FOLDER.glob("*.jsonl"))
LARGEST = 300_000
"""Bytes of a cassette that ships."""

pytestmark = pytest.mark.skipif(not CASSETTES, reason="tests/browsing/cassettes holds no recorded session yet")


@pytest.mark.parametrize("cassette", CASSETTES, ids=lambda path: path.stem)
async def test_a_shipped_session_replays_and_is_the_same_in_and_out(
    ledger: Ledger, cassette: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOW_MODEL_REQUESTS", "0")
    assert cassette.stat().st_size < LARGEST
    run = await import_run(ledger, cassette)
    recorded = (await read_view(ledger, run.run_id)).report
    assert recorded is not None
    assert await replayed_report(ledger, run.run_id) == recorded

    session = await RecordedSession.open(ledger, run.run_id)
    trail = session.session.trail
    assert trail[-1].ended is not None
    scores = session_scores(run.run_id, trail, {}).citations
    assert (scores.valid, scores.cited) == (scores.quotes, scores.sentences)

    texts = {form: await exported([session], form) for form in FORMATS}
    file = InteractiveFile.model_validate_json(texts["webcpm-interactive"][""])
    assert file.dump() == texts["webcpm-interactive"][""]
    kinds: tuple[type[QueryRecord | AbstractRecord | AnswerRecord], ...] = (QueryRecord, AbstractRecord, AnswerRecord)
    for name, kind in zip(PIPELINE_FILES, kinds, strict=True):
        path = tmp_path / name
        path.write_text(texts["webcpm-pipeline"][name], "utf-8")
        assert {row.question for row in read_lines(path, kind)} == {recorded.goal}
    chat = [ChatExample.model_validate_json(line) for line in texts["chat-jsonl"][""].splitlines()]
    assert chat[-1].messages[-1]["tool_calls"][0]["function"]["name"] in ("finish", "reject")

    other = await Ledger.open(tmp_path / "other")
    run_id, report = await import_session(other, Settings(), await imported(file.data[0]))
    again = await RecordedSession.open(other, run_id)
    assert again.session.state.kept == trail[-1].kept
    assert again.session.state.history == trail[-1].history
    assert report is not None
    assert (report.answer, report.claims, report.evidence) == (recorded.answer, recorded.claims, recorded.evidence)
    await other.close()


@pytest.mark.parametrize("cassette", CASSETTES, ids=lambda path: path.stem)
def test_a_shipped_session_names_no_place_of_the_machine_it_was_made_on(cassette: Path) -> None:
    pages = [
        event["payload"]["result"]["page"]["final_url"]
        for event in map(json.loads, cassette.read_text("utf-8").splitlines())
        if event["line"] == "event" and (event["payload"].get("result") or {}).get("page")
    ]

    assert pages
    assert all(page.startswith("/srv/aldwater/") for page in pages)
