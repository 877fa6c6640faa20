"""Pipeline mode: queries, searches, pages, quotes and an answer in one pass."""

import asyncio
import re
from collections.abc import Mapping, Sequence

import pytest

from agent.browsing.errors import FetchFailed, SearchFailed
from agent.browsing.page import Page
from agent.browsing.pipeline.pipeline import answer
from agent.browsing.pipeline.reading import windows_to_read
from agent.browsing.pipeline.result import PipelineResult, PipelineSettings
from agent.browsing.ports import SearchResult
from agent.browsing.quotes import check_quote
from agent.browsing.synthesis.result import SynthesisSettings
from agent.browsing.testing import FakeSearch, FakeWeb, MemoryEffects, ScriptedModels, page_of
from agent.domain.errors import LedgerUnavailable, ModelRefused
from agent.domain.messages import Reply, ToolCall, wire_json
from agent.models.testing.scripted_model import Asked

QUESTION = "How many valves did the North plant make, and how many pumps the South plant?"
NORTH = page_of("The North plant made 1,234 green valves in 2021. It was sold.", url="https://example.org/n", title="N")
SOUTH = page_of("The South plant made 980 pumps. Nobody knows why.", url="https://example.org/s", title="South plant")
FILLER = "The river is wide and slow at this place. "


class Reader:
    """Plays a model: writes queries, picks the sentences with a figure in them, and repeats the quotes as its answer.

    Args:
        queries: what to search for.
        picks: given instead of what the text holds.
        seconds: how long a window takes, by a word that it holds.
    """

    def __init__(
        self,
        queries: Sequence[str] = ("north plant valves", "south plant pumps"),
        *,
        picks: Sequence[Mapping[str, int]] | None = None,
        seconds: Mapping[str, float] | None = None,
    ) -> None:
        self.queries = queries
        self.picks = picks
        self.seconds = seconds or {}
        self.shown: list[str] = []

    async def __call__(self, asked: Asked) -> Reply:
        name = asked.tools[0].name
        prompt = "\n".join(str(message.get("content")) for message in asked.messages)
        if name == "write_queries":
            return call(name, {"queries": list(self.queries)})
        if name == "pick_sentences":
            self.shown.append(prompt)
            await asyncio.sleep(max((wait for word, wait in self.seconds.items() if word in prompt), default=0))
            found = [{"first": int(number)} for number in re.findall(r"\[s(\d+)\] [^\n]*made [\d,]+", prompt)]
            return call(name, {"passages": found if self.picks is None else list(self.picks)})
        quotes = re.findall(r"\b(E\d+)\b[^\n]*\n(?:[^\n]*\n)*?([^\n]*made [^\n]*\.)", prompt)
        texts = [{"text": text.strip().split(". ")[0].rstrip(".") + ".", "evidence": [name]} for name, text in quotes]
        return call(name, {"sentences": texts or [{"text": "The quotes do not say it.", "evidence": []}]})


def call(name: str, arguments: object) -> Reply:
    return Reply(calls=(ToolCall(id="c", name=name, arguments=wire_json(arguments).decode()),), finish="calls")


SETTINGS = PipelineSettings(synthesis=SynthesisSettings(judge="never", shape="sequential"))


async def run(
    reader: Reader,
    *,
    pages: Sequence[Page] = (NORTH, SOUTH),
    web: FakeWeb | None = None,
    search: FakeSearch | None = None,
    effects: MemoryEffects | None = None,
    settings: PipelineSettings = SETTINGS,
) -> tuple[PipelineResult, ScriptedModels]:
    models = ScriptedModels(reader)
    result = await answer(
        QUESTION,
        fetcher=web or FakeWeb({page.url: page for page in pages}),
        search=search or FakeSearch(pages),
        effects=effects or MemoryEffects(),
        models=models,
        step="pipeline",
        settings=settings,
    )
    return result, models


async def test_a_question_becomes_queries_pages_quotes_and_an_answer_that_cites_them() -> None:
    effects = MemoryEffects()
    result, _ = await run(Reader(), effects=effects)

    assert result.queries == ("north plant valves", "south plant pumps")
    assert [kept.text for kept in result.kept] == [
        "The North plant made 1,234 green valves in 2021.",
        "The South plant made 980 pumps.",
    ]
    assert "[E1]" in result.synthesis.answer
    assert "[E2]" in result.synthesis.answer
    assert [reference.sources[0].url for reference in result.synthesis.references] == [NORTH.url, SOUTH.url]
    for kept, page in zip(result.kept, (NORTH, SOUTH), strict=True):
        assert check_quote(kept.quotes[0].quote, page.text) == "valid"
    assert effects.distrusted


async def test_a_page_that_two_queries_find_is_read_once() -> None:
    web = FakeWeb({NORTH.url: NORTH, SOUTH.url: SOUTH})
    result, _ = await run(Reader(), web=web)

    assert sorted(web.fetched) == [NORTH.url, SOUTH.url]
    assert [page.query for page in result.pages] == [1, 1]


async def test_addresses_that_differ_in_their_fragment_are_one_page() -> None:
    class TwoFragments(FakeSearch):
        async def search(self, query: str) -> tuple[SearchResult, ...]:
            found = await super().search(query)
            return tuple(item.model_copy(update={"url": f"{item.url}#{query[:3]}"}) for item in found)

    web = FakeWeb({NORTH.url: NORTH, SOUTH.url: SOUTH})
    await run(Reader(), web=web, search=TwoFragments([NORTH, SOUTH]))
    assert sorted(web.fetched) == [NORTH.url, SOUTH.url]


async def test_a_replay_needs_no_network_and_who_is_first_changes_nothing() -> None:
    effects = MemoryEffects()
    first, models = await run(Reader(seconds={"North plant made": 0.05}), effects=effects)
    web, search = FakeWeb({}), FakeSearch([])
    again, others = await run(
        Reader(seconds={"South plant made": 0.05}), web=web, search=search, effects=MemoryEffects(replay=effects)
    )

    assert again == first
    assert (web.fetched, search.queries) == ([], [])
    assert sorted(models.steps) == sorted(others.steps)
    assert sorted(effects.records) == [
        "pipeline/page/1/browse/1",
        "pipeline/page/2/browse/1",
        "pipeline/search/1/browse/1",
        "pipeline/search/2/browse/1",
    ]


async def test_a_model_that_writes_no_query_has_its_question_searched() -> None:
    search = FakeSearch([NORTH])

    def answers(asked: Asked) -> Reply:
        return Reply(text="I will not.")

    result = await answer(
        QUESTION,
        fetcher=FakeWeb({}),
        search=search,
        effects=MemoryEffects(),
        models=ScriptedModels(answers),
        step="pipeline",
        settings=SETTINGS,
    )
    assert search.queries == [QUESTION]
    assert result.queries == (QUESTION,)
    assert result.kept == ()
    assert "Nothing" in result.synthesis.answer
    assert any("404" in line for line in result.missing)


async def test_queries_that_are_blank_or_the_same_count_once() -> None:
    result, _ = await run(Reader(("North  plant", "north plant", " ", "pumps")))
    assert result.queries == ("North plant", "pumps")


@pytest.mark.parametrize(
    "picks",
    [
        [{"first": 99}],
        [{"first": 2, "last": 1}],
        [{"first": 0}],
        [{"first": -1, "last": 1}],
    ],
)
async def test_numbers_that_were_not_shown_make_no_quote(picks: list[Mapping[str, int]]) -> None:
    result, _ = await run(Reader(picks=picks))
    assert result.kept == ()
    assert all("not usable as sentences of the window" in line for line in result.missing)
    assert len(result.missing) == 2


async def test_a_quote_of_more_sentences_than_allowed_is_not_made() -> None:
    settings = SETTINGS.model_copy(update={"quote_sentences": 1})
    result, _ = await run(Reader(picks=[{"first": 1, "last": 2}, {"first": 2}]), settings=settings)
    assert [kept.text for kept in result.kept] == ["It was sold.", "Nobody knows why."]


async def test_sentences_are_quoted_once() -> None:
    result, _ = await run(Reader(picks=[{"first": 1, "last": 2}, {"first": 2}, {"first": 1}]))
    assert len(result.kept) == 2


async def test_of_ranges_that_overlap_each_sentence_is_quoted_once_and_none_is_lost() -> None:
    page = page_of("The plant made 4. It sold 3. It kept 1. It grew.", url=NORTH.url)
    picks = [{"first": 2, "last": 3}, {"first": 1, "last": 4}]
    result, _ = await run(Reader(("plant",), picks=picks), pages=[page])
    assert [kept.text for kept in result.kept] == ["It sold 3. It kept 1.", "The plant made 4.", "It grew."]


async def test_a_quote_of_too_many_characters_is_not_made_and_told() -> None:
    page = page_of(" ".join(f"Plant {n} {'of the valley ' * 24}made {n} valves." for n in range(30)), url=NORTH.url)
    settings = SETTINGS.model_copy(
        update={"window_characters": 40_000, "compressed_characters": None, "quote_sentences": 40}
    )
    result, _ = await run(
        Reader(("plant",), picks=[{"first": 1, "last": 25}, {"first": 2}]), pages=[page], settings=settings
    )
    assert [kept.text for kept in result.kept] == [page.sentence_text(2)]
    assert result.missing[0].endswith("s1 to s25 have more than 8000 characters, so they are not quoted")


class Filtering(Reader):
    """Plays a server that refuses what some words stand in."""

    def __init__(self, *words: str, form: str = "pick_sentences") -> None:
        super().__init__()
        self.words = words
        self.form = form

    async def __call__(self, asked: Asked) -> Reply:
        prompt = "\n".join(str(message.get("content")) for message in asked.messages)
        if asked.tools[0].name == self.form and any(word in prompt for word in self.words):
            raise ModelRefused("content policy")
        return await super().__call__(asked)


async def test_a_window_that_the_models_server_refuses_is_told_and_the_rest_goes_on() -> None:
    result, models = await run(Filtering("North plant made"))
    assert [kept.text for kept in result.kept] == ["The South plant made 980 pumps."]
    assert len(result.missing) == 1
    assert result.missing[0].startswith(NORTH.url)
    assert "content policy" in result.missing[0]
    assert sum("/pick/1.1/" in step for step in models.steps) == 1


async def test_a_server_that_takes_no_window_at_all_is_a_failure_and_no_answer() -> None:
    with pytest.raises(ModelRefused, match=r"not one of the windows could be read; .*content policy"):
        await run(Filtering("plant made"))


async def test_a_judge_whose_server_refuses_supports_nothing_and_the_rest_stands() -> None:
    class Vague(Filtering):
        async def __call__(self, asked: Asked) -> Reply:
            if asked.tools[0].name == "write_answer":
                sentences = [
                    {"text": "The North plant made verdant valves.", "evidence": ["E1"]},
                    {"text": "The South plant made 980 pumps.", "evidence": ["E2"]},
                ]
                return call("write_answer", {"sentences": sentences})
            return await super().__call__(asked)

    settings = SETTINGS.model_copy(update={"synthesis": SynthesisSettings(shape="sequential")})
    result, models = await run(Vague("verdant", form="judge_sentence"), settings=settings)
    assert any("/judge/" in step for step in models.steps)
    assert result.synthesis.answer == "The South plant made 980 pumps [E2]."
    assert len(result.missing) == 1
    assert result.missing[0].startswith("left out of the answer: The North plant made verdant valves.")
    assert "content policy" in result.missing[0]


async def test_a_point_whose_server_refuses_is_told_and_the_others_are_written() -> None:
    class Points(Filtering):
        async def __call__(self, asked: Asked) -> Reply:
            if asked.tools[0].name == "write_outline":
                points = [{"title": "North", "evidence": ["E1"]}, {"title": "South", "evidence": ["E2"]}]
                return call("write_outline", {"points": points})
            return await super().__call__(asked)

    settings = SETTINGS.model_copy(update={"synthesis": SynthesisSettings(judge="never", shape="skeleton")})
    result, _ = await run(Points("North plant made", form="write_point"), settings=settings)
    assert "980 pumps" in result.synthesis.answer
    assert len(result.missing) == 1
    assert "content policy" in result.missing[0]


async def test_reading_stops_when_there_are_enough_quotes() -> None:
    pages = [
        page_of(f"Plant {number} of the north made {number} valves. " + FILLER * 5, url=f"https://example.org/{number}")
        for number in range(10)
    ]
    settings = SETTINGS.model_copy(update={"pages": 10, "quotes": 3, "parallel": 2})
    result, models = await run(Reader(("north plant valves",)), pages=pages, settings=settings)

    assert [kept.id for kept in result.kept] == ["E1", "E2", "E3"]
    assert sum("/pick/" in step for step in models.steps) == 4


async def test_only_so_many_windows_are_read_where_nothing_is_found() -> None:
    pages = [
        page_of(f"The north plant {number} is old. " * 500, url=f"https://example.org/{number}") for number in range(6)
    ]
    settings = SETTINGS.model_copy(update={"pages": 6, "reads": 7})
    result, models = await run(Reader(("north",)), pages=pages, settings=settings)

    assert result.kept == ()
    assert sum("/pick/" in step for step in models.steps) == 7
    assert [page.windows for page in result.pages] == [2, 1, 1, 1, 1, 1]


async def test_only_so_many_pages_are_fetched_at_a_time() -> None:
    running = most = 0

    class Counting(FakeWeb):
        async def fetch(self, url: str) -> Page:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1
            return await super().fetch(url)

    pages = [page_of(f"North plant {number}. {FILLER}", url=f"https://example.org/{number}") for number in range(8)]
    settings = SETTINGS.model_copy(update={"pages": 8, "parallel": 3})
    await run(
        Reader(("north",)),
        web=Counting({page.url: page for page in pages}),
        search=FakeSearch(pages),
        settings=settings,
    )
    assert most == 3


async def test_a_page_that_cannot_be_had_or_a_search_that_fails_is_told_and_the_rest_goes_on() -> None:
    web = FakeWeb({NORTH.url: FetchFailed("robots", "robots.txt does not allow it"), SOUTH.url: SOUTH})
    result, _ = await run(Reader(), web=web)
    assert [kept.text for kept in result.kept] == ["The South plant made 980 pumps."]
    assert result.missing == (f"{NORTH.url}: robots: robots.txt does not allow it",)

    failing = FakeSearch([], failure=SearchFailed("rate_limited", "too many requests; wait"))
    result, _ = await run(Reader(), search=failing)
    assert result.kept == ()
    assert result.missing == (
        "north plant valves: rate_limited: too many requests; wait",
        "south plant pumps: rate_limited: too many requests; wait",
    )


async def test_what_is_itself_broken_stops_the_pipeline() -> None:
    class Broken(FakeWeb):
        async def fetch(self, url: str) -> Page:
            raise LedgerUnavailable("the disk is full")

    with pytest.raises(LedgerUnavailable):
        await run(Reader(), web=Broken({}))


async def test_long_windows_are_compressed_and_quotes_stay_exact() -> None:
    text = FILLER * 30 + "The North plant made 1,234 green valves in 2021. " + FILLER * 30
    reader = Reader(("north plant valves",))
    long = page_of(text, url=NORTH.url)
    settings = SETTINGS.model_copy(update={"compressed_characters": 800})
    result, _ = await run(reader, pages=[long], settings=settings)

    assert "[...]" in reader.shown[0]
    assert result.pages[0].rate < 0.5
    assert [kept.text for kept in result.kept] == ["The North plant made 1,234 green valves in 2021."]
    assert check_quote(result.kept[0].quotes[0].quote, long.text) == "valid"


async def test_a_range_over_sentences_that_were_left_out_quotes_only_what_was_read() -> None:
    text = "The North plant made 5 valves. " + FILLER * 60 + "The North plant made 7 valves. " + FILLER * 20
    page = page_of(text, url=NORTH.url)
    number = next(n for n in range(1, len(page.sentences) + 1) if "7 valves" in page.sentence_text(n))
    settings = SETTINGS.model_copy(
        update={"compressed_characters": 800, "quote_sentences": 100, "window_characters": 10_000}
    )
    result, _ = await run(Reader(("valves",), picks=[{"first": 1, "last": number}]), pages=[page], settings=settings)
    assert max(len(kept.text) for kept in result.kept) < 800


def test_of_a_long_page_the_windows_about_the_question_are_read_and_scraps_are_not() -> None:
    text = FILLER * 400 + "The North plant made 1,234 green valves. " + FILLER * 400 + "The end."
    page = page_of(text)
    read = windows_to_read("green valves of the North plant", page, SETTINGS)

    assert "1,234" in page.text[read[0].start : read[0].end]
    assert len(read) <= SETTINGS.windows
    assert all(window.end - window.start >= SETTINGS.shortest_window for window in read)


def test_the_only_window_of_a_short_page_is_read() -> None:
    assert len(windows_to_read("valves", NORTH, SETTINGS)) == 1
    assert windows_to_read("valves", page_of(""), SETTINGS) == ()
