"""Questions over pages: the rule by which they are chosen, what counts, and both seats on a site in a real browser."""

import json
import shutil
from pathlib import Path

import pytest

from agent.browsing.page import Anchor
from agent.browsing.testing import page_of
from agent.ledger.blobs import FolderBlobs
from agent.models.config import parse_model
from agent.models.registry import build_model
from agent.runtime.settings import Settings, home_folder
from evals.browsing import suite
from evals.browsing.anchors import entry_region
from evals.browsing.command import DOCUMENTATION
from evals.browsing.suite import Answered, Question, Region
from evals.browsing.working import passages, python_docs, run_suite
from tests import shared_data, weights
from toolserver.client import LocalSandbox

SITE = Path(__file__).parent.parent / "browsing" / "site"
LOCAL = Settings(sandbox=LocalSandbox())
CHROMIUM = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("bwrap")), reason="Chromium or bubblewrap is not installed"
)


def about(question: str, answer: str, page: str, quote: str, anchor: str = "") -> Question:
    return Question(
        id=anchor or page, question=question, answers=(answer,), page=page, anchor=anchor, symbol=anchor, quote=quote
    )


OWN = [
    about("When was kites.Kite.land() added?", "2.1", "kites.html", "New in version 2.1.", "kites.Kite.land"),
    about(
        "Which release introduced kites.paper.fold()?",
        "1.7",
        "kites.paper.html",
        "New in version 1.7.",
        "kites.paper.fold",
    ),
    about("Since which version does kites.CALM exist?", "2.2", "kites.html", "New in version 2.2.", "kites.CALM"),
    about(
        "In which version was the class kites.paper.Sheet added?",
        "1.3",
        "kites.paper.html",
        "New in version 1.3.",
        "kites.paper.Sheet",
    ),
]


def facts(tmp_path: Path, pages: list[str]) -> Path:
    rows = [
        {"id": f"f{n}", "question": "?", "answer": "1.0", "page": page, "anchor": f"a{n}", "quote": "q", "symbol": "s"}
        for n, page in enumerate(pages)
    ]
    path = tmp_path / "facts.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_questions_are_taken_at_equal_distances_and_from_different_pages(tmp_path: Path) -> None:
    path = facts(tmp_path, ["a", "a", "a", "b", "b", "c"])
    chosen = suite.python_questions(path, 3)
    assert [(one.id, one.page) for one in chosen] == [("f0", "a"), ("f3", "b"), ("f5", "c")]
    assert suite.python_questions(path, 3) == chosen


@pytest.mark.parametrize(
    ("answer", "right"),
    [("3.4", True), ("Python 3.4", True), ("3.40", False), ("3.4 and 3.5", False), ("", False), ("three", False)],
)
def test_a_version_is_right_if_it_is_the_only_one(answer: str, right: bool) -> None:
    assert suite.version_right(answer, about("?", "3.4", "a", "q")) is right


@pytest.mark.parametrize(
    ("answer", "right", "exact"),
    [
        ("三十元", True, True),
        ("「三十元」", True, True),
        ("门票三十元", True, False),
        ("三十", True, False),
        ("四十元", False, False),
        ("。", False, False),
    ],
)
def test_a_text_is_right_if_it_equals_or_contains(answer: str, right: bool, exact: bool) -> None:
    question = about("?", "三十元", "a", "q")
    assert (suite.text_right(answer, question), suite.exact(answer, question)) == (right, exact)


def test_a_quote_is_inside_an_entry_from_its_anchor_to_the_next_that_the_page_has() -> None:
    page = page_of("one two three", anchors=[Anchor(name="a", offset=4), Anchor(name="b", offset=8)])
    region = Region("a", ("menu", "b"))
    assert suite.in_entry(page, [(4, 7)], region)
    assert not suite.in_entry(page, [(0, 7)], region)
    assert not suite.in_entry(page, [(4, 13)], region)
    assert not suite.in_entry(page, [(4, 7)], Region("x", ("b",)))
    assert suite.in_entry(page, [(8, 13)], Region("b", ("menu",)))


def test_an_entry_holds_the_entries_nested_in_it() -> None:
    assert entry_region(SITE / "kites.html", "kites.Kite").following[0] == "kites.wind_of"
    assert entry_region(SITE / "kites.html", "kites.Kite.rise").following[0] == "kites.Kite.land"
    assert entry_region(SITE / "kites.html", "kites.CALM").following == ()


def all_full(answered: list[Answered]) -> bool:
    return all(one.full and one.entry is not False and one.quotes and not one.invalid for one in answered)


@pytest.mark.browser
@CHROMIUM
async def test_the_oracle_finds_every_entry_of_a_site_in_a_real_browser(home: Path) -> None:
    async with python_docs(SITE, LOCAL, home, FolderBlobs(home / "blobs")) as place:
        answered = await run_suite(OWN, place, None, suite.version_right, told=lambda one: None)
    assert all_full(answered), answered


@pytest.mark.browser
@pytest.mark.slow
@CHROMIUM
@pytest.mark.skipif(not DOCUMENTATION.is_dir(), reason="python3.11-doc is not installed")
async def test_the_oracle_finds_the_entries_of_python_s_documentation(home: Path) -> None:
    data = shared_data.file("python-docs/version_added.jsonl")
    async with python_docs(DOCUMENTATION, LOCAL, home, FolderBlobs(home / "blobs")) as place:
        answered = await run_suite(
            suite.python_questions(data, 6), place, None, suite.version_right, told=lambda one: None
        )
    assert all_full(answered), answered


@pytest.mark.browser
@pytest.mark.embedded
@pytest.mark.slow
@CHROMIUM
async def test_the_embedded_model_answers_with_valid_quotes_in_a_real_browser(home: Path) -> None:
    name = weights.require("qwen2.5-coder-1.5b")
    model = build_model(name, parse_model("embedded"), home_folder())
    tea = about("青石茶厂是谁创办的\uff1f", "周明远", "tea.html", "周明远")
    try:
        async with python_docs(SITE, LOCAL, home, FolderBlobs(home / "blobs")) as place:
            versions = await run_suite(OWN[:3], place, model, suite.version_right, told=lambda one: None)
            # the page has no entries, so there is no anchor to look for
            place = place._replace(region_of=lambda question: None)
            texts = await run_suite([tea], place, model, suite.text_right, told=lambda one: None)
    finally:
        await model.close()
    answered = [*versions, *texts]
    assert all(not one.invalid for one in answered)
    assert sum(one.full for one in answered) >= 3, answered


async def test_the_oracle_finds_chinese_passages_in_a_corpus(home: Path, tmp_path: Path) -> None:
    rows = [
        {
            "passage_id": f"P{n}",
            "title": title,
            "text": text,
            "questions": [{"id": f"P{n}Q", "question": question, "answers": [{"text": answer, "start": 0}]}],
        }
        for n, (title, text, question, answer) in enumerate(
            [
                ("青石茶厂", "青石茶厂由周明远于1952年创办。茶厂以绿茶闻名。", "青石茶厂是谁创办的", "周明远"),
                ("水钟博物馆", "水钟博物馆位于老城南门。门票为三十元。", "水钟博物馆的门票多少钱", "三十元"),
            ]
        )
    ]
    data = tmp_path / "dev.jsonl"
    data.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    async with passages(data, LOCAL, home, FolderBlobs(home / "blobs")) as place:
        answered = await run_suite(
            suite.chinese_questions(data, 2), place, None, suite.text_right, told=lambda one: None
        )
    assert all_full(answered), answered
    assert [one.answer for one in answered] == ["周明远", "三十元"]
