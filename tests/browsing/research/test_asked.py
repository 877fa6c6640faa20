"""What a question is about is read from its wording."""

import pytest

from agent.browsing.research.asked import asked_in, has_number, is_version, queries


@pytest.mark.parametrize(
    ("question", "symbol"),
    [
        ("When was kites.Kite.land() added?", "kites.Kite.land"),
        ("Since which Kite release is wind_of there?", "wind_of"),
        ("What does fold() return?", "fold"),
        ("Which module has the class paperSheet?", "paperSheet"),
        ("kites.paper.fold是什么时候加入的\uff1f", "kites.paper.fold"),
        ("According to the Kite 2.6 manual, how long is the line?", ""),
        ("What are e.g. kites made of?", ""),
        ("What is at https://example.org/a_b.html?", ""),
    ],
)
def test_the_symbol_of_a_question(question: str, symbol: str) -> None:
    assert asked_in(question).symbol == symbol


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("When was the bridge opened?", True),
        ("How many barrels were sold?", True),
        ("Which Kite release introduced it?", True),
        ("Who designed the bridge?", False),
        ("茶厂是哪一年创办的\uff1f", True),
        ("门票多少钱\uff1f", True),
        ("茶厂是谁创办的\uff1f", False),
    ],
)
def test_whether_a_number_is_asked_for(question: str, number: bool) -> None:
    assert asked_in(question).number is number


def test_a_symbol_is_searched_by_its_parts_and_then_the_question_by_its_words() -> None:
    first, second = queries(asked_in("When was kites.Kite.land() added?"))
    assert first == "kites Kite land"
    assert second == "When was kites.Kite.land() added"


def test_asking_words_are_no_part_of_a_chinese_query() -> None:
    (query,) = queries(asked_in("青石茶厂是谁创办的\uff1f"))
    assert "谁" not in query
    assert query.startswith("青石茶厂")


def test_quoted_texts_come_before_names_and_long_names_before_short_ones() -> None:
    assert asked_in('Who wrote "The Kite" about Ines Marlow in Ely?').names == ("The Kite", "Ines Marlow", "Ely")


@pytest.mark.parametrize(
    ("text", "found"), [("in 1934", True), ("seven times", True), ("三十元", True), ("a kite", False)]
)
def test_numbers_may_be_words(text: str, found: bool) -> None:
    assert has_number(text) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2.1", True),
        ("Kite 2.1", True),
        ("version 2.1", True),
        ("v4", True),
        ("release 7", True),
        ("3.7.1b2", True),
        ("KEP 5931", False),
        ("2.1 and 2.4", False),
        ("in 1934", False),
    ],
)
def test_what_a_version_looks_like(text: str, found: bool) -> None:
    assert is_version(text) is found
