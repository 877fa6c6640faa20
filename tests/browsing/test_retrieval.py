from pathlib import Path

from agent.browsing.corpus import Corpus
from tests.browsing.builders import write
from tests.shared_data import rows


async def test_a_question_finds_its_chinese_passage_among_the_first_ten(tmp_path: Path) -> None:
    passages = rows("cmrc2018/dev.jsonl")
    write(tmp_path / "docs", **{row["passage_id"]: row["text"] for row in passages})
    asked = [(entry["question"], row["passage_id"]) for row in passages for entry in row["questions"]]

    async with Corpus(tmp_path / "corpus.db") as corpus:
        await corpus.add([tmp_path / "docs"])
        found = [
            wanted in {Path(passage.location).stem for passage in await corpus.search(question, 10)}
            for question, wanted in asked
        ]

    assert sum(found) / len(found) >= 0.99
