"""What becomes of a quote: in the text it was taken from, and in a page that has moved on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.browsing.quotes import quote_text
from agent.browsing.testing import page_of
from agent.browsing.verifying import SHORT, Verification, check_kept, check_now, checked, distinct
from agent.domain.evidence import Quote

TEXT = (
    "The north plant has 12 valves in its cooling loop. Each valve is checked every 30 days. "
    "The south plant was closed in 1999 and its 1,234 parts were sold. 南厂在1999年关闭。设备已出售。 End of the page."
)
PAGE = page_of(TEXT)


def quote(literal: str) -> Quote:
    return quote_text(PAGE, literal, evidence_id="E1")


LONG = quote("Each valve is checked every 30 days.")
NUMBER = quote("12")
CHINESE = quote("南厂在1999年关闭")


@pytest.mark.parametrize("taken", [LONG, NUMBER, CHINESE, quote(TEXT)])
def test_a_quote_of_the_kept_text_is_valid(taken: Quote) -> None:
    found = check_kept(taken, TEXT)

    assert (found.state, found.found_at) == ("valid", taken.start)
    assert check_now(taken, TEXT).state == "valid"


@pytest.mark.parametrize(
    "forged",
    [
        {"text": "Each valve is checked every 31 days."},
        {"text": "Each valve is checked every 30 day"},
        {"start": LONG.start + 1, "end": LONG.end + 1},
        {"start": 10_000, "end": 10_000 + len(LONG.text)},
        {"end": LONG.end + 5},
        {"prefix": "something else "},
        {"suffix": " something else"},
        {"text": "", "end": LONG.start + 1},
    ],
)
def test_a_quote_that_is_not_at_its_place_is_changed(forged: dict[str, object]) -> None:
    assert check_kept(LONG.model_copy(update=forged), TEXT).state == "changed"


def test_a_kept_text_that_is_missing_or_another_one_is_told() -> None:
    assert check_kept(LONG, None).state == "gone"
    other = check_kept(LONG, f"{TEXT} More.")
    assert (other.state, "hash" in other.detail) == ("changed", True)


@pytest.mark.parametrize(
    ("taken", "now", "state"),
    [
        # the page has changed, though not here
        (LONG, TEXT.replace("End of the page.", "The end."), "valid"),
        (LONG, TEXT.replace("12 valves", "14 valves").replace("The south", "The other"), "valid"),
        (LONG, f"News! {TEXT}", "moved"),
        (LONG, f"News!\n{TEXT.replace(' ', chr(10))}", "moved"),
        (LONG, "Each valve is checked every 30 days.", "moved"),
        (LONG, TEXT.replace("30 days", "60 days"), "changed"),
        (LONG, TEXT.replace("Each valve is checked every 30 days. ", ""), "changed"),
        (LONG, "A page about something else.", "gone"),
        (LONG, "", "gone"),
        (NUMBER, f"News! {TEXT}", "moved"),
        (NUMBER, TEXT.replace("12 valves", "14 valves"), "changed"),
        (CHINESE, TEXT.replace("1999年", "2001年"), "changed"),
        (CHINESE, f"新闻。{TEXT}", "moved"),
    ],
)
def test_a_quote_is_looked_for_in_the_page_as_it_is_now(taken: Quote, now: str, state: str) -> None:
    found = check_now(taken, now)

    assert found.state == state, found
    if found.found_at is not None:
        assert "".join(now[found.found_at :].split()).startswith("".join(taken.text.split()))


def test_what_stands_in_its_place_now_is_shown() -> None:
    assert check_now(LONG, TEXT.replace("30 days", "60 days")).now == "Each valve is checked every 60 days."
    assert check_now(NUMBER, TEXT.replace("12 valves", "fourteen valves")).now == "fourteen"


def test_a_number_that_grew_at_its_place_is_not_the_same_number() -> None:
    assert check_now(NUMBER, TEXT.replace("12 valves", "120 valves")).state == "changed"


def test_a_short_quote_at_its_place_on_another_page_is_told_in_words_that_are_true() -> None:
    now = f"{'x' * (NUMBER.start - 1)} 12 doors of a shop."
    found = check_now(NUMBER, now)

    assert (found.state, "at its place" in found.detail, "12 doors" in found.now) == ("changed", True, True)
    elsewhere = check_now(NUMBER, "The shop has 12 doors.")
    assert (elsewhere.state, "elsewhere" in elsewhere.detail) == ("gone", True)
    beside = check_now(NUMBER, TEXT.replace("valves", "pumps").replace("The north", "Any north"))
    assert (beside.state, beside.found_at) == ("valid", NUMBER.start)


@pytest.mark.parametrize("now", ["The shop has 12 doors.", "There are 1,200 or 12.5 of 4112."])
def test_a_short_quote_elsewhere_on_another_page_is_not_the_same_quote(now: str) -> None:
    assert len(NUMBER.text) < SHORT
    assert check_now(NUMBER, now).state == "gone"


def test_a_number_inside_another_number_is_not_found_again() -> None:
    taken = quote("1,234")

    assert check_now(taken, TEXT.replace("1,234", "51,234.5")).state == "changed"


def test_of_several_places_the_one_between_its_neighbours_counts() -> None:
    before = "Somewhere else: Each valve is checked every 30 days. Then more. "

    found = check_now(LONG, before + TEXT)

    assert (found.state, found.found_at) == ("moved", LONG.start + len(before))


@given(added=st.text(max_size=80), cut=st.integers(0, len(TEXT)))
def test_no_change_of_a_page_makes_a_quote_good_whose_words_are_not_there(added: str, cut: int) -> None:
    now = TEXT[:cut] + added + TEXT[cut:]

    found = check_now(LONG, now)

    there = "".join(LONG.text.split()) in "".join(now.split())
    assert there or found.state not in ("valid", "moved")


def test_the_same_span_is_looked_at_once() -> None:
    again = LONG.model_copy(update={"id": "other"})

    assert distinct([LONG, again, NUMBER]) == (LONG, NUMBER)


def test_a_verification_is_good_when_all_could_be_looked_at_and_stand() -> None:
    def of(*states: str, notes: tuple[str, ...] = ()) -> Verification:
        checks = tuple(checked(LONG, state) for state in states)  # type: ignore[arg-type]
        return Verification(run_id="r", refetched=True, checks=checks, notes=notes)

    assert of("valid", "moved").good
    assert of().good
    assert of("valid", "moved").counts == {"valid": 1, "moved": 1}
    for bad in ("changed", "gone", "unchecked"):
        assert not of("valid", bad).good
    assert not of("valid", notes=("The sessions cannot be put together again",)).good
