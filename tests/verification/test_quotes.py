import pytest

from agent.domain.evidence import Quote
from agent.verification.quotes import check_quote
from tests.verification.builders import quote_of

TEXT = "First comes a line.\nThe tower is 96 metres high.\nThen comes the last line of the page."
QUOTED = "The tower is 96 metres high."


def test_a_quote_of_the_stored_text_is_valid() -> None:
    assert check_quote(quote_of(TEXT, QUOTED), TEXT) == "valid"


def test_the_same_words_at_another_place_have_moved() -> None:
    assert check_quote(quote_of(TEXT, QUOTED), "A new line. " + TEXT) == "moved"


def test_the_same_place_in_another_text_has_moved_too() -> None:
    assert check_quote(quote_of(TEXT, QUOTED), TEXT + " One more.") == "moved"


def test_other_words_between_the_same_neighbours_have_changed() -> None:
    assert check_quote(quote_of(TEXT, QUOTED), TEXT.replace("96", "97")) == "changed"


def test_a_text_without_quote_and_neighbours_has_none_of_it() -> None:
    assert check_quote(quote_of(TEXT, QUOTED), "Something else altogether.") == "gone"


@pytest.mark.parametrize(
    "change",
    [
        {"text": "The tower is 97 metres high."},
        {"start": 21},
        {"end": 47},
        {"prefix": "never there"},
        {"suffix": "never there"},
    ],
)
def test_a_quote_that_was_tampered_with_is_not_valid(change: dict[str, object]) -> None:
    quote = Quote.model_validate(quote_of(TEXT, QUOTED).model_dump() | change)

    assert check_quote(quote, TEXT) != "valid"
