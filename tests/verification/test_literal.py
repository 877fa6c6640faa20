# ruff: noqa: RUF001 - punctuation of Chinese text is what is tested
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.verification.literal import coverage, literal


@pytest.mark.parametrize(
    ("answer", "cited", "question"),
    [
        ("four", "It has 4 wheels.", "How many?"),
        ("1,234", "It has 1234 wheels.", "How many?"),
        ("wheels", "It has one wheel.", "What?"),
        ("5", "It has 5 per cent fat.", "How many percent?"),
        ("Acme was founded in 1957", "The founding year is 1957.", "When was Acme founded?"),
        ("北京", "首都为北京市", "中国首都是哪里？"),
        ("中国首都北京", "首都为北京市", "中国首都是哪里？"),
    ],
)
def test_an_answer_passes_when_the_text_and_the_question_have_all_its_words(
    answer: str, cited: str, question: str
) -> None:
    assert literal(answer, cited, question).passed is True


@pytest.mark.parametrize(
    ("answer", "cited", "question", "missing"),
    [
        ("5 wheels", "It has 4 wheels.", "", "5"),
        ("5", "It has 5% fat.", "How much?", "5"),
        ("5", "It cost 5 million.", "How much?", "5"),
        ("3.1", "Version 3.10 is out.", "", "3.1"),
        ("in 1957", "It was founded then.", "What happened in 1957?", "1957"),
        ("not red", "It is red.", "", "not"),
        ("before 1957", "It ended after 1957.", "", "before"),
        ("profit of 5", "Sales were 5.", "", "profit"),
        ("上海", "首都为北京市", "首都是哪里？", "上海"),
    ],
)
def test_an_answer_fails_naming_what_the_text_lacks(answer: str, cited: str, question: str, missing: str) -> None:
    finding = literal(answer, cited, question)

    assert finding.passed is False
    assert finding.detail == f"not in the cited text: {missing}"


@pytest.mark.parametrize("answer", ["Yes", "No.", "yes, it is", "True", "是的", "不是"])
def test_a_yes_or_no_never_passes(answer: str) -> None:
    assert literal(answer, "Yes, no, true, it is. 是的，不是。", "Is it?").passed is None


def test_a_no_inside_a_statement_is_an_ordinary_word() -> None:
    assert literal("no wheels", "It has no wheels.").passed is True


def test_an_answer_that_only_repeats_the_question_fails() -> None:
    assert literal("the Treaty of Rome", "The Treaty of Rome is old.", "What is the Treaty of Rome?").passed is False


def test_an_answer_without_words_fails() -> None:
    assert literal("...", "Anything.").passed is False


SENTENCE = "The North plant made 1234 valves in 2021 and 980 pumps in 2022"


@given(st.integers(min_value=0, max_value=10**6))
def test_a_number_that_is_not_in_the_text_never_passes(number: int) -> None:
    assert literal(f"{number} valves", SENTENCE).passed is (str(number) in SENTENCE.split())


@given(st.lists(st.sampled_from(SENTENCE.split()), min_size=1).map(" ".join))
def test_words_of_the_text_are_never_called_missing(answer: str) -> None:
    assert "not in the cited text" not in literal(answer, SENTENCE).detail


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_the_check_never_fails_to_answer(answer: str, cited: str, question: str) -> None:
    assert literal(answer, cited, question).method == "literal"


@pytest.mark.parametrize(
    ("question", "cited", "context", "missing"),
    [
        ("What was Acme's profit in 2020?", "Acme had sales of 5 million in 2020.", "", ("profit",)),
        ("What was Acme's profit in 2020?", "The profit was 5 million in 2020.", "Acme annual report", ()),
        ("How tall is the tower?", "The tower has a height of 5 m.", "", ()),
        ("How tall is the tower?", "The bridge spans 5 m.", "Tower", ("tall",)),
        ("When was it released?", "The release took place in May.", "", ()),
        ("How many employees does it have in 2021?", "It has 12 employees.", "", ("2021",)),
        ("广茂铁路何时通车？", "广茂铁路全长357公里", "", ("通车",)),
        ("铁路全长多少公里？", "全长357公里", "广茂铁路", ()),
    ],
)
def test_coverage_names_the_words_of_the_question_that_are_nowhere(
    question: str, cited: str, context: str, missing: tuple[str, ...]
) -> None:
    assert coverage(question, cited, context) == missing


@pytest.mark.parametrize("cited", ["It began on 1999-1-2.", "It began on 0000-0-0."])
def test_the_year_of_a_date_counts_as_a_number_of_the_text(cited: str) -> None:
    assert literal(cited[12:16], cited).passed is True
