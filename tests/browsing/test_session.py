import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.browsing.actions import Back, Finish, Open, Quote, Search
from agent.browsing.corpus import Corpus
from agent.browsing.errors import FetchFailed, QuoteNotFound, SearchFailed
from agent.browsing.page import Page
from agent.browsing.ports import SearchResult
from agent.browsing.quotes import check_quote
from agent.browsing.search.corpus import CorpusFetcher, CorpusSearch
from agent.browsing.session import LedgerEffects, Session
from agent.browsing.state import Observation, begin
from agent.browsing.testing import FakeSearch, FakeWeb, MemoryEffects, page_of
from agent.browsing.transition import applied
from agent.domain.errors import ReplayDivergence, UsageError
from agent.domain.task import Task
from agent.ledger.effects import RunLedger
from agent.ledger.store import Ledger
from tests.browsing.builders import turns_while, write
from tests.shared_data import rows

PLANT = page_of(
    "The North plant made 1,234 green valves in 2021. It was sold.", url="https://example.org/n", title="North"
)
TRAP = page_of("The South plant made 980 pumps. Nobody knows why.", url="https://example.org/s", title="South plant")


def session_over(effects: MemoryEffects, web: FakeWeb | None = None, search: FakeSearch | None = None) -> Session:
    return Session(
        "How many valves did the North plant make?",
        fetcher=web or FakeWeb({page.url: page for page in (PLANT, TRAP)}),
        search=search or FakeSearch([PLANT, TRAP]),
        effects=effects,
    )


async def work(session: Session) -> None:
    for action in (Search(query="north plant valves"), Open(result=1), Quote(first=1), Back(), Open(result=2)):
        assert (await session.do(action)).ok
    await session.do(Finish(answer="1,234 [E1]"))


async def test_a_session_searches_opens_quotes_and_finishes() -> None:
    effects = MemoryEffects()
    session = session_over(effects)
    await work(session)

    assert session.state.ended == "finished"
    assert session.state.kept[0].text == "The North plant made 1,234 green valves in 2021."
    assert effects.distrusted
    with pytest.raises(UsageError, match="has ended"):
        await session.do(Back())


async def test_a_replay_needs_no_network_and_gives_the_same_state() -> None:
    effects = MemoryEffects()
    live = session_over(effects)
    await work(live)
    web, search = FakeWeb({}), FakeSearch([])
    again = session_over(MemoryEffects(replay=effects), web, search)
    await work(again)

    assert (web.fetched, search.queries) == ([], [])
    assert again.state == live.state
    with pytest.raises(ReplayDivergence):
        await session_over(MemoryEffects(replay=effects), web, search).do(Search(query="something else"))


async def test_a_session_of_a_run_replays_from_its_ledger_without_network(ledger: Ledger) -> None:
    run_id = await ledger.create(Task(goal="browse"))
    lease = await ledger.leases.claim(run_id, "owner", seconds=-1)
    states = []
    for mode, fence, web in (("live", lease.fence, None), ("replay", None, FakeWeb({}))):
        run = RunLedger(ledger, run_id, fence=fence, mode=mode)  # type: ignore[arg-type]
        await run.load()
        noticed: list[bool] = []
        session = Session(
            "How many valves?",
            fetcher=web or FakeWeb({page.url: page for page in (PLANT, TRAP)}),
            search=FakeSearch([PLANT, TRAP] if web is None else []),
            effects=LedgerEffects(run, "s1", distrust=lambda noticed=noticed: noticed.append(True)),  # type: ignore[misc]
        )
        await work(session)
        await run.flush()
        assert noticed
        states.append(session.state)

    assert states[0] == states[1]
    assert await ledger.blobs.get(PLANT.text_sha256) == PLANT.text.encode()


@pytest.mark.parametrize("kind", ["not_found", "robots", "challenge", "empty", "too_large", "rate_limited", "timeout"])
async def test_what_cannot_be_had_is_told_and_the_session_goes_on(kind: str) -> None:
    web = FakeWeb({PLANT.url: FetchFailed(kind, "no such luck"), TRAP.url: TRAP})  # type: ignore[arg-type]
    session = session_over(MemoryEffects(), web)
    await session.do(Search(query="north plant valves"))
    told = await session.do(Open(result=1))

    assert (told.ok, told.kind) == (False, kind)
    assert "no such luck" in told.message
    assert (await session.do(Open(result=2))).ok


async def test_a_search_that_fails_or_finds_nothing_is_told() -> None:
    search = FakeSearch([], failure=SearchFailed("rate_limited", "too many requests; wait"))
    session = session_over(MemoryEffects(), search=search)
    told = await session.do(Search(query="x"))
    assert (told.ok, told.kind) == (False, "rate_limited")
    search.failure = None

    told = await session.do(Search(query="y"))
    assert (told.ok, told.message) == (True, "nothing found; try other words")
    assert "open" not in [tool.name for tool in session.tools]


async def test_calls_that_are_no_action_or_not_possible_are_refused_and_cost_a_step() -> None:
    session = session_over(MemoryEffects())

    for name, arguments in (
        ("fly", {}),
        ("open", {"result": "x"}),
        ("back", {}),
        ("open", {"url": "https://evil.example"}),
    ):
        told = await session.call(name, arguments)
        assert (told.ok, told.kind) == (False, "illegal")
    assert session.state.used == 4


async def test_the_loop_goes_on_while_a_long_page_is_searched_for_words() -> None:
    words = (f"{n * 7919:x}" for n in range(12_000))
    book = page_of(" ".join([*words, "valves."]), url="https://example.org/book", title="Book")
    session = session_over(MemoryEffects(), FakeWeb({book.url: book}), FakeSearch([book]))
    await session.do(Search(query="valves"))

    assert await turns_while(session.do(Open(result=1))) >= 5
    assert "fits the query best" in session.state.history[-1].note


async def test_a_failure_of_the_sandbox_is_no_observation() -> None:
    class Broken(FakeWeb):
        async def fetch(self, url: str) -> Page:
            raise ConnectionError("the sandbox is gone")

    session = session_over(MemoryEffects(), Broken({}))
    await session.do(Search(query="plant"))
    before = session.state

    with pytest.raises(ConnectionError):
        await session.do(Open(result=1))
    assert session.state == before


async def test_a_page_that_changes_between_two_visits_keeps_both_texts() -> None:
    effects, web = MemoryEffects(), FakeWeb({PLANT.url: PLANT})
    session = session_over(effects, web, FakeSearch([PLANT]))
    for action in (Search(query="plant"), Open(result=1), Quote(first=1), Back()):
        await session.do(action)
    web.pages[PLANT.url] = page_of("The North plant made 9 valves.", url=PLANT.url)
    await session.do(Open(result=1))
    told = await session.do(Quote(text="made 1,234 green valves"))

    assert (told.ok, told.kind) == (False, "no_quote")
    quote = session.state.kept[0].quotes[0].quote
    text = (await effects.get_blob(quote.source.text_sha256)).decode()
    assert check_quote(quote, text) == "valid"


async def test_the_corpus_is_searched_and_its_documents_open_where_the_passage_is(tmp_path: Path) -> None:
    filler = "\n\n".join(f"Paragraph {n} says nothing of interest to anybody who reads it. " * 4 for n in range(40))
    folder = write(
        tmp_path / "docs", long=f"# Guide\n\n{filler}\n\n## Valves\n\nThe zirconium valve opens at 71 bar.\n"
    )
    async with Corpus(tmp_path / "corpus.db") as corpus:
        await corpus.add([folder])
        session = Session(
            "At what pressure?", fetcher=CorpusFetcher(corpus), search=CorpusSearch(corpus), effects=MemoryEffects()
        )
        await session.do(Search(query="zirconium valve pressure"))
        assert (await session.do(Open(result=1))).ok
        assert (await session.do(Quote(text="The zirconium valve opens at 71 bar."))).ok
        assert "71 bar" in session.view.split("Current view")[1]
        assert session.state.kept[0].quotes[0].quote.source.location.endswith("long.md")
        with pytest.raises(FetchFailed, match="no document has the id"):
            await CorpusFetcher(corpus).fetch("corpus:0000000000")
        with pytest.raises(FetchFailed, match="is no document of the corpus"):
            await CorpusFetcher(corpus).fetch("https://example.org")


@pytest.fixture(scope="module")
def passages() -> list[str]:
    """Real passages, Chinese and English."""
    chinese = [row["text"] for row in rows("cmrc2018/dev.jsonl")][:60]
    english = dict.fromkeys(row["evidence"] for row in rows("claims/pairs.jsonl"))
    return [text for text in (*chinese, *english) if len(text) > 60]


@settings(max_examples=1000, deadline=None)
@given(seed=st.integers(0, 2**64))
def test_a_thousand_fabricated_quotes_of_real_passages_are_all_refused(passages: list[str], seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a seeded choice of fabrications
    here, elsewhere = rng.sample(passages, 2)
    fabricated = fabricate(here, elsewhere, rng)
    state = applied(begin("q"), Search(query="q"), Observation(results=(SearchResult(title="t", url=PLANT.url),)))
    state = applied(state, Open(result=1), Observation(page=page_of(here)))

    with pytest.raises(QuoteNotFound):
        applied(state, Quote(text=fabricated))
    forged = applied(state, Quote(first=1)).kept[0].quotes[0].quote.model_copy(update={"text": fabricated})
    assert check_quote(forged, here) != "valid"


def fabricate(here: str, elsewhere: str, rng: random.Random) -> str:
    """Return a text like one of a passage that does not stand in it."""
    while True:
        source = elsewhere if rng.random() < 0.2 else here
        spaced = source.count(" ") > len(source) / 12
        units = source.split() if spaced else list(source)
        glue = " " if spaced else ""
        size = rng.randint(4, min(25, len(units)))
        begin = rng.randint(0, len(units) - size)
        piece = units[begin : begin + size]
        match rng.choice(["word", "number", "order", "omission", "cut", "page"]):
            case "word":
                piece[rng.randrange(size)] = rng.choice(["never", "Norvik"]) if spaced else rng.choice("不龘")
            case "number":
                digits = [i for i, unit in enumerate(piece) if any(c.isdigit() for c in unit)]
                if digits:
                    place = rng.choice(digits)
                    piece[place] = "".join(str((int(c) + 1) % 10) if c.isdecimal() else c for c in piece[place])
            case "order":
                middle = size // 2
                piece = piece[middle:] + piece[:middle]
            case "omission":
                del piece[size // 2]
            case "cut" if spaced and len(piece[-1]) > 1 and piece[-1].isalnum():
                text = glue.join([*piece[:-1], piece[-1][:-1]])
                if here.count(text) == here.count(glue.join(piece)):
                    return text
        text = glue.join(piece)
        if " ".join(text.split()) not in " ".join(here.split()):
            return text
