"""A 500-page PDF document is answered by retrieval, not by scrolling."""

from pathlib import Path

import pytest

from agent.browsing.actions import Find, Finish, Open, Quote, Search
from agent.browsing.corpus import Corpus
from agent.browsing.documents import parse_document
from agent.browsing.page import Page, make_page, windows
from agent.browsing.profile import DEFAULT, WEBCPM
from agent.browsing.quotes import check_quote
from agent.browsing.search.corpus import CorpusFetcher, CorpusSearch
from agent.browsing.session import Session
from agent.browsing.state import PageView
from agent.browsing.testing import FakeSearch, FakeWeb, MemoryEffects, page_of
from agent.verification.quotes import text_digest
from evals.benchmarks.pdf import handbook
from tests.endings import ends

FACT = "The emergency coolant pump of unit seven was given a ceramic rotor in March 2019."
DECOY = "The emergency coolant pump of unit four was given a steel housing in May 2017."
ABOUT = "ceramic rotor coolant pump of unit seven"
URL = "https://example.org/handbook.pdf"


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return handbook(500, {371: FACT, 44: DECOY})


@pytest.fixture(scope="module")
def page(pdf: bytes) -> Page:
    document = parse_document(pdf, name="handbook.pdf", location=URL)
    assert document.page_of(document.text.index("ceramic rotor in March")) == 371
    return make_page(
        document.text,
        url=URL,
        title="Handbook",
        fetched_at=page_of("x").fetched_at,
        tier="pdf",
        raw_sha256=text_digest("pdf"),
    )


def session_over(page: Page, effects: MemoryEffects | None = None) -> Session:
    return Session(
        "When was the rotor fitted?",
        fetcher=FakeWeb({URL: page}),
        search=FakeSearch([page]),
        effects=effects or MemoryEffects(),
    )


def shown(session: Session) -> str:
    assert session.state.page is not None
    return " ".join(session.state.page.text.split())


def sentence_with(session: Session, text: str) -> int:
    here = session.state.page
    assert here is not None
    return next(
        number
        for number in range(here.here.first, here.here.last + 1)
        if text in " ".join(here.page.sentence_text(number).split())
    )


async def test_a_fact_on_page_371_of_an_indexed_document_is_searched_opened_and_quoted(
    pdf: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "handbook.pdf"
    path.write_bytes(pdf)
    async with Corpus(tmp_path / "corpus.db") as corpus:
        await corpus.add([path])
        session = Session(
            "When was the rotor fitted?",
            fetcher=CorpusFetcher(corpus),
            search=CorpusSearch(corpus),
            effects=MemoryEffects(),
        )
        await session.do(Search(query=ABOUT))
        await session.do(Open(result=1))
        await session.do(Quote(first=sentence_with(session, "March 2019")))

    assert session.state.used == 3
    quote = session.state.kept[0].quotes[0].quote
    assert " ".join(quote.text.split()) == FACT
    document = parse_document(pdf, name="handbook.pdf", location=str(path))
    assert check_quote(quote, document.text) == "valid"
    assert document.page_of(quote.start) == 371


async def test_a_long_page_of_the_web_is_opened_where_it_fits_the_query(page: Page) -> None:
    session = session_over(page)
    await session.do(Search(query=ABOUT))
    told = await session.do(Open(result=1))

    assert FACT in shown(session)
    assert "which fits the query best" in told.message


async def test_find_goes_to_what_a_long_page_says_about_it_and_tells_that_the_words_do_not_stand_there(
    page: Page,
) -> None:
    session = session_over(page)
    await session.do(Search(query="handbook"))
    await session.do(Open(result=1))
    told = await session.do(Find(text="rotor made of ceramic in the coolant pump of unit seven"))

    assert "not on this page word for word" in told.message
    assert f"above all s{sentence_with(session, 'ceramic rotor')}" in told.message
    assert FACT in shown(session)
    assert (await session.do(Quote(first=sentence_with(session, "ceramic rotor")))).ok
    assert session.state.used == 4


async def test_finding_again_goes_to_the_next_best_window(page: Page) -> None:
    session = session_over(page)
    await session.do(Search(query="handbook"))
    await session.do(Open(result=1))
    places = []
    for _ in range(3):
        await session.do(Find(text="coolant pump of unit seven with emergency"))
        assert session.state.page is not None
        places.append(session.state.page.window)
    assert len(set(places)) == 3


async def test_text_that_stands_there_word_for_word_comes_first(page: Page) -> None:
    session = session_over(page)
    await session.do(Search(query=ABOUT))
    await session.do(Open(result=1))
    told = await session.do(Find(text="steel housing in May"))

    assert "is in s" in told.message
    assert DECOY in shown(session)


async def test_what_a_page_has_no_word_of_is_not_found_and_nothing_moves(page: Page) -> None:
    session = session_over(page)
    await session.do(Search(query=ABOUT))
    await session.do(Open(result=1))
    before = session.state.page
    told = await session.do(Find(text="zzyzx"))

    assert told.message == "'zzyzx' is not on this page"
    assert session.state.page == before


async def test_a_replay_comes_to_the_same_windows(page: Page) -> None:
    effects = MemoryEffects()
    states = []
    for record in (effects, MemoryEffects(replay=effects)):
        session = session_over(page, record)
        await session.do(Search(query=ABOUT))
        await session.do(Open(result=1))
        await session.do(Find(text="pump with a ceramic part"))
        await session.do(Finish(answer=""))
        states.append(session.state)
    assert states[0] == states[1]
    assert list(effects.records) == ["browse/1", "browse/2"]


async def test_a_page_that_can_be_read_is_opened_at_its_top_and_searched_literally() -> None:
    short = page_of("Nothing here. " * 300 + "The rotor is ceramic.", url=URL)
    session = session_over(short)
    await session.do(Search(query="ceramic rotor"))
    await session.do(Open(result=1))
    told = await session.do(Find(text="ceramic rotor"))

    assert session.state.page is not None
    assert 1 < len(session.state.page.cut) < (DEFAULT.long_page or 0)
    assert (session.state.page.window, told.message) == (0, "'ceramic rotor' is not on this page")


def test_the_original_has_no_such_help() -> None:
    assert WEBCPM.long_page is None


async def test_a_table_of_contents_comes_after_what_it_points_to() -> None:
    contents = "\n".join(f"9.4.{n} Killing a process {'. ' * 30}{n}" for n in range(40))
    said = "To end a program that hangs, kill the process by its number with the command kill."
    book = page_of(f"{contents}\n\n{'Nothing of the kind is said here. ' * 1200}\n{said}\n", url=URL)
    session = session_over(book)
    await session.do(Search(query="kill process"))
    await session.do(Open(result=1))
    assert said in shown(session)


def test_a_sentence_is_weighed_fast_whatever_the_query() -> None:
    """A single Chinese character is the beginning of thousands of terms, which are looked up once for each query."""
    text = "".join(chr(0x4E00 + (n * 7919) % 5000) for n in range(200_000))
    book = page_of("\u3002".join(text[at : at + 40] for at in range(0, len(text), 40)), url=URL)
    view = PageView(page=book, cut=windows(book, 1500))
    assert view.about(text[5], 5)
    with ends():
        for _ in range(5):
            view.about(text[5], 5)
