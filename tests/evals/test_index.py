"""A small version of the index benchmark: known documents are found again. How fast is for the benchmark to show."""

from pathlib import Path

import pytest

from agent.browsing.corpus import Corpus
from agent.domain.errors import UsageError
from evals.benchmarks.index import measure_index, searched_for, write
from evals.benchmarks.short_documents import COMMON, Item, Language, documents, known_items, words_of
from evals.rows import json_rows


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_known_documents_are_among_the_first_ten(language: Language, tmp_path: Path) -> None:
    items = documents(language, 250, generated=True).items
    others = documents("en" if language == "zh" else "zh", 250, generated=True).items
    write(tmp_path / "texts", [*items, *others])
    async with Corpus(tmp_path / "index.db") as corpus:
        summary = await corpus.add([tmp_path / "texts"])
        found = await searched_for(language, corpus, known_items(items, 100))

    assert (summary.added, summary.skipped) == (500, ())
    assert found.queries == 100
    assert found.hit_10 >= 0.95


async def test_a_file_without_questions_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(UsageError, match="holds no questions"):
        await measure_index(40, 2, generated=True, cmrc=tmp_path / "empty.jsonl")


def test_a_line_ends_where_json_lines_end(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "one\u2028two\x85three"}\n\n{"text": "four"}', encoding="utf-8")
    assert json_rows(path) == [{"text": "one\u2028two\x85three"}, {"text": "four"}]
    path.write_text("[" * 100_000)
    with pytest.raises(UsageError, match="one JSON value a line"):
        json_rows(path)


async def test_a_document_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    items = documents("en", 40, generated=True).items
    write(tmp_path / "texts", items[:20])
    async with Corpus(tmp_path / "index.db") as corpus:
        await corpus.add([tmp_path / "texts"])
        asked = [one for one in known_items(items, 40) if one.name in {item.name for item in items[20:]}]
        found = await searched_for("absent", corpus, asked)
    assert found.queries > 0
    assert found.hit_10 == 0


def test_generated_documents_share_their_words_and_queries_are_distinctive_by_the_stated_rule() -> None:
    items = documents("zh", 300, generated=True).items
    asked = known_items(items, 20)
    texts = {item.name: item.text for item in items}
    shared = [sum(words_of(item) & words_of(items[0]) != set() for item in items[1:])]

    assert shared[0] > 0
    for one in asked:
        for word in one.query.split():
            assert word in texts[one.name]
            assert sum(word in words_of(item) for item in items) <= COMMON * len(items)


def test_words_of_chinese_are_cut_at_punctuation_and_function_characters() -> None:
    assert words_of(Item("a", "zh", "列出指定文件的信息、和目录。")) == {"列出指定文件", "信息", "目录"}


async def test_a_file_without_questions_is_refused_in_one_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"a": 1}\n')
    with pytest.raises(UsageError, match="does not hold passages and questions"):
        await measure_index(20, 2, generated=True, cmrc=wrong)
