import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.browsing.corpus import Corpus
from agent.browsing.errors import CorpusBusy, CorpusUnavailable, UnknownDocument, UnknownSentence
from agent.browsing.indexing import BATCH_FILES, IndexProgress
from agent.browsing.quotes import check_quote, quote_sentences
from agent.domain.errors import UsageError
from tests.browsing.builders import write
from toolserver.testing_web import pdf


@pytest.fixture
async def corpus(tmp_path: Path) -> AsyncIterator[Corpus]:
    async with Corpus(tmp_path / "corpus.db") as opened:
        yield opened


async def test_a_search_gives_numbered_sentences_that_can_be_quoted(corpus: Corpus, tmp_path: Path) -> None:
    await corpus.add([write(tmp_path / "docs", plants="# Plants\n\nThe North plant made valves. It is old.\n")])

    (passage,) = await corpus.search("who made valves?")
    document = await corpus.document(passage.document)

    assert passage.sentences == ((1, "# Plants"), (2, "The North plant made valves."), (3, "It is old."))
    assert (passage.title, passage.heading) == ("Plants", "Plants")
    assert passage.location == str(tmp_path / "docs" / "plants.md")
    assert passage.score > 0
    assert check_quote(quote_sentences(document, 2, 2), document.text) == "valid"


async def test_word_forms_accents_and_chinese_are_found(corpus: Corpus, tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", a="The caf\u00e9 was renovated.", b="锣鼓经是传统打击乐记谱方法。", c="Nothing.")
    await corpus.add([docs])

    for query, name in (("cafes renovation", "a"), ("打击乐", "b"), ("锣", "b"), ("锣鼓经是什么", "b")):
        assert [Path(passage.location).stem for passage in await corpus.search(query)] == [name]


async def test_a_title_counts_more_than_the_text(corpus: Corpus, tmp_path: Path) -> None:
    docs = write(
        tmp_path / "docs", a="# Harbour\n\nTolls were raised twice.", b="# Tolls\n\nThe harbour raised them twice."
    )
    await corpus.add([docs])

    assert Path((await corpus.search("tolls"))[0].location).stem == "b"


async def test_only_so_many_passages_come_back_best_first(corpus: Corpus, tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", **{f"d{index}": f"valve {index} " + "filler " * index for index in range(1, 9)})
    await corpus.add([docs])

    scores = [passage.score for passage in await corpus.search("valve", limit=3)]

    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert await corpus.search("valve", limit=0) == ()


async def test_files_that_did_not_change_are_left_alone(corpus: Corpus, tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", a="One.", b="Two.", c="Three.")
    first = await corpus.add([docs])
    write(docs, b="Two and a half.")
    (docs / "c.md").unlink()

    second = await corpus.add([docs])

    assert (first.added, first.updated, first.unchanged, first.removed) == (3, 0, 0, 0)
    assert (second.added, second.updated, second.unchanged, second.removed) == (0, 1, 1, 1)
    assert [len(await corpus.search(query)) for query in ("One", "half", "Three")] == [1, 1, 0]


async def test_files_of_other_folders_stay(corpus: Corpus, tmp_path: Path) -> None:
    await corpus.add([write(tmp_path / "docs", a="One."), write(tmp_path / "docs2", b="Two.")])

    summary = await corpus.add([tmp_path / "docs"])

    assert (summary.unchanged, summary.removed) == (1, 0)
    assert (await corpus.stats()).files == 2


async def test_a_folder_that_is_gone_is_dropped_and_an_unknown_one_refused(corpus: Corpus, tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", a="One.")
    await corpus.add([docs])
    docs.rename(tmp_path / "elsewhere")

    assert (await corpus.add([docs])).removed == 1
    with pytest.raises(UsageError, match="there is no file or folder"):
        await corpus.add([docs])


async def test_one_bad_file_does_not_stop_the_others(corpus: Corpus, tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", good="One.", empty=" ")
    (docs / "program").write_bytes(b"\x7fELF" + bytes(400))
    (docs / "bad.pdf").write_bytes(b"%PDF-1.4 nonsense")
    (docs / "paper.pdf").write_bytes(pdf("Readable."))
    os.mkfifo(docs / "pipe")

    summary = await corpus.add([docs])

    assert summary.added == 2
    assert {(Path(skipped.path).name, skipped.reason) for skipped in summary.skipped} == {
        ("bad.pdf", "damaged"),
        ("empty.md", "empty"),
        ("pipe", "unreadable"),
        ("program", "binary"),
    }


async def test_a_file_that_became_unreadable_leaves_the_corpus(corpus: Corpus, tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", a="One.")
    await corpus.add([docs])
    (docs / "a.md").write_bytes(bytes(500))

    assert [skipped.reason for skipped in (await corpus.add([docs])).skipped] == ["binary"]
    assert await corpus.search("One") == ()


async def test_junk_hidden_files_keys_and_links_are_not_indexed(corpus: Corpus, tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", a="One.")
    for folder in (".git", "node_modules", "__pycache__", ".venv"):
        write(docs / folder, b="Two.")
    (docs / ".env").write_text("KEY=1")
    (docs / "server.pem").write_text("PRIVATE")
    write(tmp_path / "outside", c="Three.")
    (docs / "link").symlink_to(tmp_path / "outside")
    (docs / "link.md").symlink_to(tmp_path / "outside" / "c.md")

    assert (await corpus.add([docs])).added == 1
    assert (await corpus.stats()).files == 1


async def test_two_files_with_one_text_are_one_document_that_survives_either(corpus: Corpus, tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", a="The same text.", b="The same text.")
    await corpus.add([docs])
    assert ((await corpus.stats()).documents, (await corpus.stats()).files) == (1, 2)

    (docs / "a.md").unlink()
    await corpus.add([docs])
    (passage,) = await corpus.search("same")
    assert (passage.location, passage.title) == (str(docs / "b.md"), "b.md")

    (docs / "b.md").unlink()
    await corpus.add([docs])
    assert (await corpus.stats()).documents == 0


async def test_sentences_can_be_read_by_number(corpus: Corpus, tmp_path: Path) -> None:
    await corpus.add([write(tmp_path / "docs", a="# Top\n\nOne here. Two here.\n\n## Sub\n\nThree here.")])
    (passage, *_) = await corpus.search("three")

    excerpt = await corpus.read(passage.document, 3, 99)

    assert excerpt.sentences == ((3, "Two here."), (4, "## Sub"), (5, "Three here."))
    assert excerpt.heading == "Top"
    for first, last in ((0, 1), (6, 7), (3, 2)):
        with pytest.raises(UnknownSentence):
            await corpus.read(passage.document, first, last)


async def test_an_unknown_document_is_a_usage_error(corpus: Corpus) -> None:
    with pytest.raises(UnknownDocument, match="no document has the id 'nope'") as caught:
        await corpus.document("nope")
    assert isinstance(caught.value, UsageError)


async def test_an_empty_corpus_answers(corpus: Corpus) -> None:
    assert await corpus.search("anything") == ()
    assert (await corpus.stats()).documents == 0


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=40) | st.text(alphabet="\"'*^:(){}-+\x00北桥 ANDORNT", max_size=20))
async def test_no_query_raises(corpus: Corpus, query: str) -> None:
    assert isinstance(await corpus.search(query), tuple)


async def test_progress_is_told_after_each_batch(corpus: Corpus, tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", **{f"d{index}": f"Text {index}." for index in range(BATCH_FILES + 1)})
    seen: list[IndexProgress] = []

    await corpus.add([docs], progress=seen.append)

    assert [(step.done, step.total) for step in seen] == [
        (BATCH_FILES, BATCH_FILES + 1),
        (BATCH_FILES + 1, BATCH_FILES + 1),
    ]


async def test_an_interrupted_indexing_goes_on_where_it_stopped(corpus: Corpus, tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", **{f"d{index:04}": f"Text {index}." for index in range(BATCH_FILES + 5)})
    with anyio.CancelScope() as scope:
        await corpus.add([docs], progress=lambda _: scope.cancel())

    summary = await corpus.add([docs])

    assert (summary.added, summary.unchanged) == (5, BATCH_FILES)


async def test_readers_work_while_files_are_added(corpus: Corpus, tmp_path: Path) -> None:
    await corpus.add([write(tmp_path / "docs", a="A valve.")])
    write(tmp_path / "docs", **{f"d{index}": f"A pump {index}." for index in range(600)})
    found: list[int] = []

    async def search() -> None:
        found.extend([len(await corpus.search("valve")) for _ in range(20)])

    async with anyio.create_task_group() as group:
        group.start_soon(corpus.add, [tmp_path / "docs"])
        group.start_soon(search)
        group.start_soon(search)

    assert found == [1] * 40
    assert (await corpus.stats()).documents == 601


async def test_another_process_that_writes_for_long_is_one_clear_error(corpus: Corpus, tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", a="One.")
    await corpus.add([docs])
    write(docs, b="Two.")
    other = sqlite3.connect(tmp_path / "corpus.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async with Corpus(tmp_path / "corpus.db", busy_seconds=0.1) as impatient:
        assert len(await impatient.search("One")) == 1
        with pytest.raises(CorpusBusy, match="another process is writing the corpus"):
            await impatient.add([docs])
    other.execute("ROLLBACK")
    other.close()

    assert (await corpus.add([docs])).added == 1


ADD = """
import asyncio, pathlib, sys
from agent.browsing.corpus import Corpus
asyncio.run(Corpus(pathlib.Path(sys.argv[1])).add([pathlib.Path(sys.argv[2])]))
"""


async def test_two_processes_may_add_the_same_files_at_once(corpus: Corpus, tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", **{f"d{index}": f"Text {index}." for index in range(600)})
    command = [sys.executable, "-c", ADD, str(tmp_path / "corpus.db"), str(docs)]

    async with anyio.create_task_group() as group:
        group.start_soon(anyio.run_process, command)
        group.start_soon(anyio.run_process, command)

    stats = await corpus.stats()
    assert (stats.documents, stats.files, stats.passages) == (600, 600, 600)
    assert len(await corpus.search("Text 599", 1)) == 1


@pytest.mark.parametrize("content", [b"this is no database, " * 100, b"SQLite format 3\x00" + bytes(200)])
async def test_a_file_that_is_no_corpus_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)

    async with Corpus(path) as corpus:
        with pytest.raises(CorpusUnavailable):
            await corpus.search("x")
    assert path.read_bytes() == content


async def test_a_database_of_something_else_and_an_old_corpus_are_refused(corpus: Corpus, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE things (x)")
    other.close()
    await corpus.stats()
    old = sqlite3.connect(tmp_path / "corpus.db")
    old.execute("PRAGMA user_version = 0")
    old.close()

    for name, reason in (("other.db", "something else"), ("corpus.db", "another version")):
        async with Corpus(tmp_path / name) as refused:
            with pytest.raises(CorpusUnavailable, match=reason):
                await refused.stats()


async def test_a_corpus_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    async with Corpus(tmp_path / "file" / "corpus.db") as corpus:
        with pytest.raises(CorpusUnavailable, match="cannot be made"):
            await corpus.stats()


async def test_a_corpus_can_be_used_again_after_it_was_closed(corpus: Corpus, tmp_path: Path) -> None:
    await corpus.add([write(tmp_path / "docs", a="One.")])
    await corpus.close()

    assert len(await corpus.search("One")) == 1


async def test_a_file_whose_name_is_not_unicode_is_reported(corpus: Corpus, tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", **{"a": "One.", os.fsdecode(b"\xff"): "Two."})

    summary = await corpus.add([docs])

    assert [skipped.reason for skipped in summary.skipped] == ["unreadable"]
    assert summary.added == 1
