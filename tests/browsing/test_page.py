# ruff: noqa: RUF001 - punctuation of Chinese text is what is tested
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agent.browsing.page import LONGEST_SENTENCE, Page, window_at, window_text, windows
from agent.browsing.testing import page_of

CHINESE = "该图书馆建于1921年，藏书约40万册。" * 60
HEBREW = "הספרייה נוסדה בשנת 1921. יש בה ארבעים אלף ספרים. " * 40
LONG = "word " * 400 + "end."


@pytest.mark.parametrize("text", [CHINESE, HEBREW, LONG, "字" * 3000, "a" * 3000, "👩‍👩‍👧" * 500])
@pytest.mark.parametrize("characters", [LONGEST_SENTENCE, 500, 1500])
def test_windows_are_whole_sentences_within_the_limit_and_leave_nothing_out(text: str, characters: int) -> None:
    page = page_of(text)
    cut = windows(page, characters)

    assert all(window.end - window.start <= characters for window in cut)
    starts, ends = {s.start for s in page.sentences}, {s.end for s in page.sentences}
    assert all(window.start in starts and window.end in ends for window in cut)
    assert [w.first for w in cut] == [1, *(w.last + 1 for w in cut[:-1])]
    assert "".join("".join(window_text(page, window) for window in cut).split()) == "".join(text.split())


@given(st.text(max_size=3000))
def test_any_text_makes_a_page_that_can_be_read_through_windows(text: str) -> None:
    page = page_of(text)
    cut = windows(page, 500)

    assert "".join("".join(window_text(page, w) for w in cut).split()) == "".join(page.text.split())
    assert Page.model_validate_json(page.model_dump_json()) == page


@pytest.mark.parametrize("text", [None, "", " \n "])
def test_a_page_without_text_has_no_windows(text: str | None) -> None:
    page = page_of(text)

    assert windows(page, 500) == ()
    assert window_at((), 10) == 0


def test_a_page_whose_hash_or_sentences_do_not_fit_its_text_is_refused() -> None:
    data = page_of("One. Two.").model_dump()

    for forged in ({"text": "One. 2wo."}, {"sentences": [(0, 4), (3, 9)]}, {"sentences": [(0, 99)]}):
        with pytest.raises(ValidationError):
            Page.model_validate({**data, **forged})


def test_surrogates_are_joined_or_replaced_and_never_cut() -> None:
    """WebCPM's fixed slices cut surrogate pairs in two."""
    page = page_of("a \ud83d\ude00 b \ud83d c\r\nd\x00.", title="t \udc00")

    assert page.text == "a \U0001f600 b \ufffd c\nd."
    assert page.title == "t \ufffd"
    assert Page.model_validate_json(page.model_dump_json()) == page
