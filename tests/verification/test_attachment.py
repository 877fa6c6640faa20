# ruff: noqa: RUF001 - punctuation of Chinese text is what is tested
import pytest

from agent.verification.attachment import swapped

PYTHON = "3.10 is no longer supported, the minimum is 3.8"
CURIE = "Marie Curie won the Nobel Prize in Physics in 1903 and the Nobel Prize in Chemistry in 1911."


@pytest.mark.parametrize(
    ("statement", "cited", "question"),
    [
        ("3.8", PYTHON, "What is the minimum version?"),
        ("North made 1,200", "North 1200\nSouth 900", ""),
        ("357公里", "全长357公里，共有50个车站", "全长多少？"),
        ("Python 3.12 came out in 2023.", "Python 3.12 was released on 2 October 2023.", ""),
        ("5 wheels", "It has 5 wheels.", ""),
        ("no number at all", "It has 5 wheels.", ""),
    ],
)
def test_a_number_beside_its_own_words_passes(statement: str, cited: str, question: str) -> None:
    assert swapped(statement, cited, question).passed is True


@pytest.mark.parametrize(
    ("statement", "cited", "question", "rival"),
    [
        ("3.10", PYTHON, "What is the minimum version?", "3.8"),
        ("The minimum is 3.10 and 3.8 is no longer supported.", PYTHON, "", "3.8"),
        ("South made 1,200", "North 1200\nSouth 900", "", "900"),
        ("50公里", "全长357公里，共有50个车站", "全长多少？", "357"),
        ("5", "Sales were 5. Profit was 3.", "What was the profit?", "3"),
    ],
)
def test_a_number_beside_the_words_of_another_fails_naming_it(
    statement: str, cited: str, question: str, rival: str
) -> None:
    finding = swapped(statement, cited, question)

    assert finding.passed is False
    assert finding.detail.endswith(f"stand beside {rival}")


@pytest.mark.parametrize(
    ("statement", "cited"),
    [
        ("Curie won the Nobel Prize in Chemistry in 1903", CURIE),
        ("Curie won the Nobel Prize in Chemistry in 1911", CURIE),
        ("It was 7 in 2020", "It rose from 5 in 2019 to 7 in 2020"),
    ],
)
def test_values_that_clauses_do_not_tell_apart_are_undecided(statement: str, cited: str) -> None:
    assert swapped(statement, cited).passed is None


def test_numbers_of_different_kinds_are_no_rivals() -> None:
    assert swapped("It grew by 5% in 2021", "Growth: 5%. In 2021 there were 12 people.").passed is True
