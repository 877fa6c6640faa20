# ruff: noqa: RUF001 - punctuation of Chinese text is what is tested
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.browsing.errors import QuoteNotFound, UnknownSentence
from agent.browsing.quotes import check_quote, quote_sentences, quote_text
from tests.browsing.builders import document_of

TEXT = (
    "# Plants\n\nThe North plant in Sundal made 1,234 green valves in 2021. The South plant\n"
    "made 980 old pumps before it was sold to Lina Berg. 该图书馆建于1921年，藏书约40万册。\n"
)
DOCUMENT = document_of(TEXT)


def test_a_quote_by_sentence_numbers_is_verbatim_with_its_neighbours() -> None:
    quote = quote_sentences(DOCUMENT, 2, 3)

    assert quote.id == f"{DOCUMENT.id}:2-3"
    assert quote.text == TEXT[quote.start : quote.end]
    assert quote.text.startswith("The North plant")
    assert quote.text.endswith("Lina Berg.")
    assert (quote.prefix, quote.suffix) == ("# Plants\n\n", " 该图书馆建于1921年，藏书约40万册。\n")
    assert check_quote(quote, DOCUMENT.text) == "valid"


@pytest.mark.parametrize(("first", "last"), [(0, 1), (1, 9), (3, 2), (-1, -1)])
def test_sentences_that_do_not_exist_cannot_be_quoted(first: int, last: int) -> None:
    with pytest.raises(UnknownSentence, match="has the sentences 1 to 4"):
        quote_sentences(DOCUMENT, first, last)


def test_literal_text_is_found_across_line_breaks_and_quoted_as_it_stands() -> None:
    quote = quote_text(DOCUMENT, "South  plant made 980")

    assert quote.text == "South plant\nmade 980"
    assert quote.id == f"{DOCUMENT.id}:@{quote.start}-{quote.end}"
    assert check_quote(quote, DOCUMENT.text) == "valid"


def test_a_quote_takes_the_id_it_is_given() -> None:
    assert quote_sentences(DOCUMENT, 1, 1, evidence_id="E1").id == "E1"
    assert quote_text(DOCUMENT, "980", evidence_id="E2").id == "E2"


def test_text_that_is_not_there_is_refused_with_the_nearest_sentence() -> None:
    with pytest.raises(
        QuoteNotFound, match=re.escape("the nearest sentence is [3] The South plant made 980 old pumps")
    ):
        quote_text(DOCUMENT, "The South plant made 981 old pumps")


@pytest.mark.parametrize("literal", ["", "  \n", "x" * 6000, "the north plant"])
def test_what_is_no_quote_is_refused(literal: str) -> None:
    with pytest.raises(QuoteNotFound):
        quote_text(DOCUMENT, literal)


SENTENCE = "The North plant in Sundal made 1,234 green valves in 2021."
OTHER_WORDS = ("never", "South", "1,235", "red", "bought", "after", "not", "981", "Norvik", "2022.")


@settings(max_examples=1000)
@given(st.randoms(use_true_random=False))
def test_a_fabricated_quote_is_always_refused(rng: random.Random) -> None:
    words = SENTENCE.split()
    place = rng.randrange(2, len(words) - 1)
    fabricated = " ".join(
        rng.choice(
            [
                [*words[:place], rng.choice(OTHER_WORDS), *words[place:]],
                [*words[:place], rng.choice(OTHER_WORDS), *words[place + 1 :]],
                [*words[:place], *words[place + 1 :]],
                [*words[place:], *words[:place]],
                [*words[:place], words[place].swapcase() + "x", *words[place + 1 :]],
            ]
        )
    )
    forged = quote_sentences(DOCUMENT, 2, 2).model_copy(update={"text": fabricated})

    with pytest.raises(QuoteNotFound):
        quote_text(DOCUMENT, fabricated)
    assert check_quote(forged, DOCUMENT.text) != "valid"


@given(st.text(min_size=1, max_size=200), st.data())
def test_every_span_of_a_text_can_be_quoted_and_is_valid(text: str, data: st.DataObject) -> None:
    document = document_of(f"{text} end", media="text")
    start = data.draw(st.integers(0, len(document.text) - 1))
    literal = document.text[start : data.draw(st.integers(start + 1, len(document.text)))]

    if literal.split():
        assert check_quote(quote_text(document, literal), document.text) == "valid"
