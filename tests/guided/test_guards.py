"""Each guard looks for one way in which a small model goes wrong."""

import pytest

from agent.execution.guided import guards


@pytest.mark.parametrize(
    ("question", "answer", "fits"),
    [
        ("How many rooms are there?", "58", True),
        ("How many rooms are there?", "the garden", False),
        ("How much is the entry?", "free", True),
        ("When was it built?", "in March", True),
        ("When was it built?", "Thomas Ardmore", False),
        ("Who built it?", "Thomas Ardmore", True),
        ("Who built it?", "1854", False),
    ],
)
def test_the_answer_must_be_of_the_kind_the_question_word_asks_for(question: str, answer: str, fits: bool) -> None:
    assert guards.kind_fits(question, answer).passed is fits


@pytest.mark.parametrize(
    ("word", "question"),
    [
        ("stornhaven", "How tall is the tower at Stornhaven?"),
        ("2015", "Who was the chief in 2015?"),
        ("largest", "What is the largest download?"),
        ("height", "What is the height of the bridge?"),
        ("scan", "What is scan_interval?"),
    ],
)
def test_names_numbers_limits_and_dimensions_have_no_paraphrase(word: str, question: str) -> None:
    assert word in guards.hard_words(question, (word,))


def test_a_common_verb_may_be_paraphrased() -> None:
    assert guards.hard_words("Which company developed the server?", ("developed",)) == ()


def test_up_to_is_a_maximum() -> None:
    assert guards.with_limits("It carries up to 6 kilograms.").endswith("maximum")


def test_rivals_are_the_other_values_with_their_units() -> None:
    sentence = "At most 250 clients can connect in the free edition, and 4,000 in the enterprise edition."

    assert guards.rivals("4,000", sentence, "How many clients in the enterprise edition?") == ("250 clients",)


def test_a_value_of_the_question_is_no_rival() -> None:
    sentence = "Sales rose to 412 million euros, up from 388 million euros in 2022."

    assert guards.rivals("388 million euros", sentence, "What were the sales in 2022?") == ("412 million euros",)


def test_a_clause_tells_whose_value_it_is() -> None:
    sentence = "Poland had a share of 44 percent, followed by Germany with 23 percent."

    assert guards.clause_tells("What was the share of Germany?", "23 percent", ("44 percent",), sentence)
    assert not guards.clause_tells("What was the share of Germany?", "44 percent", ("23 percent",), sentence)


def test_without_a_name_any_word_of_the_question_tells() -> None:
    sentence = "A sweater costs 18 pounds and a tie 7 pounds."

    assert guards.clause_tells("What is the price of a tie?", "7 pounds", ("18 pounds",), sentence)
    assert not guards.clause_tells("What is the price of a tie?", "18 pounds", ("7 pounds",), sentence)


def test_values_in_respective_order_tell_nothing() -> None:
    sentence = "A sweater and a tie cost 18 pounds and 7 pounds respectively."

    assert not guards.clause_tells("What is the price of a tie?", "7 pounds", ("18 pounds",), sentence)


def test_a_magnitude_belongs_to_its_number() -> None:
    assert guards.whole_value("412", "Sales rose to 412 million euros.") == "412 million"


@pytest.mark.parametrize(
    ("question", "answer", "sentence", "fits"),
    [
        ("How large may an upload be?", "8 GB", "An upload may not be larger than 8 GB.", True),
        ("Which cards are accepted?", "credit cards", "Debit cards are fine; credit cards are not accepted.", False),
        ("Which cards are not accepted?", "credit cards", "Debit cards are fine; credit cards are not accepted.", True),
    ],
)
def test_a_denial_fits_only_a_question_that_denies(question: str, answer: str, sentence: str, fits: bool) -> None:
    assert guards.negation_fits(question, answer, sentence).passed is fits


@pytest.mark.parametrize(
    ("question", "answer", "whole"),
    [
        ("Which systems does it run on?", "Linux", False),
        ("Which systems does it run on?", "Linux, macOS and Windows", True),
        ("Which system does it run on?", "Linux", True),
    ],
)
def test_a_question_in_the_plural_wants_the_whole_list(question: str, answer: str, whole: bool) -> None:
    sentence = "It runs on Linux, macOS and Windows."

    assert guards.list_is_whole(question, answer, sentence).passed is whole


@pytest.mark.parametrize(
    ("question", "answer", "sentence", "reverse"),
    [
        (
            "Who succeeded Otto Lie?",
            "Ida Brun",
            "Ida Brun succeeded Otto Lie.",
            ("Who succeeded Ida Brun?", "Otto Lie"),
        ),
        (
            "When did it move from Redis to MySQL?",
            "2020",
            "It moved from Redis to MySQL in 2020.",
            ("When did it move from MySQL to Redis?", "2020"),
        ),
        ("When was it built?", "1854", "It was built in 1854.", None),
    ],
)
def test_what_can_be_read_the_wrong_way_round_is_turned_round(
    question: str, answer: str, sentence: str, reverse: tuple[str, str] | None
) -> None:
    assert guards.turned_round(question, answer, sentence) == reverse
