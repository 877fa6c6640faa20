# ruff: noqa: RUF001 - Chinese punctuation is meant
import re

from hypothesis import given
from hypothesis import strategies as st

from agent.browsing.synthesis.references import add_references

QUOTES = ("图书馆建于1921年，位于市中心。", "博物馆有十二个展厅，周一闭馆。")


def test_each_sentence_is_given_the_quote_that_has_most_of_it() -> None:
    answer = "图书馆建于1921年。博物馆有十二个展厅；天气很好！"

    assert (
        add_references(answer, QUOTES, style="webcpm") == "图书馆建于1921年。【1】博物馆有十二个展厅；【2】天气很好！"
    )


def test_of_neighbours_with_the_same_reference_the_last_one_shows_it() -> None:
    assert (
        add_references("图书馆建于1921年；它位于市中心。", QUOTES, style="webcpm")
        == "图书馆建于1921年；它位于市中心。【1】"
    )
    assert add_references("图书馆建于1921年。天气很好。图书馆位于市中心。", QUOTES, style="webcpm") == (
        "图书馆建于1921年。【1】天气很好。图书馆位于市中心。【1】"
    )


def test_more_than_45_of_a_hundred_characters_must_stand_in_the_quote_in_order() -> None:
    quote = "abcdefghi"

    assert add_references("abcdefghi" + "x" * 11, [quote], style="webcpm") == "abcdefghi" + "x" * 11
    assert add_references("abcdefghi" + "x" * 10, [quote], style="webcpm") == "abcdefghi" + "x" * 10 + "【1】"


def test_english_sentences_end_at_full_stops_and_are_numbered_in_square_brackets() -> None:
    quotes = ["The bridge was opened in 1990.", "Cheese is sold on Mondays."]

    assert add_references("The bridge was opened in 1990. Cheese is sold on Mondays.", quotes) == (
        "The bridge was opened in 1990.[1] Cheese is sold on Mondays.[2]"
    )


@given(
    st.text(alphabet="图书馆ab 。；.\n…”", max_size=60),
    st.lists(st.text(alphabet="图书馆ab。", max_size=20), max_size=3),
)
def test_references_are_all_that_is_added(answer: str, quotes: list[str]) -> None:
    marked = add_references(answer, quotes, style="webcpm")

    assert re.sub("【[0-9]+】", "", marked) == answer
    assert {int(number) for number in re.findall("【([0-9]+)】", marked)} <= set(range(1, len(quotes) + 1))
