"""The form under which names are looked up, and values that are numbers or dates."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.verification.knowledge.names import Relating, compare_values, local_name, normalise, sorted_words


@given(st.text(max_size=60))
def test_a_normal_form_is_normal(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(min_size=1, max_size=60).filter(lambda text: bool(text.replace("\0", " ").strip())))
def test_no_name_becomes_empty(text: str) -> None:
    assert normalise(text)


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=6), st.randoms())
def test_the_order_of_words_does_not_matter_when_they_are_sorted(words: list[str], chance: random.Random) -> None:
    mixed = list(words)
    chance.shuffle(mixed)
    assert sorted_words(" ".join(mixed)) == sorted_words(" ".join(words))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("U.S.A.", "USA"),
        ("Marie  CURIE", "marie curie"),
        ("O\u2019Hara", "O'Hara"),
        ("Curie, Marie", "curie marie"),
        ("\uff34okyo", "Tokyo"),
        ("Stra\u00dfe", "STRASSE"),
        ("place_of_birth", "place of birth"),
    ],
)
def test_spellings_of_one_name_are_equal(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"), [("3.5", "35"), ("-5", "5"), ("C#", "C"), ("C++", "C"), ("1990-1991", "19901991"), ("???", "!!")]
)
def test_names_that_differ_in_a_sign_with_meaning_stay_apart(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize(
    ("one", "other", "relating"),
    [
        ("1879", "1879-03-14", "coarser"),
        ("1879-03-14", "1879-03", "finer"),
        ("1879-03-14", "1880-03-14", "other"),
        ("1,000", "1000.0", "same"),
        ("1000", "1001", "other"),
        ("Ulm", "Bern", "unlike"),
        ("1" * 5000, "2", "unlike"),
    ],
)
def test_values_are_compared_by_what_they_mean(one: str, other: str, relating: Relating) -> None:
    assert compare_values(one, other) == relating


def test_the_end_of_an_iri_is_its_name() -> None:
    assert local_name("http://example.org/ontology#birthPlace") == "birth Place"
    assert local_name("http://example.org/resource/New_York/") == "New York"
