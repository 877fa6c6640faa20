# ruff: noqa: RUF001 - punctuation of Chinese text is what is tested
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.verification.words import features, number_value, singular, tokens
from tests.endings import ends


def numbers(text: str) -> list[str]:
    return [token.text for token in tokens(text) if token.kind == "number"]


def words(text: str) -> list[str]:
    return [token.text for token in tokens(text) if token.kind == "word"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.50", ["1234.50"]),
        ("1\u202f234 and 1'234", ["1234", "1234"]),
        ("four twenty-one zero", ["4", "21", "0"]),
        ("5 million, five million, 1.2 billion", ["5000000", "5000000", "1200000000"]),
        ("5%, 5 %, 5 per cent, five percent", ["5%"] * 4),
        ("3.5亿元和2万人", ["350000000", "20000"]),
        ("v1.2.3, 3.10 and 3.1", ["1.2.3", "3.10", "3.1"]),
        ("2023-10-02 at 12:30", ["2023-10-02", "12:30"]),
        ("2 October 2023", ["2", "2023"]),
        ("1990-1995 and 1990\u20131995", ["1990", "1995", "1990", "1995"]),
        ("-5, \u22127 and 3 - 2", ["-5", "-7", "3", "2"]),
        ("third, 3rd", ["3rd", "3rd"]),
        ("the 1990s", ["1990s"]),
        ("10km in a320", ["10"]),
        ("１２３", ["123"]),
        ("one of them, no one", []),
        ("1e3 and .05", ["1000", "0.05"]),
        ("[1, 2]", ["1", "2"]),
    ],
)
def test_numbers_have_one_form(text: str, expected: list[str]) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme's", ["acme"]),
        ("don\u2019t can't cannot won't", ["do", "not", "can", "not", "can", "not", "will", "not"]),
        ("U.S.", ["us"]),
        ("C++ and C#", ["c++", "and", "c#"]),
        ("os.path_join", ["os", "path", "join"]),
        ("\u20ac", ["euro"]),
        ("stra\u00dfe", ["strasse"]),
    ],
)
def test_words_have_one_form(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("plural", "expected"),
    [
        ("cities", "city"),
        ("wheels", "wheel"),
        ("glass", "glass"),
        ("virus", "virus"),
        ("gas", "gas"),
        ("houses", "house"),
    ],
)
def test_plural_endings_are_taken_off(plural: str, expected: str) -> None:
    assert singular(plural) == expected


def test_a_fraction_of_zeros_says_nothing_and_other_zeros_may_be_a_version() -> None:
    assert [number_value(text) for text in ("12.0", "12", "3.10", "1e3", "2023-10-02")] == [
        "12",
        "12",
        "3.10",
        "1000",
        "2023-10-02",
    ]


def test_features_leave_out_stop_words_and_pair_chinese_characters() -> None:
    assert features(tokens("the wheels of 北京市 in 1999")) == {"wheel", "北京", "京市", "1999"}


# some spaces count as thousands separators, which folding their width first would hide
@given(st.text(st.characters(exclude_characters="\u00a0\u202f\u2009"), max_size=200))
def test_tokens_do_not_depend_on_width(text: str) -> None:
    assert tokens(text) == tokens(unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize(
    "text",
    [
        "1" * 100_000,
        "111," * 25_000,
        "1.1" * 30_000,
        "a'" * 50_000,
        "-" * 100_000,
        " " * 100_000,
        "1e9" * 30_000,
        "万" * 100_000,
    ],
)
def test_a_hostile_text_is_cut_into_tokens_in_linear_time(text: str) -> None:
    with ends():
        tokens(text)


@given(st.integers(min_value=0, max_value=10**12))
def test_thousands_separators_do_not_matter(number: int) -> None:
    assert numbers(f"{number:,}") == numbers(str(number)) == [str(number)]
