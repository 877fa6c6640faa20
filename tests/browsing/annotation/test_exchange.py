# ruff: noqa: RUF001 - the marks of references are WebCPM's own
"""Recorded sessions go out in each format, come back, and are the same; WebCPM's own come in as far as they tell."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.browsing.annotation.exports import FORMATS, PIPELINE_FILES, exported, format_of, record_of
from agent.browsing.annotation.imports import imported
from agent.browsing.annotation.record import RecordedSession, profile_of
from agent.browsing.annotation.scoring import prediction_scores, record_scores, session_scores, told
from agent.browsing.webcpm.interactive import InteractiveFile, InteractiveRecord, read_interactive
from agent.browsing.webcpm.pipeline import AbstractRecord, AnswerRecord, QueryRecord, read_lines
from agent.browsing.webcpm.training import ChatExample
from agent.domain.errors import UsageError
from agent.domain.task import BrowseLimits, BrowseOrder
from agent.ledger.store import Ledger
from agent.runtime.imported import import_session
from agent.runtime.settings import Settings
from tests.browsing.annotation.seats import NORTH, QUESTION, seated
from tests.studio import assert_replays

LINES = (
    *("s valves north works valves", "o 3", "u", "o 1", "j", "t", "f taps", "k", "q 2", "l 1"),
    *('q "980 pumps"', "b", "r E2 E1", "d E2", "u", "m E1 E2", "s pumps", "u"),
    "a The north works made 1,234 green valves in 2021 [E3].",
)


async def recorded(ledger: Ledger, folder: Path, *, order: BrowseOrder | None = None) -> RecordedSession:
    """Return the record of a session in which everything was done that a person can do without a browser."""
    async with seated(ledger, folder, order=order) as seat:
        state = await seat.does(*LINES)
        await seat.runner.wait(state.run_id)
    return await RecordedSession.open(ledger, state.run_id)


def without_times(record: InteractiveRecord) -> dict[str, Any]:
    """Return a record without when it was made and what it is called."""
    found = record.model_dump(by_alias=True, exclude={"id": True, "actions": {"__all__": {"triggerAt", "traceId"}}})
    assert found["actions"]
    return found


async def test_an_exported_session_is_the_same_after_its_import(ledger: Ledger, folder: Path, tmp_path: Path) -> None:
    session = await recorded(ledger, folder)
    path = tmp_path / "out.json"
    path.write_text((await exported([session], "webcpm-interactive"))[""], "utf-8")
    (record,) = read_interactive(path).data
    assert all(action.triggerAt > 1_700_000_000_000 for action in record.actions[1:])

    other = await Ledger.open(tmp_path / "other")
    found = await imported(record)
    run_id, report = await import_session(other, Settings(), found)
    again = await RecordedSession.open(other, run_id)

    assert (run_id, found.refused) == (session.run_id, 0)
    assert [step.name for step in again.session.state.history] == [step.name for step in session.session.state.history]
    assert again.session.state.kept == session.session.state.kept
    assert without_times(await record_of(again)) == without_times(record)
    assert report is not None
    assert [evidence.id for evidence in report.evidence] == ["E1", "E2"]
    await assert_replays(other, run_id, tmp_path / "replay")
    with pytest.raises(UsageError, match="already in this ledger"):
        await import_session(other, Settings(), found)
    await other.close()


@pytest.mark.parametrize("profile", ["default", "webcpm"])
async def test_each_format_loads_back(ledger: Ledger, folder: Path, tmp_path: Path, profile: str) -> None:
    lines = LINES if profile == "default" else tuple(line for line in LINES if line[0] not in "lmrd")
    async with seated(ledger, folder, order=BrowseOrder(profile=profile)) as seat:
        state = await seat.does(*(line for line in lines[:8]), "q 2", "a The north works made 1,234 valves [E1].")
        await seat.runner.wait(state.run_id)
    session = await RecordedSession.open(ledger, state.run_id)
    texts = {form: await exported([session, session], form) for form in FORMATS}

    file = InteractiveFile.model_validate_json(texts["webcpm-interactive"][""])
    assert file.dump() == texts["webcpm-interactive"][""]
    assert [record.answer for record in file.data] == ["The north works made 1,234 valves 【1】."] * 2
    kinds: tuple[type[QueryRecord | AbstractRecord | AnswerRecord], ...] = (QueryRecord, AbstractRecord, AnswerRecord)
    for name, kind in zip(PIPELINE_FILES, kinds, strict=True):
        path = tmp_path / name
        path.write_text(texts["webcpm-pipeline"][name], "utf-8")
        assert [row.question for row in read_lines(path, kind)] == [QUESTION] * 2
    chat = [ChatExample.model_validate_json(line) for line in texts["chat-jsonl"][""].splitlines()]
    assert chat[0].messages[0]["role"] == "system"
    assert [example.messages[-1]["tool_calls"][0]["function"]["name"] for example in chat].count("finish") == 2
    with pytest.raises(UsageError, match="choose one of webcpm-interactive"):
        format_of("csv")


async def test_an_export_holds_what_is_different_in_the_limits_of_its_session(ledger: Ledger, folder: Path) -> None:
    order = BrowseOrder(profile="default", limits=BrowseLimits(window_characters=400, quotes=3))
    session = await recorded(ledger, folder, order=order)
    found = await imported(await record_of(session))
    assert found.order.limits == order.limits
    assert found.session.state.profile == session.session.state.profile
    assert session.session.state.profile.quotes == 3


async def test_limits_that_no_session_can_have_are_refused_in_one_line() -> None:
    with pytest.raises(UsageError, match="cannot have these limits"):
        profile_of("default", BrowseLimits(window_characters=1))


async def test_an_export_whose_page_was_changed_is_refused(ledger: Ledger, folder: Path) -> None:
    record = await record_of(await recorded(ledger, folder))
    text = InteractiveFile(data=(record,)).dump().replace("1,234 green valves in 2021.", "9,999 green valves in 2021.")
    (changed,) = InteractiveFile.model_validate_json(text).data

    with pytest.raises(UsageError, match="is not the one that was exported"):
        await imported(changed)


def foreign(**changes: Any) -> InteractiveRecord:
    """Return a record as WebCPM's own recorder makes them."""
    info = {"title": "North works", "type": "page", "href": NORTH.url, "scrollTop": 0}
    rows = [{"title": "North works", "href": NORTH.url, "summary": "valves"}]
    digest = {"datas": [{"title": "North works", "desc": "1,234 green valves", "chunkIndex": 0}], "checked": True}
    actions = [
        {"action": "RECORD_START"},
        {"action": "PRESS_SEARCH", "details": {"keyword": "valves", "result": rows}, "triggerAt": 1_650_969_909_468},
        {"action": "LOAD_PAGE_DETAIL-0", "details": {"href": NORTH.url, "pageMainContent": NORTH.text}},
        {"action": "TRIGGER_SCROLL_DOWN", "currentPageInfo": info},
        {"action": "TRIGGER_SCROLL_TO_TOP", "currentPageInfo": info},
        {"action": "ADD_DIGEST", "details": {"text": "1,234 green valves"}, "digests": [digest]},
        {"action": "ADD_DIGEST", "details": {"text": "9,999 green valves"}, "digests": [digest, digest]},
        {"action": "RECORD_CLOSE", "digests": [digest, digest]},
    ]
    row = {"_id": "626778b5f1", "question": QUESTION, "answer": "1,234<1>.", "digests": [digest, digest]}
    return InteractiveRecord.model_validate({**row, "actions": actions, **changes})


async def test_a_record_of_webcpms_recorder_comes_in_and_what_is_not_on_its_pages_is_refused(
    ledger: Ledger, tmp_path: Path
) -> None:
    found = await imported(foreign())
    run_id, report = await import_session(ledger, Settings(), found)
    state = (await RecordedSession.open(ledger, run_id)).session.state

    assert (run_id, found.refused, state.profile.name) == ("626778b5f1", 1, "webcpm")
    names = "search open scroll scroll quote quote finish"
    assert [step.name for step in state.history] == names.split()
    assert [kept.text for kept in state.kept] == ["1,234 green valves"]
    assert state.answer == "1,234[E1]."
    assert report is not None
    path = tmp_path / "in.json"
    path.write_text(InteractiveFile(data=(foreign(),)).dump(), "utf-8")
    (scores,) = await record_scores(path, {})
    # two were recorded, and one of them stands on no page
    assert (scores.citations.valid, scores.citations.quotes, scores.refused) == (1, 2, 1)


@pytest.mark.parametrize("moment", [10**18, -(10**15), 10**400], ids=["far", "before", "huge"])
async def test_a_moment_that_is_no_time_counts_as_unknown(moment: int) -> None:
    actions = [action.model_copy(update={"triggerAt": moment}) for action in foreign().actions]
    found = await imported(foreign().model_copy(update={"actions": tuple(actions)}))
    opened = found.steps[1].coming.page
    assert opened is not None
    assert opened.fetched_at.year == 2022


async def test_a_record_that_breaks_off_waits_for_a_person(ledger: Ledger) -> None:
    whole = foreign()
    found = await imported(whole.model_copy(update={"actions": whole.actions[:4], "id": "not a run id!"}))
    run_id, report = await import_session(ledger, Settings(), found)

    assert report is None
    assert (await ledger.find(run_id)).status == "waiting"


@pytest.mark.parametrize(
    "actions",
    [
        [{"action": "PRESS_SEARCH"}],
        [{"action": "LOAD_PAGE_DETAIL-2"}],
        [{"action": "MERGE_DIGEST"}, {"action": "PAGE_GO_BACK"}, {"action": "ADD_DIGEST"}],
        [{"action": "PLUMBLINE_TELEPORT"}, {"action": "SOMETHING_ELSE", "details": {"x": 1}}],
        [{"action": "PRESS_SEARCH", "details": {"keyword": "x", "result": ["no row", {"title": 3}]}}],
        [{"action": "RECORD_CLOSE"}, {"action": "PRESS_SEARCH", "details": {"keyword": "x"}}],
        [{"action": "PRESS_SEARCH", "details": {"keyword": "x" * 9000}}] * 120,
        [{"action": "PRESS_SEARCH", "details": {"keyword": "x"}}] * 120,
    ],
)
async def test_records_that_make_no_sense_are_taken_as_far_as_they_do(actions: list[dict[str, Any]]) -> None:
    found = await imported(foreign(actions=actions))

    assert len(found.session.state.history) == len(found.steps)
    assert found.session.state.used <= 100
    assert all(step.note for step in found.session.state.history)


async def test_scores_compare_with_a_reference_and_count_what_is_cited(ledger: Ledger, folder: Path) -> None:
    session = await recorded(ledger, folder)
    trail = session.session.trail
    reference = told(trail)
    same = session_scores("run", trail, {QUESTION: reference})
    other = session_scores("run", trail, {QUESTION: reference.model_copy(update={"answer": "nothing alike"})})
    alone = session_scores("run", trail, {})

    assert same.likeness is not None
    assert (same.likeness.query, same.likeness.fact, same.likeness.answer) == (1, 1, 1)
    assert other.likeness is not None
    assert (other.likeness.fact, other.likeness.answer) == (1, 0)
    assert alone.likeness is None
    assert (alone.citations.quotes, alone.citations.valid) == (2, 2)
    assert (alone.citations.sentences, alone.citations.cited, alone.citations.supported) == (1, 1, 1)


def test_predictions_are_scored_by_both_rules_and_their_words_by_rouge_l(tmp_path: Path) -> None:
    def row(gold: str, predicted: str, left: int) -> str:
        source = f"问题：\n多少？\n摘要：\n\n剩余操作步数：{left}"
        return json.dumps({"instance": [{"source": source}], "answer": gold, "decode_tokens": predicted})

    path = tmp_path / "test_output.json"
    rows = [row("搜索；北厂 阀门", "搜索；北厂", 100), row("下翻", "下翻", 99), row("新增摘要；甲乙", "返回", 98)]
    path.write_text("\n".join(rows), "utf-8")
    scores = prediction_scores(path)

    ours, theirs = scores.actions
    assert (ours.counted, ours.right) == (3, 2)
    assert (theirs.counted, theirs.left_out) == (2, 1)
    assert (scores.queries, scores.facts) == (1, 0)
    assert scores.query_rouge_l == pytest.approx(2 * 1 * 0.5 / 1.5)
