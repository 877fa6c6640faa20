# ruff: noqa: RUF001 - the marks of references are WebCPM's own
import json
from pathlib import Path

import pytest

from agent.browsing.actions import (
    Action,
    Back,
    Drop,
    Find,
    Finish,
    Merge,
    Open,
    Quote,
    Reorder,
    Scroll,
    Search,
    Undo,
    parse_action,
)
from agent.browsing.errors import FetchFailed
from agent.browsing.page import Page
from agent.browsing.session import Session
from agent.browsing.testing import FakeSearch, FakeWeb, MemoryEffects, page_of
from agent.browsing.webcpm.interactive import (
    InteractiveFile,
    interactive_record,
    read_interactive,
    references,
)
from agent.browsing.webcpm.pipeline import (
    AbstractRecord,
    AnswerRecord,
    PipelineResult,
    QueryRecord,
    dump_lines,
    pipeline_records,
    read_lines,
)
from agent.browsing.webcpm.training import ChatExample, chat_examples, dump_examples
from agent.domain.errors import UsageError

NORTH = page_of("北厂于2021年生产了1234个绿色阀门。" * 40 + "该厂后来出售。", url="https://example.org/n", title="北厂")
SOUTH = page_of("南厂生产了980台水泵。原因不明。", url="https://example.org/s", title="南厂")
DONE: tuple[Action, ...] = (
    Search(query="北厂阀门"),
    Open(result=2),
    Open(result=1),
    Find(text="出售"),
    Quote(text="该厂后来出售。"),
    Quote(first=1),
    Quote(text="不在页面上的话"),
    Quote(first=2),
    Drop(quote="E3"),
    Undo(),
    Reorder(quotes=["E3", "E2", "E1"]),
    Merge(quotes=["E2", "E1"]),
    Back(),
    Scroll(direction="down"),
    Finish(answer="1234个[E4]。"),
)


@pytest.fixture
async def session() -> Session:
    pages: dict[str, Page | FetchFailed] = {NORTH.url: NORTH, SOUTH.url: FetchFailed("not_found", "404")}
    found = Session(
        "生产了多少阀门？",
        fetcher=FakeWeb(pages),
        search=FakeSearch([NORTH, SOUTH]),
        effects=MemoryEffects(),
        seat="person",
    )
    for action in DONE:
        await found.do(action)
    assert found.state.ended == "finished"
    return found


async def test_the_interactive_export_holds_everything_that_was_done_and_loads_back(
    session: Session, tmp_path: Path
) -> None:
    record = interactive_record(session.trail, record_id="r1")
    path = tmp_path / "out.json"
    path.write_text(InteractiveFile(data=(record,)).dump(), encoding="utf-8")

    assert read_interactive(path).data[0] == record
    assert json.loads(path.read_text(encoding="utf-8"))["data"][0]["_id"] == "r1"
    names = "RECORD_START PRESS_SEARCH PLUMBLINE_FAILED LOAD_PAGE_DETAIL-0 PLUMBLINE_FIND ADD_DIGEST ADD_DIGEST"
    names += " ADD_DIGEST PLUMBLINE_DROP PLUMBLINE_UNDO PLUMBLINE_REORDER MERGE_DIGEST PAGE_GO_BACK RECORD_CLOSE"
    assert [action.action for action in record.actions] == names.split()
    assert [action.label for action in record.actions][:4] == ["start", "search", None, "open_1"]
    assert record.answer == "1234个【2】。"
    assert references(record.answer) == (2,)
    assert [len(digest.datas) for digest in record.digests] == [1, 2]


async def test_every_passage_of_an_export_says_where_it_stands(session: Session) -> None:
    record = interactive_record(session.trail, record_id="r1")

    for digest in record.digests:
        for data in digest.datas:
            quote = (data.model_extra or {})["quote"]["quote"]
            assert NORTH.text[quote["start"] : quote["end"]] == data.desc


def test_webcpms_own_minimal_record_loads(tmp_path: Path) -> None:
    info = {"title": "", "type": "", "href": "", "scrollTop": 0}
    action = {"action": "RECORD_START", "details": {}, "digests": [], "keyword": "", "triggerAt": 1650969909468}
    action |= {"stackLength": 0, "step": 0, "traceId": "718dd", "currentPageInfo": info, "unknown": 1}
    row = {"_id": "test_001", "actions": [action], "digests": [], "question": "为什么？", "answer": "未知<1>【2】"}
    path = tmp_path / "in.json"
    path.write_text(json.dumps({"data": [row]}, ensure_ascii=False), encoding="utf-8")
    (record,) = read_interactive(path).data

    assert (record.actions[0].label, references(record.answer)) == ("start", (1, 2))
    assert '"unknown": 1' in InteractiveFile(data=(record,)).dump()
    path.write_text('{"data": [{"question": "q"}]}', encoding="utf-8")
    with pytest.raises(UsageError, match=r"data\.0\._id"):
        read_interactive(path)


async def test_the_pipeline_exports_load_back(session: Session, tmp_path: Path) -> None:
    records = pipeline_records(session.trail)
    path = tmp_path / "lines.jsonl"

    for kind, rows in (
        (QueryRecord, [records.query]),
        (AbstractRecord, records.abstracts),
        (AnswerRecord, [records.answer]),
    ):
        path.write_text(dump_lines(rows), encoding="utf-8")
        assert read_lines(path, kind) == tuple(rows)
    assert records.query.answer == "北厂阀门"
    assert records.answer.answer == "1234个。"
    assert all(abstract in record.page_detail for record in records.abstracts for abstract in record.abstracts[:1])
    path.write_text('{"question": "q", "abstract": ["a"], "href": ["h"], "answer": "x", "answer_add_ref": null}\n')
    assert read_lines(path, PipelineResult)[0].href == ("h",)
    with pytest.raises(UsageError, match=r"line 1 of .* is no AnswerRecord"):
        read_lines(path, AnswerRecord)


async def test_fine_tuning_examples_are_calls_that_were_possible_and_lasted(session: Session) -> None:
    examples = chat_examples(session.trail, system="Browse.")
    names = []
    for example in examples:
        call = example.messages[-1]["tool_calls"][0]["function"]
        names.append(call["name"])
        parse_action(call["name"], json.loads(call["arguments"]))
        assert call["name"] in [tool["function"]["name"] for tool in example.tools]
        assert example.messages[1]["content"].startswith("Question: 生产了多少阀门？")

    # without what failed, was refused, was taken back, or is for people only
    assert names == ["search", "open", "find", "quote", "quote", "quote", "merge", "back", "finish"]
    lines = dump_examples(examples).splitlines()
    assert [ChatExample.model_validate_json(line) for line in lines] == list(examples)
