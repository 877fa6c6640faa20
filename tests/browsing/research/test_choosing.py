"""Which results are opened and which sentences are read is decided by words."""

import pytest

from agent.browsing.ports import SearchResult
from agent.browsing.research.asked import asked_in
from agent.browsing.research.choosing import ranked, shown_of_entry, shown_of_page, term_on, unsure
from agent.browsing.research.entries import entry_of
from agent.browsing.testing import page_of


def result(name: str, title: str = "", snippet: str = "") -> SearchResult:
    return SearchResult(title=title or name, url=f"https://example.org/docs/{name}", snippet=snippet, backend="fake")


@pytest.mark.parametrize(
    ("symbol", "best"),
    [("kites.paper.fold", 2), ("kites.wind_of", 3), ("kites.Kite.land", 3), ("boats.sail", 4), ("sea.swim", 5)],
)
def test_a_symbols_page_is_the_one_named_after_what_it_belongs_to(symbol: str, best: int) -> None:
    results = [
        result("news.html", snippet=f"{symbol} is new."),
        result("kites.paper.html"),
        result("kites.html"),
        result("boats-rowing.html"),
        result("page17", title="sea: all about the sea"),
    ]
    assert ranked(asked_in(f"When was {symbol}() added?"), results)[0].number == best


def test_the_words_of_the_question_count_and_those_of_a_title_twice() -> None:
    results = [
        result("a", title="Bridges", snippet="The Elver bridge and others."),
        result("b", title="The Elver bridge", snippet="It was opened in 1934."),
        result("c", title="Eels", snippet="Eels live in rivers."),
    ]
    order = [one.number for one in ranked(asked_in("Who designed the Elver bridge?"), results)]
    assert order == [2, 1, 3]


def test_results_that_are_as_good_as_each_other_go_to_the_model_but_never_for_a_symbol() -> None:
    twins = [result("a", title="Elver bridge"), result("b", title="Elver bridge")]
    plain, symbol = asked_in("How long is the Elver bridge?"), asked_in("When was bridge.Elver() added?")
    assert unsure(plain, ranked(plain, twins)) == (1, 2)
    assert unsure(symbol, ranked(symbol, twins)) == ()


def test_of_a_long_entry_the_sentences_that_could_state_it_are_read() -> None:
    prose = "\n\n".join(f"Kites of the kind {word} fly well." for word in ("red", "blue", "green") for _ in range(12))
    page = page_of(f"kites.fly(kite)\n\n{prose}\n\nNew in version 1.2.\n\nChanged in version 1.5: it is faster.\n")
    asked = asked_in("Since which version is kites.fly() there?")
    entry = entry_of(page, asked.symbol)
    assert entry is not None
    shown = shown_of_entry(asked, page, entry)
    assert shown.about == "kites.fly(kite)"
    assert [text for _, text in shown.sentences] == ["New in version 1.2."]
    assert shown.lines == "[1] New in version 1.2."


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("When was kites.fly() deprecated?", "Deprecated since version 1.7."),
        ("In which version did kites.fly() change?", "Changed in version 1.5: it is faster."),
        ("Which version introduced kites.fly()?", "New in version 1.2."),
    ],
)
def test_a_note_of_the_kind_that_is_asked_for_is_read(question: str, note: str) -> None:
    notes = "New in version 1.2.\n\nChanged in version 1.5: it is faster.\n\nDeprecated since version 1.7."
    page = page_of(f"kites.fly(kite)\n\nFly.\n\n{notes}\n")
    entry = entry_of(page, "kites.fly")
    assert entry is not None
    shown = [text for _, text in shown_of_entry(asked_in(question), page, entry).sentences]
    assert note in shown
    assert len(shown) < 3


def test_a_page_with_none_of_the_words_has_nothing_to_read() -> None:
    asked = asked_in("Who invented the zeppelin?")
    assert shown_of_page(asked, page_of("The tower is 120 metres high.")).sentences == ()


def test_what_is_looked_for_on_a_page_is_the_longest_part_of_the_question_that_it_has() -> None:
    assert term_on(asked_in("Who designed the Elver bridge?"), page_of("The Elver bridge is old.")) == "Elver"
    assert term_on(asked_in("青石茶厂何时创办"), page_of("这里说的是青石茶厂的历史。")) == "青石茶厂"
    assert term_on(asked_in("Who?"), page_of("Nobody.")) == ""
