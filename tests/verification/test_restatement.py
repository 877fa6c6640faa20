# ruff: noqa: RUF001 - punctuation of Chinese text is what is tested
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.verification.restatement import gives_value, repeats_beginning, restates, states_nothing

CITED = (
    "The Treaty of Rome (signed in 1957) created the European Economic Community. "
    "The North plant made 1,234 valves; the South plant made 980 pumps. "
    "It was enlarged later. Is Acme older than Norvik?"
)


@pytest.mark.parametrize(
    "statement",
    [
        "The Treaty of Rome (signed in 1957) created the European Economic Community.",
        "the treaty of Rome created the European Economic Community",
        "North plant made 1234 valves.",
        "The South plant made 980 pumps",
    ],
)
def test_a_whole_sentence_or_clause_said_again_passes(statement: str) -> None:
    assert restates(statement, CITED).passed is True


@pytest.mark.parametrize(
    "statement",
    [
        "The Treaty of Rome abolished the European Economic Community.",
        "The European Economic Community created the Treaty of Rome.",
        "The Treaty of Rome created the Community.",
        "The North plant made 980 valves.",
        "The North plant made no 1,234 valves",
        "It was enlarged later.",
        "Acme is older than Norvik",
        "Is Acme older than Norvik?",
        "",
        "Yes",
    ],
)
def test_everything_else_is_undecided_and_never_failed(statement: str) -> None:
    assert restates(statement, CITED).passed is None


def test_chinese_sentences_are_compared_across_line_breaks() -> None:
    assert restates("该图书馆建于1921年，藏书40万册", "图书馆简介\n\n该图书馆建于1921年，藏书\n40万册。").passed is None
    assert restates("图书馆建于1921年，藏书40万册", "图书馆建于1921年，藏书\n40万册。").passed is True


SENTENCE = "North plant in Sundal made 1234 green valves before Otto Falk sold 980 old pumps to Lina Berg"
OTHER_WORDS = ("never", "South", "1235", "red", "bought", "after", "not", "981", "Norvik")


@settings(max_examples=1000, deadline=None)
@given(st.randoms(use_true_random=False))
def test_an_altered_sentence_never_passes(rng: random.Random) -> None:
    words = SENTENCE.split()
    place = rng.randrange(len(words))
    altered = rng.choice(
        [
            [*words[:place], rng.choice(OTHER_WORDS), *words[place:]],
            [*words[:place], rng.choice(OTHER_WORDS), *words[place + 1 :]],
            [*words[: max(place, 1)], *words[max(place, 1) + 1 :]],
            [words[(index + max(place, 1)) % len(words)] for index in range(len(words))],
        ]
    )

    assert restates(" ".join(altered), SENTENCE + ".").passed is None


@pytest.mark.parametrize(
    ("answer", "question", "cited", "title"),
    [
        ("1957", "When was the Treaty of Rome signed?", "The Treaty of Rome was signed in 1957.", ""),
        (
            "25 March 1957",
            "When was the Treaty of Rome signed?",
            "The Treaty was signed on 25 March 1957.",
            "Treaty of Rome",
        ),
        ("96 metres", "How high is the tower?", "The tower has a height of 96 metres, its base is 30 metres wide.", ""),
        ("3.8", "What is the minimum supported version?", "The minimum supported version is 3.8, 4.1 is beta.", ""),
        ("357公里", "铁路全长多少公里？", "铁路全长357公里，1991年通车。", ""),
        ("1991年", "铁路哪一年通车？", "铁路全长357公里，1991年通车。", ""),
    ],
)
def test_the_only_value_of_a_sentence_answers_a_question_for_it(
    answer: str, question: str, cited: str, title: str
) -> None:
    assert gives_value(answer, question, cited, title).passed is True


@pytest.mark.parametrize(
    ("answer", "question", "cited"),
    [
        ("5 million", "What was the price of Acme's profit?", "The price of Acme's sales was 5 million."),
        ("5 million", "How much profit did Acme make?", "Acme made sales of 5 million."),
        ("300 metres", "How high is the tower?", "The tower spans 300 metres."),
        ("30 metres", "How high is the tower?", "The tower has a height of 96 metres, its base is 30 metres wide."),
        ("3.10", "Which version is the minimum?", "Version 3.10 is unsupported, the minimum version is 3.8."),
        ("1957", "How many members did the Treaty of Rome have?", "The Treaty of Rome had members in 1957."),
        ("6", "When was the Treaty of Rome signed?", "The Treaty of Rome was signed by 6 states."),
        ("500", "How many employees does Acme have?", "Acme expected to have 500 employees."),
        ("500", "How many employees does Acme have?", "Acme does not have 500 employees."),
        ("in 2020", "In which year did sales reach 7?", "Sales went from 5 in 2019 to reach 7 in 2020."),
        ("Rome", "Which city signed the treaty?", "The city of Rome signed the treaty."),
        ("yes", "Were there 5 wheels? How many?", "There were 5 wheels."),
    ],
    ids=[
        "other thing", "sales for profit", "span for height", "width for height", "swapped versions",
        "a year for a count", "a count for a year", "expected", "denied", "two years in one clause", "a name", "a yes",
    ],
)  # fmt: skip
def test_near_misses_are_undecided(answer: str, question: str, cited: str) -> None:
    assert gives_value(answer, question, cited).passed is None


@pytest.mark.parametrize(
    ("statement", "cited"),
    [
        ("The drug is approved for children.", "The drug is (not yet) approved for children."),
        ("Users can export PDF files.", "- [ ] Users can export PDF files."),
        ("Plumbline supports Windows machines.", "| Plumbline supports Windows machines | \u2717 |"),
        ("Plumbline supports Windows machines.", "Plumbline supports Windows machines: \u274c"),
        ("Plumbline supports Windows machines.", "Plumbline supports Windows machines (planned)."),
        ("Alcohol is sold here.", "Alcohol is sold here (except to minors)."),
        ("The temperature is 5 degrees.", "The temperature is \u20135 degrees."),
        ("The temperature is 5 degrees.", "The temperature is - 5 degrees."),
        ("The sum is x + y.", "The sum is x - y."),
        ("The earth is flat.", "The earth is flat?!"),
        (
            "The ball is large and green.",
            "None of this is true: the box is red; the ball is large and green; all is well.",
        ),
    ],
)
def test_what_turns_a_sentence_around_is_not_left_out(statement: str, cited: str) -> None:
    assert restates(statement, cited).passed is None


@pytest.mark.parametrize("cited", ["It was minus 5 degrees in Oslo.", "It was \u20135 degrees in Oslo."])
def test_a_value_below_zero_is_no_answer_above_it(cited: str) -> None:
    assert gives_value("5 degrees", "How many degrees was it in Oslo?", cited).passed is not True


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("The bridge was opened in 1990.", "The bridge was opened in 1990 and closed in 2003."),
        ("The bridge was opened in 1990.", "The bridge (of iron) was opened in 1990, which made the town rich."),
        ("南磨坊位于河边。", "南磨坊位于河边，建于1874年。"),
    ],
)
def test_the_beginning_of_a_sentence_up_to_its_next_clause_passes(statement: str, sentence: str) -> None:
    assert repeats_beginning(statement, sentence).passed is True


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("The bridge was closed in 2003.", "The bridge was opened in 1990 and closed in 2003."),
        ("The bridge was opened.", "The bridge was opened in 1990 and closed in 2003."),
        ("It was opened in 1990.", "It was opened in 1990 and closed in 2003."),
        ("Nobody can be rich.", "Nobody can be rich and loved by all."),
        ("The law bans drinking.", "The law bans drinking and driving."),
        ("The bridge opens in 2030.", "The bridge opens in 2030, and only if it is paid."),
        ("The bridge opens in 2030.", "The bridge opens in 2030, say its friends."),
        ("The bridge opens in 2030.", "The bridge opens in 2030 and was it closed before?"),
        ("南磨坊位于河边。", "南磨坊位于河边，有人误传。"),
        ("地球は平らだ。", "地球は平らだ，と彼は述べた。"),
    ],
)
def test_what_may_be_taken_back_does_not_pass_as_a_beginning(statement: str, sentence: str) -> None:
    assert repeats_beginning(statement, sentence).passed is None


def test_questions_and_open_tasks_state_nothing() -> None:
    assert states_nothing("Is it safe? 安全吗？\n\n- [ ] Repair the bridge.")
    assert not states_nothing("Is it safe? It is.")
