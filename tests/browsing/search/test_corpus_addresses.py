"""A folder that is also served: searched here, opened there."""

from pathlib import Path

import pytest

from agent.browsing.corpus import Corpus, address_of
from agent.browsing.search.corpus import CorpusSearch
from agent.domain.errors import UsageError


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "sub dir").mkdir(parents=True)
    (folder / "sub dir" / "kettle #1.html").write_text("<p>The kettle boils water in three minutes.</p>")
    return folder


async def urls(corpus: Corpus) -> list[tuple[str, int | None]]:
    return [(found.url, found.offset) for found in await CorpusSearch(corpus).search("kettle")]


async def test_results_of_a_served_folder_have_its_address(tmp_path: Path, docs: Path) -> None:
    async with Corpus(tmp_path / "c.db") as corpus:
        await corpus.add([docs], base_url="http://127.0.0.1:8000/mirror")

        assert await urls(corpus) == [("http://127.0.0.1:8000/mirror/sub%20dir/kettle%20%231.html", None)]


async def test_an_address_can_be_set_kept_changed_and_taken_away_without_reading_files_again(
    tmp_path: Path, docs: Path
) -> None:
    async with Corpus(tmp_path / "c.db") as corpus:
        await corpus.add([docs])
        assert (await urls(corpus))[0][0].startswith("corpus:")
        for base, begins in (("http://a.example", "http://a.example/"), (None, "http://a.example/"), ("", "corpus:")):
            assert (await corpus.add([docs], base_url=base)).unchanged == 1
            assert (await urls(corpus))[0][0].startswith(begins)


async def test_only_a_single_folder_has_an_address(tmp_path: Path, docs: Path) -> None:
    async with Corpus(tmp_path / "c.db") as corpus:
        for paths, base in (
            ([docs, tmp_path], "http://a.example/"),
            ([docs / "sub dir" / "kettle #1.html"], "http://a.example/"),
            ([docs], "a.example"),
            ([docs], "file:///etc/"),
            ([docs], "http://a.example/?q=1"),
        ):
            with pytest.raises(UsageError, match="address"):
                await corpus.add(paths, base_url=base)


def test_the_innermost_folder_counts() -> None:
    bases = {"/d": "http://a.example/", "/d/e": "http://b.example/"}

    assert address_of("/d/e/f.txt", bases) == "http://b.example/f.txt"
    assert address_of("/d/x.txt", bases) == "http://a.example/x.txt"
    assert address_of("/dx/x.txt", bases) is None
